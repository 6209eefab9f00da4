import { expect } from 'chai'
import { DnaError } from '../../context/errors'
import { Organelles } from '../../context/organelles'
import { Plasma } from '../../context/plasma'
import { rejectionOf } from '../support/rejection'

const server = { source: 'organic-express-server', emitReady: 'ExpressServer' }

describe('the organelles', () => {
  it('are those that DNA has switched on', () => {
    const all = [...new Organelles({ one: { source: 'one' }, two: false, three: { source: 'three' } })]
    expect(all).to.deep.equal([['one', { source: 'one' }], ['three', { source: 'three' }]])
  })

  it('may be written as their source alone', () => {
    expect([...new Organelles({ one: 'plasma/one' })]).to.deep.equal([['one', { source: 'plasma/one' }]])
  })

  for (const dna of [null, undefined, 5, 0, true, [], ['plasma/one']]) {
    it(`are refused where DNA says ${JSON.stringify(dna)}, by name`, async () => {
      const error = await rejectionOf<DnaError>(() => new Organelles({ one: dna }))
      expect(error).to.include({ name: 'DnaError', key: '' })
      expect(error.branch).to.deep.equal(['plasma', 'one'])
      expect(error.message).to.include('false')
    })
  }

  describe('that wait for chemicals', () => {
    const reactOn = (types: unknown, others: object = {}): unknown => {
      const all = new Organelles({ 'express-server': server, ...others, one: { source: 'one', reactOn: types } })
      return new Map([...all]).get('one')?.['reactOn']
    }

    it("keep those that are emitted, and the cell's own", () => {
      expect(reactOn(['ExpressServer', 'CellBuilt'])).to.deep.equal(['ExpressServer', 'CellBuilt'])
      expect(reactOn('ExpressServer')).to.deep.equal(['ExpressServer'])
      expect(reactOn(['CellAssembled', 'CellReady'])).to.deep.equal(['CellAssembled', 'CellReady'])
      expect(reactOn(undefined)).to.equal(undefined)
    })

    it('do not wait for one that is switched off', () => {
      expect(reactOn(['ExpressServer', 'ExpressSessions'], { 'express-sessions': false })).to.deep.equal(['ExpressServer'])
      expect(reactOn(['Database', 'ExpressServer'], { database: false })).to.deep.equal(['ExpressServer'])
    })

    it('wait for what another organelle emits in the place of one that is switched off', () => {
      const others = { 'express-sessions': false, 'my-sessions': { source: 'mine', emitReady: 'ExpressSessions' } }
      expect(reactOn(['ExpressServer', 'ExpressSessions'], others)).to.deep.equal(['ExpressServer', 'ExpressSessions'])
    })

    const unknown = ['Nothing', ['Nothing'], ['ExpressServer', 'Nothing'], ['expressServer'], ['express-server'], ['kill'], ['']]
    for (const types of unknown) {
      it(`are refused when nobody emits it: ${JSON.stringify(types)}`, async () => {
        const error = await rejectionOf<DnaError>(() => reactOn(types))
        expect(error).to.include({ name: 'DnaError', key: 'reactOn' })
        expect(error.branch).to.deep.equal(['plasma', 'one'])
      })
    }

    for (const types of ['Database', ['Database'], ['Database', 'ExpressSessions']]) {
      it(`are refused when all of it is switched off: ${JSON.stringify(types)}`, async () => {
        const error = await rejectionOf<DnaError>(() => reactOn(types, { 'database': false, 'express-sessions': false }))
        expect(error).to.include({ name: 'DnaError', key: 'reactOn' })
        expect(error.message).to.include('switched off').and.to.include('Database')
      })
    }
  })

  describe('while the cell boots', () => {
    it('are ready when each that says emitReady has said it', async () => {
      const plasma = new Plasma()
      const organelles = new Organelles({ one: { source: 'one', emitReady: 'One' }, two: { source: 'two', emitReady: 'Two' }, three: 'three' })
      let ready = false
      const done = organelles.ready(plasma).then(() => (ready = true))
      expect(organelles.missing()).to.deep.equal(['One', 'Two'])
      await plasma.store('Two')
      await plasma.store('Two')
      expect(organelles.missing()).to.deep.equal(['One'])
      expect(ready).to.equal(false)
      await plasma.store('One')
      await done
      expect(organelles.missing()).to.deep.equal([])
    })

    it('are ready at once when none says emitReady', async () => {
      await new Organelles({ one: 'one' }).ready(new Plasma())
    })

    it('fail with the name of the one that failed', async () => {
      const plasma = new Plasma()
      const organelles = new Organelles({ one: 'one', two: 'two' })
      const failed = organelles.failed(plasma)
      const [, [, dna] = []] = [...organelles]
      await plasma.emit({ type: 'CellFailed', dna, error: new DnaError('file', 'on purpose') })
      const error = await rejectionOf<DnaError>(() => failed)
      expect(error).to.include({ key: 'file', message: 'file: on purpose' })
      expect(error.branch).to.deep.equal(['plasma', 'two'])
    })

    it('fail with whatever was thrown, a list of errors too', () => {
      const organelles = new Organelles({ one: 'one' })
      const thrown: [error: unknown, message: string][] = [
        [new Error('an error'), 'an error'],
        ['a text', 'a text'],
        [[undefined, new Error('in a list')], 'in a list'],
        [undefined, 'undefined'],
      ]
      for (const [error, message] of thrown) {
        expect(organelles.located(error, 'one')).to.deep.include({ name: 'DnaError', message, branch: ['plasma', 'one'] })
      }
    })

    it('fail under the name that an error has already', () => {
      const error = new DnaError('key', 'expected')
      error.branch = ['plasma', 'two']
      expect(new Organelles({ one: 'one' }).located(error, 'one')).to.equal(error)
      expect(error.branch).to.deep.equal(['plasma', 'two'])
    })
  })
})
