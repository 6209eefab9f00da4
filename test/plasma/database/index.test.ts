import { expect } from 'chai'
import { existsSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { closeDatabase, database, openDatabase } from '../../../context/sql'
import type { DnaError } from '../../../context/cell'
import { EventBus } from '../../../context/cell/event-bus'
import databaseOrganelle from '../../../plasma/database'
import { rejectionOf } from '../../support/rejection'
import { temporaryFolder } from '../../support/temporary-folder'

describe('the database organelle', () => {
  afterEach(closeDatabase)

  const newFile = (): string => join(temporaryFolder(), 'cell.db')
  const heard = (plasma: Organic.Plasma, type: string): Promise<Organic.Chemical> =>
    new Promise((resolve) => plasma.once(type, resolve))

  it('opens the database, and only then says that it is ready', async () => {
    const plasma = new EventBus()
    const open = heard(plasma, 'Database').then(() => database())
    databaseOrganelle(plasma, { emitReady: 'Database', file: newFile() })
    expect(() => database()).to.throw('No database is open')
    await open
    expect(plasma.has({ type: 'Database' })).to.equal(true)
  })

  it('takes a path relative to the working directory', async () => {
    const file = newFile()
    const plasma = new EventBus()
    const ready = heard(plasma, 'Database')
    databaseOrganelle(plasma, { emitReady: 'Database', file: relative(process.cwd(), file) })
    await ready
    expect(existsSync(file)).to.equal(true)
  })

  it('closes it at killed, and not at kill', async () => {
    const plasma = new EventBus()
    const ready = heard(plasma, 'Database')
    databaseOrganelle(plasma, { emitReady: 'Database', file: newFile() })
    await ready
    await plasma.emit('kill')
    database()
    await plasma.emit('killed')
    expect(() => database()).to.throw('No database is open')
  })

  it('leaves none open when the cell ends while it is being opened', async () => {
    const plasma = new EventBus()
    const settled = Promise.race([heard(plasma, 'Database'), heard(plasma, 'CellFailed')])
    databaseOrganelle(plasma, { emitReady: 'Database', file: newFile() })
    await plasma.emit('killed')
    await settled
    expect(() => database()).to.throw('No database is open')
  })

  it('stops the boot, with the key, when the file cannot be used', async () => {
    const file = newFile()
    writeFileSync(file, 'no database '.repeat(500))
    const plasma = new EventBus()
    const dna = { emitReady: 'Database', file }
    const failed = heard(plasma, 'CellFailed')
    databaseOrganelle(plasma, dna)
    const chemical = await failed
    expect(chemical['dna']).to.equal(dna)
    const error = chemical['error'] as DnaError
    expect(error).to.include({ name: 'DnaError', key: 'file' })
    expect(error.message).to.include(file)
    expect(plasma.has({ type: 'Database' })).to.equal(false)
    await openDatabase(newFile())
  })

  describe('refuses DNA', () => {
    const good = { emitReady: 'Database', file: 'data/cell.db' }
    const refused: [what: string, dna: Organic.Dna, key: string][] = [
      ['without a file', { emitReady: 'Database' }, 'file'],
      ['with an empty file', { ...good, file: '' }, 'file'],
      ['with a file that is a number', { ...good, file: 5 }, 'file'],
      ['with a file that is null', { ...good, file: null }, 'file'],
      ['without emitReady', { file: 'data/cell.db' }, 'emitReady'],
      ['with an empty emitReady', { ...good, emitReady: '' }, 'emitReady'],
      ['with a closeOn that is a list', { ...good, closeOn: ['killed'] }, 'closeOn'],
      ['with a key that it does not know', { ...good, files: 'x' }, 'files'],
      ['with reactOn, as nothing comes before it', { ...good, reactOn: 'CellBuilt' }, 'reactOn'],
    ]
    for (const [what, dna, key] of refused) {
      it(what, async () => {
        const error = await rejectionOf<DnaError>(() => databaseOrganelle(new EventBus(), dna))
        expect(error).to.include({ name: 'DnaError', key })
        expect(() => database()).to.throw('No database is open')
      })
    }
  })
})
