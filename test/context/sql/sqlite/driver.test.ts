import { expect } from 'chai'
import { Kysely, sql } from 'kysely'
import { join } from 'node:path'
import { Database, type Schema } from '../../../../context/sql'
import { createSqliteDialect } from '../../../../context/sql/sqlite/dialect'
import { SqliteFile } from '../../../../context/sql/sqlite/file'
import { ownerRow } from '../../../support/owner-row'
import { rejectionOf } from '../../../support/rejection'
import { temporaryFolder } from '../../../support/temporary-folder'
import { until } from '../../../support/until'

describe('the driver of a SQLite file', () => {
  let db: Kysely<Schema>
  /** Ends the syncs that are under way. */
  let ends: ((error?: Error) => void)[]
  let syncs: number
  /** Whether syncs end by themselves. */
  let isDiskFast: boolean

  beforeEach(async () => {
    const file = join(temporaryFolder(), 'cell.db')
    await (await Database.open(file)).close()
    ends = []
    syncs = 0
    isDiskFast = false
    const syncLog = (): Promise<void> => {
      syncs += 1
      if (isDiskFast) return Promise.resolve()
      return new Promise((resolve, reject) => {
        ends.push((error) => (error ? reject(error) : resolve()))
      })
    }
    db = new Kysely({ dialect: createSqliteDialect(() => new SqliteFile(file, 0, syncLog)) })
  })
  afterEach(() => {
    isDiskFast = true
    return db.destroy()
  })

  const endSyncs = (error?: Error): void => {
    for (const end of ends.splice(0)) end(error)
  }
  const add = (...names: string[]): Promise<unknown> =>
    Promise.all(names.map((id) => db.insertInto('owners').values(ownerRow(id)).execute()))
  const count = async (): Promise<number> => (await db.selectFrom('owners').select('id').execute()).length

  const writes: Record<string, () => Promise<unknown>> = {
    'a query that writes': () => add('ada'),
    'a transaction': () =>
      db.transaction().execute((transaction) => transaction.insertInto('owners').values(ownerRow('ada')).execute()),
    'raw SQL': () =>
      sql`replace into owners (id, kind, own_name, name_key, created_at, updated_at)
      values ('ada', 'user', 'ada', 'ada', 0, 0)`.execute(db),
  }
  for (const [what, write] of Object.entries(writes)) {
    it(`answers ${what} once it is on the disk, and other queries meanwhile`, async () => {
      let isAnswered = false
      const writing = write().then(() => (isAnswered = true))
      await until(() => ends.length === 1)
      expect([await count(), isAnswered]).to.deep.equal([1, false])
      endSyncs()
      await writing
    })
  }

  it('syncs nothing for a read or a transaction that is rolled back', async () => {
    await count()
    const rolledBack = db.transaction().execute(async (transaction) => {
      await transaction.insertInto('owners').values(ownerRow('ada')).execute()
      throw new Error('changed my mind')
    })
    expect((await rejectionOf(() => rolledBack)).message).to.equal('changed my mind')
    expect([await count(), syncs]).to.deep.equal([0, 0])
  })

  it('shares syncs among simultaneous writes', async () => {
    const writing = add(...Array.from({ length: 50 }, (_, index) => `owner-${index}`))
    await until(async () => (await count()) === 50)
    isDiskFast = true
    endSyncs()
    await writing
    expect(syncs).to.be.within(1, 2)
  })

  it('fails a write that it could not sync, and everything after it', async () => {
    const writing = rejectionOf(() => add('ada'))
    await until(() => ends.length === 1)
    endSyncs(new Error('EIO: i/o error'))
    for (const error of [await writing, await rejectionOf(() => add('bob'))]) {
      expect(error).to.include({ status: 503, code: 'STORE_UNAVAILABLE' })
      expect((error.cause as Error).message).to.match(/cell\.db could not be written to the disk: restart the cell$/)
    }
    const transaction = await rejectionOf(() => db.transaction().execute(() => Promise.resolve()))
    expect(transaction).to.include({ status: 503 })
    expect(syncs).to.equal(1)
  })

  it('closes the file after the last sync, also one that has come meanwhile', async () => {
    const writing = [add('ada')]
    await until(() => ends.length === 1)
    let finish: (() => void) | undefined
    const hasBegun = new Promise<void>((begun) => {
      const held = new Promise<void>((resolve) => (finish = resolve))
      writing.push(db.transaction().execute(() => (begun(), held)))
    })
    await hasBegun
    let isClosed = false
    const closing = db.destroy().then(() => (isClosed = true))
    endSyncs()
    await until(() => ends.length === 1)
    finish?.()
    await new Promise(setImmediate)
    endSyncs()
    await until(() => ends.length === 1)
    await new Promise(setImmediate)
    expect(isClosed).to.equal(false)
    endSyncs()
    await Promise.all([closing, ...writing])
  })

  it('fails a transaction whose sync after the commit fails', async () => {
    const writing = rejectionOf(() =>
      db.transaction().execute((transaction) => transaction.insertInto('owners').values(ownerRow('ada')).execute()),
    )
    await until(() => ends.length === 1)
    endSyncs(new Error('EIO: i/o error'))
    expect(await writing).to.include({ status: 503, code: 'STORE_UNAVAILABLE' })
  })
})
