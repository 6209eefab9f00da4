import { expect } from 'chai'
import express from 'express'
import { createServer } from 'node:http'
import { EventBus } from '../../../context/cell/event-bus'
import { expressAppOf, onceAll, patternsOf, react, typeOf } from '../../../context/cell/reactions'

const settled = (): Promise<void> => new Promise(setImmediate)

describe('a reaction', () => {
  let plasma: EventBus
  beforeEach(() => {
    plasma = new EventBus()
  })

  for (const stored of [0, 1, 4]) {
    it(`to A, B and C comes once, with all of them: emitted as BABC, the first ${stored} before it`, async () => {
      const calls: string[] = []
      for (const type of 'BABC'.slice(0, stored)) await plasma.store(type)
      onceAll(plasma, ['A', 'B', 'C'], (...chemicals) => calls.push(chemicals.map(({ type }) => type).join('')))
      for (const type of 'BABC'.slice(stored)) await plasma.store(type)
      for (const type of 'CAB') await plasma.emit(type)
      expect(calls).to.deep.equal(['ABC'])
    })
  }

  it('does not come while a chemical is missing, and at once if there is none to wait for', async () => {
    const calls: string[] = []
    onceAll(plasma, ['A', 'B'], () => calls.push('too early'))
    for (const type of 'AAC') await plasma.store(type)
    onceAll(plasma, [], () => calls.push('at once'))
    expect(calls).to.deep.equal(['at once'])
  })

  it('names its chemicals as one or as a list, by type or by a pattern', async () => {
    expect(patternsOf('A')).to.deep.equal(['A'])
    expect(patternsOf(['A', { type: 'B' }])).to.deep.equal(['A', { type: 'B' }])
    for (const nothing of [undefined, null, 5, [null]]) expect(patternsOf(nothing)).to.deep.equal([])
    expect(['A', { type: 'B' }, {}].map(typeOf)).to.deep.equal(['A', 'B', undefined])
    const calls: unknown[] = []
    onceAll(plasma, [{ type: 'A', of: 'ada' }], (chemical) => calls.push(chemical))
    for (const of of ['bob', 'ada']) await plasma.emit({ type: 'A', of })
    expect(calls).to.deep.equal([{ type: 'A', of: 'ada' }])
  })

  it('finds the Express application in its chemicals, whatever type DNA gives that of the server', () => {
    const app = express()
    const ready = { type: 'MyServer', data: app, server: createServer() }
    expect(expressAppOf([{ type: 'Database', data: {} }, ready])).to.equal(app)
    expect(() => expressAppOf([{ type: 'Database', data: app }])).to.throw('reactOn: expected the ready chemical')
  })
})

describe('the reaction of an organelle', () => {
  let plasma: EventBus
  beforeEach(() => {
    plasma = new EventBus()
  })

  it('stores its ready chemical with the result, when the work is done', async () => {
    let finish = (_data: string): void => undefined
    const work = (): Promise<string> => new Promise((resolve) => (finish = resolve))
    react(plasma, { reactOn: 'A', emitReady: 'Ready' }, work)
    await plasma.store('A')
    expect(plasma.has({ type: 'Ready' })).to.equal(false)
    finish('data')
    await settled()
    expect(plasma.get({ type: 'Ready' })).to.deep.equal({ type: 'Ready', data: 'data' })
  })

  it('works once, however often its chemical comes, and needs no ready chemical', async () => {
    const types: string[] = []
    plasma.pipe(({ type }) => types.push(type))
    react(plasma, { reactOn: ['A'] }, () => types.push('work'))
    for (let i = 0; i < 2; i += 1) await plasma.emit('A')
    await settled()
    expect(types).to.deep.equal(['A', 'work', 'A'])
  })

  for (const [what, work] of [
    ['throws', () => JSON.parse('{') as unknown],
    ['rejects', () => Promise.reject(new SyntaxError('on purpose'))],
  ] as const) {
    it(`that ${what} stops the boot once, with its DNA and its error, and is never ready`, async () => {
      const dna = { reactOn: 'A', emitReady: 'Ready' }
      const failed: Organic.Chemical<'CellFailed'>[] = []
      plasma.on('CellFailed', (chemical) => failed.push(chemical))
      react(plasma, dna, work)
      await plasma.emit('A')
      await settled()
      expect(failed).to.have.length(1)
      expect(failed[0]?.dna).to.equal(dna)
      expect(failed[0]?.error).to.be.instanceOf(SyntaxError)
      expect(plasma.has({ type: 'Ready' })).to.equal(false)
    })
  }
})
