import { expect } from 'chai'
import OldPlasma from 'organic-plasma-2'
import { emitEvent } from '../../../context/cell/chemicals'
import { EventBus } from '../../../context/cell/event-bus'
import { keepWarnings } from '../../support/warnings'

const settled = (): Promise<void> => new Promise(setImmediate)

describe('an event', () => {
  const warnings = keepWarnings()

  it('has the time, is emitted once and otherwise as it is, and waits for no reaction', () => {
    const plasma = new EventBus()
    const seen: Organic.Chemical[] = []
    plasma.on('Happened', (chemical: Organic.Chemical) => {
      seen.push(chemical)
      return new Promise(() => undefined)
    })
    const chemical = { type: 'Happened', ownerId: 'ada', actor: undefined }
    expect(emitEvent(plasma, chemical)).to.equal(undefined)
    expect(seen).to.have.length(1)
    const [{ time, ...rest } = { type: '' }] = seen
    expect(time).to.be.closeTo(Date.now(), 60_000)
    expect(rest).to.deep.equal(chemical)
    expect(chemical).not.to.have.property('time')
  })

  const failures: [what: string, reaction: () => unknown][] = [
    ['throws', () => JSON.parse('the log is full') as unknown],
    ['rejects', () => Promise.reject(new SyntaxError('the log is full'))],

    ['rejects with a string', () => Promise.reject('the log is full')],
  ]
  for (const [what, reaction] of failures) {
    it(`is not undone by a reaction that ${what}: it causes a warning, without the payload (OWASP ASVS 16.2.5)`, async () => {
      const plasma = new EventBus()
      let others = 0
      plasma.on('Happened', reaction)
      plasma.on('Happened', () => (others += 1))
      emitEvent(plasma, { type: 'Happened', ownerId: 'ada' })
      await settled()
      expect(others).to.equal(1)
      expect(warnings).to.have.length(1)
      expect(warnings[0])
        .to.match(/^a reaction to Happened failed: .*the log is/)
        .and.not.include('ada')
    })
  }

  it('is emitted on organic-plasma 2 too, whose emit returns no promise and throws', async () => {
    const plasma: Organic.Plasma = new OldPlasma()
    let seen = 0
    plasma.on('Happened', () => (seen += 1))
    emitEvent(plasma, { type: 'Happened' })
    await settled()
    expect(warnings).to.deep.equal([])
    plasma.on('Happened', () => {
      throw new Error('the log is full')
    })
    emitEvent(plasma, { type: 'Happened' })
    await settled()
    expect(seen).to.equal(2)
    expect(warnings).to.deep.equal(['a reaction to Happened failed: the log is full'])
  })
})
