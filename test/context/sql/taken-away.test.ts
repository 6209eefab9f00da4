import { expect } from 'chai'
import { renameSync } from 'node:fs'
import { closeDatabase, database } from '../../../context/sql'
import { ownerRow } from '../../support/owner-row'
import { rejectionOf } from '../../support/rejection'
import { openTestDatabase } from '../../support/test-database'

describe('a database file that is taken away in the middle of a transaction', () => {
  afterEach(closeDatabase)

  it('makes it fail: what it has written is not where anybody would look', async () => {
    const file = await openTestDatabase()
    const writing = (): Promise<void> =>
      database()
        .transaction()
        .execute(async (db) => {
          await db.insertInto('owners').values(ownerRow('somebody')).execute()
          renameSync(file, `${file}.away`)
        })
    expect(await rejectionOf(writing)).to.include({ status: 503, code: 'STORE_UNAVAILABLE' })
    renameSync(`${file}.away`, file)
  })
})
