import { expect } from 'chai'
import { RecurringErrors } from '../../../context/cell'

/** So long that it never ends. */
const NEVER = 2 ** 30

describe('errors that recur', () => {
  const reports: string[] = []
  const report = (kind: string, count: number): void => void reports.push(`${count} ${kind}`)
  beforeEach(() => void reports.splice(0))

  it('are written once for each kind, and counted at the end', () => {
    const errors = new RecurringErrors(NEVER, report)
    expect(['a', 'a', 'b', 'a'].map((kind) => errors.isFirst(kind))).to.deep.equal([true, false, true, false])
    errors.end()
    expect(reports).to.deep.equal(['2 a'])
  })

  it('are counted in a line per window, and new again once there were none for a window', () => {
    const { setInterval: begin } = globalThis
    let endWindow: () => void = () => expect.fail('no window has begun')
    globalThis.setInterval = ((work: () => void) => {
      endWindow = work
      return begin(() => undefined, NEVER)
    }) as typeof setInterval
    const errors = new RecurringErrors(NEVER, report)
    try {
      const written = [errors.isFirst('a')]
      for (const recurring of [3, 1]) {
        for (let count = 0; count < recurring; count += 1) written.push(errors.isFirst('a'))
        endWindow()
      }
      expect(written.filter(Boolean)).to.have.length(1)
      expect(reports).to.deep.equal(['3 a', '1 a'])
      endWindow()
      expect(errors.isFirst('a')).to.equal(true)
    } finally {
      globalThis.setInterval = begin
      errors.end()
    }
  })

  it('of more kinds than anybody reads are counted together', () => {
    const errors = new RecurringErrors(NEVER, report)
    const first = Array.from({ length: 1000 }, (_, index) => errors.isFirst(`kind ${index}`)).filter(Boolean)
    errors.end()
    expect([first.length, reports]).to.deep.equal([60, ['940 other errors']])
  })
})
