import { expect } from 'chai'
import { format } from 'node:util'
import { Log, logOf } from '../../../context/cell'
import { EventBus } from '../../../context/cell/event-bus'
import { keepErrorLog } from '../../support/error-log'

describe('the log of a cell', () => {
  const errors = keepErrorLog()
  const { log } = console
  const printed: string[] = []
  beforeEach(() => {
    printed.length = 0
    console.log = (...values: unknown[]) => void printed.push(format(...values))
  })
  afterEach(() => {
    console.log = log
  })

  const write = (to: Log): void => {
    to.info('a', { count: 1 })
    to.warn('b')
    to.error('c\nd')
  }

  it('is plain text unless DNA says otherwise', () => {
    write(new Log())
    expect([printed, errors]).to.deep.equal([['a'], ['b', 'c\nd']])
  })

  it('is a line of JSON for each message, with level and time', () => {
    write(new Log({ level: 'info', format: 'json' }))
    const lines = [...printed, ...errors].map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(lines.map(({ level, msg, count }) => [level, msg, count])).to.deep.equal([
      ['info', 'a', 1],
      ['warn', 'b', undefined],
      ['error', 'c\nd', undefined],
    ])
    for (const line of [...printed, ...errors]) expect(line).not.to.include('\n')
    for (const { time } of lines) expect(Date.parse(String(time))).to.be.closeTo(Date.now(), 60_000)
  })

  it('has no lines below its level', () => {
    write(new Log({ level: 'warn', format: 'text' }))
    write(new Log({ level: 'error', format: 'text' }))
    expect([printed, errors]).to.deep.equal([[], ['b', 'c\nd', 'c\nd']])
  })

  it('is text on a terminal and JSON elsewhere, if its format is auto', () => {
    const { isTTY } = process.stdout
    for (const [terminal, expected] of [
      [true, 'text'],
      [false, 'json'],
    ] as const) {
      process.stdout.isTTY = terminal
      expect(new Log({ level: 'info', format: 'auto' }).format).to.equal(expected)
    }
    process.stdout.isTTY = isTTY
  })

  it('is the one that the plasma has, or a new one', () => {
    const plasma = new EventBus()
    expect(logOf(plasma).format).to.equal('text')
    const own = new Log({ level: 'info', format: 'json' })
    void plasma.store({ type: 'Log', data: own })
    expect(logOf(plasma)).to.equal(own)
  })
})
