import { expect } from 'chai'
import { EVENTS } from '../../../context/cell/chemicals'
import { EventBus } from '../../../context/cell/event-bus'
import { Organelles } from '../../../context/cell/organelles'
import { OUTCOMES } from '../../../plasma/audit/line'

const server = { source: 'organic-express-server', emitReady: 'ExpressServer' }

/** Builds a cell of a server, an organelle called "one", and others. @returns the DNA of "one" */
function build(own: object, others: object = {}, events: string[] = []): Organic.Dna | undefined {
  const all = new Organelles({ 'express-server': server, ...others, one: { source: 'one', ...own } }, events)
  return all.dnaByName.get('one')
}

describe('the organelles', () => {
  it('are those that DNA has switched on, and may be written as their source alone', () => {
    const all = new Organelles({ one: { source: 'one', port: 1 }, two: false, three: 'plasma/three' })
    expect([...all.dnaByName]).to.deep.equal([
      ['one', { source: 'one', port: 1 }],
      ['three', { source: 'plasma/three' }],
    ])
  })

  it('are refused by name if DNA says anything else', () => {
    for (const dna of [null, undefined, 5, true, []]) {
      expect(() => new Organelles({ one: dna }))
        .to.throw('expected an object with a source, or false')
        .that.deep.includes({ key: '', branch: ['plasma', 'one'] })
    }
  })

  it('may react on what organelles, the cell, this code and its DNA promise, as one, a list or a pattern', () => {
    const one = ['ExpressServer', undefined, 'SessionLogin', 'kill', 'OrderPlaced', { ownerId: 'ada' }]
    const lists = [
      ['ExpressServer', 'CellBuilt'],
      ['CellAssembled', 'CellReady'],
      ['ExpressServer', { type: 'killed' }],
    ]
    for (const reactOn of [...one, ...lists, { type: 'SessionLogin', ownerId: 'ada' }])
      expect(build({ reactOn }, {}, ['OrderPlaced'])?.['reactOn']).to.deep.equal(reactOn)
  })

  it('may react on everything that the audit writes', () => {
    expect(EVENTS).to.include.members(Object.keys(OUTCOMES))
  })

  it('are refused if nobody is known to emit what they react on', () => {
    const unknown: [reactOn: unknown, message: string][] = [
      [['ExpressServer', 'Nothing'], 'dna/cell.json'],
      [[''], 'dna/cell.json'],
      ['expressServer', 'did you mean "ExpressServer"? An event'],
      [{ type: 'SesionLogin' }, 'did you mean "SessionLogin"? An event'],
    ]
    for (const [reactOn, message] of unknown)
      expect(() => build({ reactOn }))
        .to.throw(message)
        .that.deep.includes({ key: 'reactOn', branch: ['plasma', 'one'] })
  })

  const a = { source: 'x', reactOn: ['B'], emitReady: 'A' }
  const waiting: [what: string, others: Record<string, unknown>, organelle: string, key: string][] = [
    ['each other', { a, b: { source: 'x', reactOn: ['A'], emitReady: 'B' } }, 'a', 'reactOn'],
    ['themselves', { a: { ...a, reactOn: ['A'] } }, 'a', 'reactOn'],
    ['the cell, which waits for them', { a: { ...a, reactOn: ['CellReady'] } }, 'a', 'reactOn'],
    ['an event of the running cell', { a: { ...a, reactOn: ['ExpressServer', 'SessionLogin'] } }, 'a', 'reactOn'],
    [
      'a chemical that two emit',
      { b: { source: 'x', emitReady: 'B' }, c: { source: 'x', emitReady: 'B' } },
      'c',
      'emitReady',
    ],
    ['a chemical that is a number', { a: { source: 'x', emitReady: 7 } }, 'a', 'emitReady'],
    ['a chemical without a name', { a: { source: 'x', emitReady: '' } }, 'a', 'emitReady'],
    ['one without a source', { b: {}, a }, 'b', 'source'],
  ]
  for (const [what, others, organelle, key] of waiting) {
    it(`cannot wait for ${what}`, () => {
      expect(() => build({}, others))
        .to.throw()
        .that.deep.includes({ key, branch: ['plasma', organelle] })
    })
  }

  it('without a ready chemical may listen for the cell', () => {
    expect(build({ reactOn: ['ExpressServer', 'CellReady'] })).to.have.property('reactOn')
  })
})

describe('organelles that wait for one that is switched off', () => {
  it('stop the boot', () => {
    for (const reactOn of ['Database', ['ExpressServer', 'Database'], { type: 'Database' }])
      expect(() => build({ reactOn }, { database: false }))
        .to.throw('plasma/one needs plasma/database, which is switched off')
        .with.deep.property('branch', ['plasma', 'database'])
  })

  it('are all named at once, with everything that they need', () => {
    const others = { database: false, throttle: false, two: { source: 'two', needs: ['database'] } }
    expect(() => build({ reactOn: ['Database', 'Throttle'] }, others)).to.throw(
      /plasma\/two, plasma\/one need plasma\/database.*; plasma\/one needs plasma\/throttle/,
    )
  })

  it('do without it if needs does not name it, and never see needs', () => {
    const own = { reactOn: ['ExpressServer', 'Throttle'], needs: ['express-server'] }
    expect(build(own, { throttle: false })).to.deep.equal({ source: 'one', reactOn: ['ExpressServer'] })
  })

  it('wait for what another organelle emits in its place', () => {
    const others = { 'express-sessions': false, 'my-sessions': { source: 'mine', emitReady: 'ExpressSessions' } }
    const reactOn = ['ExpressServer', 'ExpressSessions']
    for (const needs of [{ needs: ['express-sessions'] }, {}])
      expect(build({ reactOn, ...needs }, others)?.['reactOn']).to.deep.equal(reactOn)
  })

  it('are refused when nothing is left to wait for', () => {
    expect(() => build({ reactOn: ['Database'], needs: [] }, { database: false })).to.throw(
      'reactOn: Database is switched off, and there is nothing else to wait for',
    )
  })

  it('are refused with needs that are no list of organelles', () => {
    for (const needs of ['database', [5], ['databse'], {}])
      expect(() => build({ needs }, { database: false }))
        .to.throw()
        .with.property('key', 'needs')
  })
})

describe('organelles while the cell boots', () => {
  it('are ready when each that has an emitReady has stored it', async () => {
    const plasma = new EventBus()
    const one = { source: 'one', emitReady: 'One' }
    const organelles = new Organelles({ one, two: { source: 'two', emitReady: 'Two' }, three: 'three' })
    let ready = false
    const done = organelles.waitUntilReady(plasma).then(() => (ready = true))
    expect(organelles.findMissing()).to.deep.equal(['One', 'Two'])
    for (const type of ['Two', 'Two']) await plasma.store(type)
    expect(organelles.findMissing()).to.deep.equal(['One'])
    expect(ready).to.equal(false)
    await plasma.store('One')
    await done
    expect(organelles.findMissing()).to.deep.equal([])
    expect([organelles.nameOf(one), organelles.nameOf({})]).to.deep.equal(['one', undefined])
    await new Organelles({ one: 'one' }).waitUntilReady(new EventBus())
  })
})
