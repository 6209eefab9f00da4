import { expect } from 'chai'
import { Kysely } from 'kysely'
import { join } from 'node:path'
import { closeDatabase, database, openDatabase, type Schema } from '../../../context/sql'
import { migrations } from '../../../context/sql/migrations'
import { sqliteDialect } from '../../../context/sql/sqlite/dialect'
import { runScript } from '../../support/process'
import { temporaryFolder } from '../../support/temporary-folder'

const NAMES = Object.keys(migrations)

/** Runs some of the migrations on a new file, and is killed, or fails, in the middle of the next one. */
function halfDone(file: string, whole: number, end: string): Promise<unknown> {
  return runScript(
    `
    const { migrations } = require('./context/sql/migrations')
    const { openDatabase } = require('./context/sql')
    for (const name of Object.keys(migrations).slice(${whole + 1})) delete migrations[name]
    const { up } = migrations[${JSON.stringify(NAMES[whole])}]
    migrations[${JSON.stringify(NAMES[whole])}].up = async (db) => {
      await up(db)
      ${end}
    }
    openDatabase(process.env.FILE).catch(() => process.exit(1))`,
    { FILE: file },
  )
}

describe('a migration that is broken off', () => {
  let file: string

  beforeEach(() => {
    file = join(temporaryFolder(), 'cell.db')
  })
  afterEach(closeDatabase)

  for (const [index, name] of NAMES.entries()) {
    it(`by a kill has changed nothing, and runs again: ${name}`, async () => {
      expect(await halfDone(file, index, "process.kill(process.pid, 'SIGKILL')")).to.include({ signal: 'SIGKILL' })
      expect(await tablesOf(file)).not.to.include.members(['owners'])
      await openDatabase(file)
      expect(await doneIn(database())).to.deep.equal(NAMES)
    })
  }

  it('by an error has changed nothing, and runs again', async () => {
    expect(await halfDone(file, NAMES.length - 1, "throw new Error('no')")).to.include({ code: 1 })
    expect(await tablesOf(file)).not.to.include.members(['owners'])
    await openDatabase(file)
    expect(await doneIn(database())).to.deep.equal(NAMES)
  })

  it('keeps what an older version has written', async () => {
    await runScript(
      `
      const { migrations } = require('./context/sql/migrations')
      const { openDatabase, database, closeDatabase } = require('./context/sql')
      for (const name of Object.keys(migrations).slice(2)) delete migrations[name]
      const owner = { id: 'ada', kind: 'user', own_name: 'ada', name_key: 'ada', password_hash: 'hash', created_at: 1, updated_at: 1 }
      const session = { id_hash: 'x', owner_id: 'ada', data: '{}', created_at: 1, seen_at: 1, expires_at: 2 }
      openDatabase(process.env.FILE)
        .then(() => database().insertInto('owners').values(owner).execute())
        .then(() => database().insertInto('sessions').values(session).execute())
        .then(closeDatabase)`,
      { FILE: file },
    )
    await openDatabase(file)
    expect(await database().selectFrom('owners').selectAll().executeTakeFirst()).to.include({
      id: 'ada',
      password_hash: 'hash',
      disabled_at: null,
      security_stamp: '',
    })
    expect(await database().selectFrom('sessions').selectAll().executeTakeFirst()).to.include({
      family: 'x',
      owner_id: 'ada',
      address: null,
      agent: null,
    })
  })
})

async function tablesOf(file: string): Promise<string[]> {
  const db = new Kysely<Schema>({ dialect: sqliteDialect(file) })
  try {
    return (await db.introspection.getTables()).map(({ name }) => name)
  } finally {
    await db.destroy()
  }
}

async function doneIn(db: Kysely<Schema>): Promise<string[]> {
  const rows = await db
    .selectFrom('kysely_migration' as 'owners')
    .select('name')
    .orderBy('name')
    .execute()
  return rows.map(({ name }) => String(name))
}
