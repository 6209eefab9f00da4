import { expect } from 'chai'
import { EventBus } from '../../../context/cell/event-bus'
import databaseOrganelle from '../../../plasma/database'
import { newFile } from '../../support/database-places'
import { findFreePort } from '../../support/listening'
import { hasPostgres, newPostgresUrl } from '../../support/postgres'
import { runScript } from '../../support/process'
import { rejectionOf } from '../../support/rejection'
import { temporaryFolder } from '../../support/temporary-folder'
import { until } from '../../support/until'
import { keepWarnings } from '../../support/warnings'

describe('the database organelle, with a url', () => {
  const warnings = keepWarnings()
  const dna = { emitReady: 'Database', url: 'postgres://ada:secret@localhost/cell' }
  let plasma: EventBus
  beforeEach(() => {
    plasma = new EventBus()
    void plasma.store({ type: 'CellRoot', data: temporaryFolder() })
  })

  const once = <T extends string>(type: T): Promise<Organic.Chemical<T>> =>
    new Promise((resolve) => {
      plasma.once(type, resolve)
    })

  it('opens that database, whatever the file, and closes it at killed (pending without PostgreSQL)', async function () {
    if (!hasPostgres()) this.skip()
    const stored = once('Database')
    databaseOrganelle(plasma, { ...dna, url: await newPostgresUrl(), file: 'data/cell.db', poolSize: 2 })
    const { data } = await stored
    expect(await data.query.selectFrom('owners').select('id').execute()).to.deep.equal([])
    await plasma.emit('killed')
    expect(() => data.query).to.throw('No database is open')
  })

  it('loads no driver without one', async () => {
    const script = `
      require('./plasma/database')
      require('./context/sql').Database.open(process.env.FILE).then(async (database) => {
        await database.close()
        console.log(Object.keys(require.cache).filter((file) => /node_modules.pg/.test(file)).length)
      })`
    expect(await runScript(script, { FILE: newFile() })).to.include({ code: 0, stdout: '0\n', stderr: '' })
  })

  it('stops the boot, with the key, if there is no server or no certificate', async () => {
    const url = `postgres://ada:secret@127.0.0.1:${await findFreePort()}/cell`
    for (const [changes, key] of [
      [{ url, waitSeconds: 0 }, 'url'],
      [{ url, caFile: 'no-such.pem' }, 'caFile'],
    ] as const) {
      const failed = once('CellFailed')
      databaseOrganelle(plasma, { ...dna, ...changes })
      const { error } = await failed
      expect(error).to.include({ name: 'DnaError', key })
      expect((error as Error).message).not.to.include('secret')
    }
  })

  it('waits for no server any more when the cell ends', async () => {
    const url = `postgres://ada:secret@127.0.0.1:${await findFreePort()}/cell`
    const failed = once('CellFailed')
    databaseOrganelle(plasma, { ...dna, url, waitSeconds: 600 })
    await until(() => warnings.length === 1)
    await plasma.emit('kill')
    expect((await failed).error).to.include({ name: 'DnaError', key: 'url' })
    await plasma.emit('killed')
  })

  it('refuses DNA with a url that is none, without repeating it, and numbers out of range', async () => {
    for (const [changes, key] of [
      [{ url: 'postgres://ada:secret@host' }, 'url'],
      [{ url: 'mysql://ada:secret@host/cell' }, 'url'],
      [{ url: 5 }, 'url'],
      [{ url: undefined }, 'file'],
      [{ caFile: '' }, 'caFile'],
      [{ poolSize: 1 }, 'poolSize'],
      [{ poolSize: '10' }, 'poolSize'],
      [{ statementSeconds: 0 }, 'statementSeconds'],
      [{ statementSeconds: 3601 }, 'statementSeconds'],
      [{ waitSeconds: -1 }, 'waitSeconds'],
    ] as const) {
      const error = await rejectionOf(() => databaseOrganelle(plasma, { ...dna, ...changes }))
      expect(error).to.include({ name: 'DnaError', key })
      expect(error.message).not.to.include('secret')
    }
  })
})
