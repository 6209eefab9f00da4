import { expect } from 'chai'
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Database, databaseOf } from '../../../context/sql'
import { EventBus } from '../../../context/cell/event-bus'
import { ownerRow } from '../../support/owner-row'
import { runScript } from '../../support/process'
import { rejectionOf } from '../../support/rejection'
import { temporaryFolder } from '../../support/temporary-folder'
import { together } from '../../support/together'

const UNAVAILABLE = { name: 'StoreUnavailable', status: 503, code: 'STORE_UNAVAILABLE' }

describe('a database', () => {
  const opened: Database[] = []
  afterEach(() => Promise.all(opened.splice(0).map((database) => database.close())))

  const newFile = (): string => join(temporaryFolder(), 'a/b/cell.db')
  async function open(file = newFile()): Promise<Database> {
    const database = await Database.open(file)
    opened.push(database)
    return database
  }
  const addOwners = ({ query }: Database, ...ids: string[]): Promise<unknown> =>
    query
      .insertInto('owners')
      .values(ids.map((id) => ownerRow(id)))
      .execute()
  const findOwner = (database: Database): ((...parameters: unknown[]) => Promise<{ id: string } | undefined>) =>
    database.prepare((db) => db.selectFrom('owners').select('id').where('id', '=', ''))

  it('makes its file, its journal and its folder readable by their owner alone, whatever the umask', async () => {
    const file = newFile()
    const umask = process.umask(0)
    try {
      await addOwners(await open(file), 'somebody')
    } finally {
      process.umask(umask)
    }
    expect(statSync(join(file, '..')).mode & 0o777).to.equal(0o700)
    for (const name of [file, `${file}-wal`, `${file}-shm`]) expect(statSync(name).mode & 0o777, name).to.equal(0o600)
  })

  it('refuses, names and leaves alone what is not a database', async () => {
    const folder = temporaryFolder()
    const notes = join(folder, 'notes.txt')
    writeFileSync(notes, 'my notes\n'.repeat(500))
    writeFileSync(join(folder, 'cut-off.db'), 'SQLite format 3\0 and no more')
    mkdirSync(join(folder, 'folder.db'))
    for (const file of [notes, ...['cut-off.db', 'folder.db', 'notes.txt/cell.db'].map((name) => join(folder, name))]) {
      const error = await rejectionOf(() => open(file))
      expect(error.message).to.include(`${file} cannot be used: `).and.not.to.include('right now')
    }
    expect(readFileSync(notes, 'utf8')).to.equal('my notes\n'.repeat(500))
  })

  it('refuses, and names, the migration of a newer version', async () => {
    const file = newFile()
    const database = await open(file)
    const newer = { name: '9999-newer', timestamp: new Date().toISOString() } as never
    const migrations = 'kysely_migration' as 'owners'
    await database.query.insertInto(migrations).values(newer).execute()
    await database.close()
    expect((await rejectionOf(() => open(file))).message)
      .to.include(file)
      .and.to.include('9999-newer')
  })

  it('is an error with status 503 once it is closed, which can be done twice', async () => {
    const database = await open()
    const find = findOwner(database)
    await find('somebody')
    await database.close()
    await database.close()
    for (const work of [() => database.query, () => find('somebody')])
      expect(await rejectionOf(work)).to.include(UNAVAILABLE)
  })

  it('says nothing of a query that fails, and undoes its transaction', async () => {
    const database = await open()
    await addOwners(database, 'a-secret-id')
    const error = await rejectionOf(() => addOwners(database, 'another-id', 'a-secret-id'))
    expect(error).to.include(UNAVAILABLE)
    expect(error.message).not.to.match(/secret|owners|insert/i)
    const failing = database.query.transaction().execute(async (db) => {
      await db.insertInto('owners').values(ownerRow('undone')).execute()
      throw new Error('on purpose')
    })
    expect(await rejectionOf(() => failing)).to.include({ message: 'on purpose' })
    expect(await database.query.selectFrom('owners').select('id').execute()).to.deep.equal([{ id: 'a-secret-id' }])
  })

  it('runs prepared queries with parameters that are values and never SQL', async () => {
    const database = await open()
    await addOwners(database, ...Array.from({ length: 100 }, (_, i) => `user-${i}`))
    const find = findOwner(database)
    const found = await Promise.all(Array.from({ length: 100 }, (_, i) => find(`user-${i}`)))
    expect(found).to.deep.equal(Array.from({ length: 100 }, (_, i) => ({ id: `user-${i}` })))
    expect(await find("' or 1=1 --")).to.equal(undefined)
    for (const parameter of [{ $ne: '' }, ['user-1'], undefined, 'user-1\0'])
      expect(await rejectionOf(() => find(parameter))).to.include(UNAVAILABLE)
  })

  it('travels by the plasma, and is unavailable until then', async () => {
    const plasma = new EventBus()
    const waiting = databaseOf(plasma)
    expect(await rejectionOf(waiting)).to.include(UNAVAILABLE)
    const database = await open()
    await plasma.store({ type: 'Database', data: database })
    expect([waiting(), databaseOf(plasma)()]).to.deep.equal([database, database])
  })

  it('can be created by several processes at once', async () => {
    const folder = temporaryFolder()
    const code = `
      const { Database } = require('./context/sql')
      ;(async () => {
        for (let round = 0; round < 10; round += 1) {
          go(round)
          await (await Database.open(process.env.FOLDER + '/' + round + '.db')).close()
        }
      })()`
    const ended = await together(2, code, (script, env) => runScript(script, { ...env, FOLDER: folder }))
    expect(ended.map(({ code, stderr }) => [code, stderr])).to.deep.equal([
      [0, ''],
      [0, ''],
    ])
    expect(readdirSync(folder).filter((name) => name.endsWith('.db'))).to.have.length(10)
  })
})
