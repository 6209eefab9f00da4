import { expect } from 'chai'
import { sql } from 'kysely'
import { closeDatabase, database } from '../../../context/database'
import { openTestDatabase } from '../../support/test-database'

describe('what the database has answered', () => {
  before(() => openTestDatabase())
  after(closeDatabase)

  it('is on the disk: the journal is written ahead, and synchronously', async () => {
    const { rows: synchronous } = await sql<{ synchronous: number }>`pragma synchronous`.execute(database())
    const { rows: journal } = await sql<{ journal_mode: string }>`pragma journal_mode`.execute(database())
    expect(synchronous.map((row) => row.synchronous)).to.deep.equal([2])
    expect(journal.map((row) => row.journal_mode)).to.deep.equal(['wal'])
  })

  it('is locked from the beginning of a transaction, so that none loses to another writer', async () => {
    const begun = await database()
      .transaction()
      .execute((transaction) => sql`begin immediate`.execute(transaction).catch((error: unknown) => error))
    expect(begun).to.have.nested.property('cause.message').that.contains('within a transaction')
  })
})
