import type { SqliteModule } from '@photostructure/sqlite'
import { expect } from 'chai'
import { sql } from 'kysely'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { closeDatabase, database } from '../../../context/sql'
import { temporaryFolder } from '../../support/temporary-folder'
import { openTestDatabase } from '../../support/test-database'

/** The library that the cell uses on this Node: two of them in one process would not see each other's locks. */
const own = process.getBuiltinModule('node:sqlite' as 'node:module') as unknown

describe('what the database has answered', () => {
  let file: string

  before(async () => {
    file = await openTestDatabase()
  })
  after(closeDatabase)

  it('is on the disk: the journal is written ahead, and synchronously', async () => {
    const { rows: synchronous } = await sql<{ synchronous: number }>`pragma synchronous`.execute(database())
    const { rows: journal } = await sql<{ journal_mode: string }>`pragma journal_mode`.execute(database())
    expect(synchronous.map((row) => row.synchronous)).to.deep.equal([2])
    expect(journal.map((row) => row.journal_mode)).to.deep.equal(['wal'])
  })

  it('cannot lose to another writer: a transaction holds the database from its beginning', async () => {
    const { DatabaseSync } = (own ?? (await import('@photostructure/sqlite'))) as SqliteModule
    const other = new DatabaseSync(file, { timeout: 0 })
    try {
      const meanwhile = await database()
        .transaction()
        .execute(() =>
          Promise.resolve()
            .then(() => {
              other.exec('begin immediate')
            })
            .catch((error: unknown) => error),
        )
      expect(meanwhile).to.have.property('message').that.contains('locked')
      other.exec('begin immediate')
    } finally {
      other.close()
    }
  })
})

describe('the file of a database that was closed', () => {
  it('has everything, without its write-ahead log', async () => {
    const file = await openTestDatabase()
    await sql`create table kept (value text)`.execute(database())
    await sql`insert into kept values ('all of it')`.execute(database())
    await closeDatabase()

    const copy = join(temporaryFolder(), 'copy.db')
    copyFileSync(file, copy)
    const { DatabaseSync } = (own ?? (await import('@photostructure/sqlite'))) as SqliteModule
    const opened = new DatabaseSync(copy)
    try {
      expect(
        opened
          .prepare('select value from kept')
          .all()
          .map((row) => ({ ...(row as object) })),
      ).to.deep.equal([{ value: 'all of it' }])
    } finally {
      opened.close()
    }
  })
})
