import { expect } from 'chai'
import OldPlasma from 'organic-plasma-2'
import { emitEvent } from '../../../context/cell/chemicals'
import { EventBus } from '../../../context/cell/event-bus'
import { keepWarnings } from '../../support/warnings'

const settled = (): Promise<void> => new Promise(setImmediate)

describe('what is told on the plasma', () => {
  const warnings = keepWarnings()

  it('comes with the time, once, and as it is', () => {
    const plasma = new EventBus()
    const seen: Organic.Chemical[] = []
    plasma.on('Happened', (chemical: Organic.Chemical) => seen.push(chemical))
    const chemical = { type: 'Happened', ownerId: 'ada', actor: undefined }
    emitEvent(plasma, chemical)
    expect(seen).to.have.length(1)
    const [{ time, ...rest } = { type: '' }] = seen
    expect(time).to.be.closeTo(Date.now(), 60_000)
    expect(rest).to.deep.equal(chemical)
    expect(chemical).not.to.have.property('time')
  })

  it('keeps nobody waiting for a reaction that takes long', () => {
    const plasma = new EventBus()
    plasma.on('Happened', () => new Promise(() => undefined))
    expect(emitEvent(plasma, { type: 'Happened' })).to.equal(undefined)
  })

  const failures: [what: string, reaction: () => unknown][] = [
    [
      'throws',
      () => {
        throw new Error('the log is full')
      },
    ],
    ['rejects', () => Promise.reject(new Error('the log is full'))],
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what reactions of others do
    ['rejects with a text', () => Promise.reject('the log is full')],
  ]
  for (const [what, reaction] of failures) {
    it(`is not undone by a reaction that ${what}: it is a warning, without what was told (OWASP ASVS 16.2.5)`, async () => {
      const plasma = new EventBus()
      let others = 0
      plasma.on('Happened', reaction)
      plasma.on('Happened', () => (others += 1))
      emitEvent(plasma, { type: 'Happened', ownerId: 'ada' })
      await settled()
      expect(others).to.equal(1)
      expect(warnings).to.deep.equal(['a reaction to Happened failed: the log is full'])
    })
  }

  it('is no warning where every reaction is well', async () => {
    const plasma = new EventBus()
    plasma.on('Happened', () => Promise.resolve('done'))
    emitEvent(plasma, { type: 'Happened' })
    await settled()
    expect(warnings).to.deep.equal([])
  })

  it('is emitted on organic-plasma 2 too, whose emit returns no promise and throws', async () => {
    const plasma: Organic.Plasma = new OldPlasma()
    let seen = 0
    plasma.on('Happened', () => {
      seen += 1
    })
    emitEvent(plasma, { type: 'Happened' })
    plasma.on('Happened', () => {
      throw new Error('the log is full')
    })
    emitEvent(plasma, { type: 'Happened' })
    await settled()
    expect(seen).to.equal(2)
    expect(warnings).to.deep.equal(['a reaction to Happened failed: the log is full'])
  })
})
