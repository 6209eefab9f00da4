import { expect } from 'chai'
import { Kysely } from 'kysely'
import { join } from 'node:path'
import { Database, type Schema } from '../../../context/sql'
import { migrations } from '../../../context/sql/migrations'
import { createSqliteDialect } from '../../../context/sql/sqlite/dialect'
import { SqliteFile } from '../../../context/sql/sqlite/file'
import { ownerRow } from '../../support/owner-row'
import { rejectionOf } from '../../support/rejection'
import { temporaryFolder } from '../../support/temporary-folder'

const NAMES = Object.keys(migrations)
const all = { ...migrations }

describe('the migrations', () => {
  let file: string
  beforeEach(() => {
    file = join(temporaryFolder(), 'cell.db')
  })
  afterEach(() => {
    Object.assign(migrations, all)
  })

  const tablesIn = async (): Promise<string[]> => {
    const db = new Kysely<Schema>({ dialect: createSqliteDialect(() => new SqliteFile(file)) })
    const tables = await db.introspection.getTables()
    await db.destroy()
    return tables.map(({ name }) => name)
  }
  async function expectMigrated(): Promise<void> {
    const database = await Database.open(file)
    const done = database.query
      .selectFrom('kysely_migration' as 'owners')
      .select('name')
      .orderBy('name')
    expect((await done.execute()).map(({ name }) => name)).to.deep.equal(NAMES)
    await database.close()
  }

  it('change nothing when one of them fails, and run again', async () => {
    const last = NAMES.at(-1) ?? ''
    migrations[last] = {
      async up(db) {
        await all[last]?.up(db)
        throw new Error('on purpose')
      },
    }
    expect((await rejectionOf(() => Database.open(file))).message).to.include('on purpose')
    expect(await tablesIn()).not.to.include('owners')
    Object.assign(migrations, all)
    await expectMigrated()
  })

  it('keep what an older version has written', async () => {
    for (const name of NAMES.slice(2)) Reflect.deleteProperty(migrations, name)
    const older = await Database.open(file)
    const owner = { id: 'ada', kind: 'user', own_name: 'ada', name_key: 'ada', created_at: 1, updated_at: 1 }
    await older.query
      .insertInto('owners')
      .values(owner as never)
      .execute()
    const session = { id_hash: 'x', owner_id: 'ada', data: '{}', created_at: 1, seen_at: 1, expires_at: 2 }
    await older.query
      .insertInto('sessions')
      .values(session as never)
      .execute()
    await older.close()

    Object.assign(migrations, all)
    const database = await Database.open(file)
    const { query } = database
    expect(await query.selectFrom('owners').selectAll().execute()).to.deep.equal([ownerRow('ada')])
    expect(await query.selectFrom('sessions').selectAll().execute()).to.deep.equal([
      { ...session, address: null, agent: null, family: null },
    ])
    await database.close()
  })
})
