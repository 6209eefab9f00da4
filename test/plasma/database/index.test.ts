import { expect } from 'chai'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { EventBus } from '../../../context/cell/event-bus'
import type { Database } from '../../../context/sql'
import databaseOrganelle from '../../../plasma/database'
import { rejectionOf } from '../../support/rejection'
import { temporaryFolder } from '../../support/temporary-folder'

describe('the database organelle', () => {
  const dna = { emitReady: 'Database', file: 'data/cell.db' }
  let plasma: EventBus
  let file: string
  beforeEach(() => {
    plasma = new EventBus()
    const root = temporaryFolder()
    void plasma.store({ type: 'CellRoot', data: root })
    file = join(root, dna.file)
  })

  const once = <T extends string>(type: T): Promise<Organic.Chemical<T>> =>
    new Promise((resolve) => {
      plasma.once(type, resolve)
    })

  it('stores the open database, below the root of the cell, whatever its ready chemical is called', async () => {
    const [stored, ready] = [once('Database'), once('Ready')]
    databaseOrganelle(plasma, { ...dna, emitReady: 'Ready' })
    const { data } = await stored
    expect(await data.query.selectFrom('owners').select('id').execute()).to.deep.equal([])
    expect((await ready)['data']).to.equal(data)
    await plasma.emit('killed')
    expect(existsSync(file)).to.equal(true)
  })

  it('closes it at killed, and not at kill', async () => {
    databaseOrganelle(plasma, dna)
    const { data } = await once('Database')
    await plasma.emit('kill')
    expect(data.query).to.be.an('object')
    await plasma.emit('killed')
    expect(() => data.query).to.throw('No database is open')
  })

  it('leaves none open if the cell ends while it is being opened', async () => {
    const settled = Promise.race([once('Database'), once('CellFailed')])
    databaseOrganelle(plasma, dna)
    await plasma.emit('killed')
    // Whichever comes first: the end fails the opening, or closes what was opened.
    const { data, error } = (await settled) as { data?: Database; error?: Error }
    expect(() => {
      if (error) throw error
      data?.query.deleteFrom('owners')
    }).to.throw(/No database is open|cannot be used/)
  })

  it('stops the boot, with the key, if the file cannot be used', async () => {
    writeFileSync(join(file, '../..', 'text.db'), 'no database '.repeat(500))
    const failed = once('CellFailed')
    const broken = { ...dna, file: 'text.db' }
    databaseOrganelle(plasma, broken)
    const { dna: failing, error } = await failed
    expect(failing).to.equal(broken)
    expect(error).to.include({ name: 'DnaError', key: 'file' })
    expect(plasma.has({ type: 'Database' })).to.equal(false)
  })

  it('stops the boot, with the key, if a folder of migrations is missing', async () => {
    const failed = once('CellFailed')
    databaseOrganelle(plasma, { ...dna, migrations: { notes: 'plasma/notes' } })
    expect((await failed).error).to.include({
      name: 'DnaError',
      message: 'migrations.notes: there is no folder plasma/notes',
    })
  })

  it('refuses DNA without a file or emitReady, or with keys of others', async () => {
    for (const [changes, key] of [
      [{ file: undefined }, 'file'],
      [{ file: '' }, 'file'],
      [{ file: 5 }, 'file'],
      [{ emitReady: undefined }, 'emitReady'],
      [{ files: 'x' }, 'files'],
      // Nothing comes before it.
      [{ reactOn: 'CellBuilt' }, 'reactOn'],
      // The cell's own migrations are counted there.
      [{ migrations: { kysely: 'notes' } }, 'migrations.kysely'],
      [{ migrations: { 'My notes': 'notes' } }, 'migrations.My notes'],
      [{ migrations: { notes: '' } }, 'migrations.notes'],
      [{ migrations: 'notes' }, 'migrations'],
    ] as const) {
      const error = await rejectionOf(() => databaseOrganelle(plasma, { ...dna, ...changes }))
      expect(error).to.include({ name: 'DnaError', key })
    }
    expect(existsSync(file)).to.equal(false)
  })
})
