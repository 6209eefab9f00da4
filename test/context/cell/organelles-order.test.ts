import { expect } from 'chai'
import { Organelles } from '../../../context/cell/organelles'
import { rejectionOf } from '../../support/rejection'

describe('the order of organelles', () => {
  const server = { source: 'x', emitReady: 'ExpressServer', reactOn: ['CellBuilt'] }

  const refused: [what: string, dna: Record<string, unknown>, organelle: string, key: string][] = [
    [
      'two that wait for each other',
      { a: { source: 'x', reactOn: ['B'], emitReady: 'A' }, b: { source: 'x', reactOn: ['A'], emitReady: 'B' } },
      'a',
      'reactOn',
    ],
    ['one that waits for itself', { a: { source: 'x', reactOn: ['A'], emitReady: 'A' } }, 'a', 'reactOn'],
    [
      'one that the cell waits for, and that waits for the cell',
      { server, a: { source: 'x', reactOn: ['CellReady'], emitReady: 'A' } },
      'a',
      'reactOn',
    ],
    [
      'two that are ready by one chemical',
      { a: { source: 'x', emitReady: 'A' }, b: { source: 'x', emitReady: 'A' } },
      'b',
      'emitReady',
    ],
    ['a ready chemical that is a number', { a: { source: 'x', emitReady: 7 } }, 'a', 'emitReady'],
    ['a ready chemical that is empty', { a: { source: 'x', emitReady: '' } }, 'a', 'emitReady'],
    ['an organelle without a source', { a: {}, b: { source: 'x', reactOn: ['A'], emitReady: 'B' } }, 'a', 'source'],
  ]
  for (const [what, dna, organelle, key] of refused) {
    it(`is refused, by organelle and key, with ${what}`, async () => {
      const error = await rejectionOf(() => new Organelles(dna))
      expect(error).to.deep.include({ branch: ['plasma', organelle], key })
    })
  }

  it('may have organelles that only listen for the cell', () => {
    const all = new Organelles({
      server,
      a: { source: 'x', reactOn: ['ExpressServer', 'CellAssembled'] },
      b: { source: 'x', reactOn: 'CellReady' },
    })
    expect([...all]).to.have.length(3)
  })
})
