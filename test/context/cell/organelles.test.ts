import { expect } from 'chai'
import { EVENTS } from '../../../context/cell/chemicals'
import type { DnaError } from '../../../context/cell'
import { Organelles } from '../../../context/cell/organelles'
import { EventBus } from '../../../context/cell/event-bus'
import { OUTCOMES } from '../../../plasma/audit/line'
import { rejectionOf } from '../../support/rejection'

const server = { source: 'organic-express-server', emitReady: 'ExpressServer' }

describe('the organelles', () => {
  it('are those that DNA has switched on', () => {
    const all = [...new Organelles({ one: { source: 'one' }, two: false, three: { source: 'three' } })]
    expect(all).to.deep.equal([
      ['one', { source: 'one' }],
      ['three', { source: 'three' }],
    ])
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
    const reactOn = (types: unknown, others: object = {}, events: string[] = [], more: object = {}): unknown => {
      const all = new Organelles(
        { 'express-server': server, ...others, one: { source: 'one', reactOn: types, ...more } },
        events,
      )
      return new Map([...all]).get('one')?.['reactOn']
    }

    const known: unknown[] = [
      ['ExpressServer', 'CellBuilt'],
      'ExpressServer',
      ['CellAssembled', 'CellReady'],
      undefined,
      'SessionLogin',
      'kill',
      ['ExpressServer', 'SessionLogout'],
      { type: 'SessionLogin', ownerId: 'ada' },
      ['ExpressServer', { type: 'killed' }],
      { ownerId: 'ada' },
    ]
    for (const types of known) {
      it(`keep their reactOn as it is written: ${JSON.stringify(types)}`, () => {
        expect(reactOn(types)).to.deep.equal(types)
      })
    }

    it('may wait for everything that the audit writes', () => {
      expect(EVENTS).to.include.members(Object.keys(OUTCOMES))
    })

    const unknown: [types: unknown, meant: string][] = [
      ['Nothing', ''],
      [['Nothing'], ''],
      [['ExpressServer', 'Nothing'], ''],
      ['expressServer', 'ExpressServer'],
      ['SesionLogin', 'SessionLogin'],
      [{ type: 'SesionLogin' }, 'SessionLogin'],
      ['Kill', 'kill'],
      [[''], ''],
    ]
    for (const [types, meant] of unknown) {
      it(`are refused when nobody is known to emit it: ${JSON.stringify(types)}`, async () => {
        const error = await rejectionOf<DnaError>(() => reactOn(types))
        expect(error).to.include({ name: 'DnaError', key: 'reactOn' })
        expect(error.branch).to.deep.equal(['plasma', 'one'])
        expect(error.message)
          .to.include('dna/cell.json')
          .and.to.include(meant && `did you mean "${meant}"?`)
      })
    }

    it('may wait for an event in DNA', () => {
      expect(reactOn('OrderPlaced', {}, ['OrderPlaced'])).to.equal('OrderPlaced')
      expect(reactOn({ type: 'OrderPlaced' }, {}, ['OrderPlaced'], { emitReady: 'One' })).to.deep.equal({
        type: 'OrderPlaced',
      })
    })

    for (const type of ['SessionLogin', 'kill', 'CellReady']) {
      it(`cannot be waited for themselves when ${type} comes first`, async () => {
        const error = await rejectionOf<DnaError>(() => reactOn(['ExpressServer', type], {}, [], { emitReady: 'One' }))
        expect(error).to.include({
          key: 'reactOn',
          message: `reactOn: "${type}" comes only after this organelle is ready`,
        })
      })
    }
  })

  describe('that wait for one that is switched off', () => {
    const build = (own: object, others: object): Map<string, Organic.Dna> => {
      return new Map([...new Organelles({ 'express-server': server, ...others, one: { source: 'one', ...own } })])
    }

    for (const reactOn of ['Database', ['Database'], ['ExpressServer', 'Database'], { type: 'Database' }]) {
      it(`stop the boot: ${JSON.stringify(reactOn)}`, async () => {
        const error = await rejectionOf<DnaError>(() => build({ reactOn }, { database: false }))
        expect(error.branch).to.deep.equal(['plasma', 'database'])
        expect(error.message).to.include('plasma/one needs plasma/database, which is switched off')
      })
    }

    it('are all named at once, with everything that they need', async () => {
      const others = { database: false, throttle: false, two: { source: 'two', needs: ['database'] } }
      const { message } = await rejectionOf(() => build({ reactOn: ['Database', 'Throttle'] }, others))
      expect(message)
        .to.include('plasma/two, plasma/one need plasma/database')
        .and.to.include('plasma/one needs plasma/throttle')
    })

    it('do without it if needs does not name it, and never see needs', () => {
      const own = { reactOn: ['ExpressServer', 'Throttle'], needs: ['express-server'] }
      expect(build(own, { throttle: false }).get('one')).to.deep.equal({ source: 'one', reactOn: ['ExpressServer'] })
    })

    it('wait for what another organelle emits in its place', () => {
      const others = { 'express-sessions': false, 'my-sessions': { source: 'mine', emitReady: 'ExpressSessions' } }
      const reactOn = ['ExpressServer', 'ExpressSessions']
      expect(build({ reactOn, needs: ['express-sessions'] }, others).get('one')).to.have.deep.property(
        'reactOn',
        reactOn,
      )
      expect(build({ reactOn }, others).get('one')).to.have.deep.property('reactOn', reactOn)
    })

    it('are refused when nothing is left to wait for', async () => {
      const error = await rejectionOf<DnaError>(() => build({ reactOn: ['Database'], needs: [] }, { database: false }))
      expect(error).to.include({ name: 'DnaError', key: 'reactOn' })
      expect(error.message).to.include('switched off').and.to.include('Database')
    })

    for (const needs of ['database', [5], ['databse'], {}]) {
      it(`are refused with needs ${JSON.stringify(needs)}`, async () => {
        const error = await rejectionOf<DnaError>(() => build({ needs }, { database: false }))
        expect(error).to.include({ name: 'DnaError', key: 'needs' })
      })
    }
  })

  describe('while the cell boots', () => {
    it('are ready when each that says emitReady has said it', async () => {
      const plasma = new EventBus()
      const organelles = new Organelles({
        one: { source: 'one', emitReady: 'One' },
        two: { source: 'two', emitReady: 'Two' },
        three: 'three',
      })
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
      await new Organelles({ one: 'one' }).ready(new EventBus())
    })

    it('are identified by their DNA', () => {
      const organelles = new Organelles({ one: 'one', two: 'two' })
      const [, [, dna] = []] = [...organelles]
      expect(organelles.nameOf(dna)).to.equal('two')
      expect(organelles.nameOf({})).to.equal(undefined)
    })
  })
})
