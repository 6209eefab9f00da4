import { expect } from 'chai'
import { EventBus } from '../../../context/cell/event-bus'
import { patternsOf, react, typeOf, onceAll } from '../../../context/cell/reactions'

const settled = (): Promise<void> => new Promise(setImmediate)

describe('a reaction', () => {
  describe('to several chemicals', () => {
    const orders: [order: string[], what: string][] = [
      [['A', 'B', 'C'], 'in order'],
      [['C', 'B', 'A'], 'in the opposite order'],
      [['B', 'A', 'B', 'C'], 'one of them twice'],
    ]
    for (const [order, what] of orders) {
      for (const stored of [0, 1, order.length]) {
        it(`comes once, with all of them in their order: emitted ${what}, ${String(stored)} of them before`, async () => {
          const plasma = new EventBus()
          const calls: string[][] = []
          for (const type of order.slice(0, stored)) await plasma.store(type)
          onceAll(plasma, ['A', 'B', 'C'], (...chemicals) => calls.push(chemicals.map(({ type }) => type)))
          for (const type of order.slice(stored)) await plasma.store(type)
          for (const type of order) await plasma.emit(type)
          expect(calls).to.deep.equal([['A', 'B', 'C']])
        })
      }
    }

    it('does not come while one is missing', async () => {
      const plasma = new EventBus()
      onceAll(plasma, ['A', 'B'], () => expect.fail('too early'))
      await plasma.store('A')
      await plasma.store('A')
      await plasma.store('C')
    })

    it('comes at once where there is nothing to wait for', () => {
      let calls = 0
      onceAll(new EventBus(), [], () => (calls += 1))
      expect(calls).to.equal(1)
    })
  })

  it('names its chemicals as one or as a list, by type or by a pattern', () => {
    expect(patternsOf('A')).to.deep.equal(['A'])
    expect(patternsOf(['A', { type: 'B' }])).to.deep.equal(['A', { type: 'B' }])
    expect(patternsOf({ type: 'A', of: 'ada' })).to.deep.equal([{ type: 'A', of: 'ada' }])
    for (const nothing of [undefined, null, 5, [null]]) expect(patternsOf(nothing)).to.deep.equal([])
    expect(['A', { type: 'B' }, {}].map(typeOf)).to.deep.equal(['A', 'B', undefined])
  })

  it('comes only for the chemical that matches its pattern', async () => {
    const plasma = new EventBus()
    const calls: unknown[] = []
    onceAll(plasma, [{ type: 'A', of: 'ada' }], (chemical) => calls.push(chemical))
    await plasma.emit({ type: 'A', of: 'bob' })
    await plasma.emit({ type: 'A', of: 'ada' })
    expect(calls).to.deep.equal([{ type: 'A', of: 'ada' }])
  })

  describe('of an organelle', () => {
    it('stores its ready chemical with what the work returned', async () => {
      for (const work of [() => 'data', () => Promise.resolve('data')]) {
        const plasma = new EventBus()
        react(plasma, { reactOn: 'A', emitReady: 'Ready' }, work)
        await plasma.store('A')
        await settled()
        expect(plasma.get({ type: 'Ready' })).to.deep.equal({ type: 'Ready', data: 'data' })
      }
    })

    it('says that it is ready only when the work is done', async () => {
      const plasma = new EventBus()
      let finish = (): void => undefined
      react(plasma, { emitReady: 'Ready' }, () => new Promise<void>((resolve) => (finish = resolve)))
      await settled()
      expect(plasma.has({ type: 'Ready' })).to.equal(false)
      finish()
      await settled()
      expect(plasma.has({ type: 'Ready' })).to.equal(true)
    })

    it('works once, however often its chemical comes', async () => {
      const plasma = new EventBus()
      let works = 0
      react(plasma, { reactOn: ['A'], emitReady: 'Ready' }, () => (works += 1))
      for (let i = 0; i < 3; i += 1) await plasma.emit('A')
      await settled()
      expect(works).to.equal(1)
    })

    it('works without a ready chemical', async () => {
      const plasma = new EventBus()
      const types: string[] = []
      plasma.pipe(({ type }) => types.push(type))
      react(plasma, { reactOn: 'A' }, () => undefined)
      await plasma.emit('A')
      await settled()
      expect(types).to.deep.equal(['A'])
    })

    const failures: [what: string, work: () => unknown][] = [
      [
        'throws',
        () => {
          throw new Error('on purpose')
        },
      ],
      ['rejects', () => Promise.reject(new Error('on purpose'))],
    ]
    for (const [what, work] of failures) {
      it(`that ${what} stops the boot with its DNA and its error, once, and is never ready`, async () => {
        const plasma = new EventBus()
        const dna = { reactOn: 'A', emitReady: 'Ready' }
        const failed: Organic.Chemical[] = []
        plasma.on('CellFailed', (chemical: Organic.Chemical) => failed.push(chemical))
        react(plasma, dna, work)
        await plasma.emit('A')
        await settled()
        expect(failed).to.have.length(1)
        expect(failed[0]?.['dna']).to.equal(dna)
        expect(failed[0]?.['error']).to.be.instanceOf(Error).with.property('message', 'on purpose')
        expect(plasma.has({ type: 'Ready' })).to.equal(false)
      })
    }
  })
})
