import type { SqliteModule } from '@photostructure/sqlite'
import { expect } from 'chai'
import { sql } from 'kysely'
import { copyFileSync, existsSync, fstatSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Database } from '../../../../context/sql'
import { SqliteFile } from '../../../../context/sql/sqlite/file'
import { ownerRow } from '../../../support/owner-row'
import { rejectionOf } from '../../../support/rejection'
import { temporaryFolder } from '../../../support/temporary-folder'
import { until } from '../../../support/until'

/** The library that the cell uses on this Node: two of them in one process would not see each other's locks. */
const own = process.getBuiltinModule('node:sqlite' as 'node:module') as unknown

describe('the file of a database', () => {
  let file: string
  let database: Database

  beforeEach(async () => {
    file = join(temporaryFolder(), 'cell.db')
    database = await Database.open(file)
  })
  afterEach(() => database.close())

  const addOwner = (id: string, { query } = database): Promise<unknown> =>
    query.insertInto('owners').values(ownerRow(id)).execute()
  const ids = async ({ query } = database): Promise<string[]> =>
    (await query.selectFrom('owners').select('id').orderBy('id').execute()).map(({ id }) => id)
  const backUp = (): Promise<unknown> => sql`vacuum into ${sql.lit(`${file}.backup`)}`.execute(database.query)
  const errorOf = async (work: () => Promise<unknown>): Promise<string> => {
    const error = await rejectionOf(work)
    expect(error).to.include({ status: 503, code: 'STORE_UNAVAILABLE' })
    return (error.cause as Error).message
  }

  it('has everything in it when it is closed, without its log', async () => {
    await addOwner('ada')
    await database.close()
    database = await Database.open(file)
    expect(await ids()).to.deep.equal(['ada'])
    await database.close()
    const copy = join(temporaryFolder(), 'copy.db')
    copyFileSync(file, copy)
    database = await Database.open(copy)
    expect(await ids()).to.deep.equal(['ada'])
  })

  it('is locked by a transaction from its beginning, so that it cannot lose to another writer', async () => {
    const { DatabaseSync } = (own ?? (await import('@photostructure/sqlite'))) as SqliteModule
    const other = new DatabaseSync(file, { timeout: 0 })
    const begin = async (): Promise<void> => {
      await Promise.resolve()
      other.exec('begin immediate')
    }
    try {
      const meanwhile = await database.query.transaction().execute(() => begin().catch((error: unknown) => error))
      expect(meanwhile).to.have.property('message').that.contains('locked')
      await begin()
    } finally {
      other.close()
    }
  })

  it('answers more different queries than are cached', async () => {
    for (let length = 1; length <= 150; length += 1) {
      const values = sql.join(
        Array.from({ length }, () => sql`${1}`),
        sql` + `,
      )
      expect((await sql<{ n: number }>`select ${values} as n`.execute(database.query)).rows[0]?.n).to.equal(length)
    }
  })

  it('has its own log synced if it is a link with a log of another file beside it', async () => {
    const link = join(temporaryFolder(), 'link.db')
    symlinkSync(file, link)
    writeFileSync(`${link}-wal`, '')
    const synced: bigint[] = []
    const linked = new SqliteFile(link, 0, (descriptor) => {
      synced.push(fstatSync(descriptor, { bigint: true }).ino)
      return Promise.resolve()
    })
    await linked.sync()
    linked.close()
    expect(synced).to.deep.equal([statSync(`${file}-wal`, { bigint: true }).ino])
  })

  it('takes no string with a NUL, which could be the end of it', async () => {
    expect(await errorOf(() => addOwner('ada\0'))).to.equal('a string has a NUL in it')
    expect(await ids()).to.deep.equal([])
  })

  it('is an error while it is gone, and works again when it is back', async () => {
    const find = database.prepare((db) => db.selectFrom('owners').select('id').where('id', '=', ''))
    await addOwner('ada')
    await rejectionOf(() => database.query.transaction().execute(() => Promise.reject(new Error('rolled back'))))
    renameSync(file, `${file}.away`)
    expect(await errorOf(() => addOwner('bob'))).to.equal(`${file} is gone`)
    await until(() =>
      find('ada').then(
        () => false,
        () => true,
      ),
    )
    expect(existsSync(file)).to.equal(false)
    renameSync(`${file}.away`, file)
    expect(await find('ada')).to.deep.equal({ id: 'ada' })
    await addOwner('bob')
    expect(await ids()).to.deep.equal(['ada', 'bob'])
  })

  it('keeps what was written if it is closed while it is gone', async () => {
    await addOwner('ada')
    renameSync(file, `${file}.away`)
    await database.close()
    renameSync(`${file}.away`, file)
    database = await Database.open(file)
    expect(await ids()).to.deep.equal(['ada'])
  })

  it('fails a transaction if it is gone before the end', async () => {
    const writing = database.query.transaction().execute(async (db) => {
      await db.insertInto('owners').values(ownerRow('ada')).execute()
      renameSync(file, `${file}.away`)
    })
    expect(await errorOf(() => writing)).to.equal(`${file} is gone`)
    renameSync(`${file}.away`, file)
    await addOwner('bob')
  })

  it('is an error once it is replaced, and spoils the new one neither before nor after a restart', async () => {
    await addOwner('ada')
    await backUp()
    for (const id of ['bob', 'eve']) await addOwner(id)
    renameSync(`${file}.backup`, file)
    expect(await errorOf(() => addOwner('mallory'))).to.equal(`${file} was replaced: restart the cell`)
    await until(() =>
      ids().then(
        () => false,
        () => true,
      ),
    )
    await database.close()
    database = await Database.open(file)
    expect(await ids()).to.deep.equal(['ada'])
    const { rows } = await sql<{ integrity_check: string }>`pragma integrity_check`.execute(database.query)
    expect(rows.map(({ integrity_check }) => integrity_check)).to.deep.equal(['ok'])
  })
})
