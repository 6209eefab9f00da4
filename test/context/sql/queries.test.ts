import { expect } from 'chai'
import { sql } from 'kysely'
import { closeDatabase, database, prepare } from '../../../context/sql'
import { ownerRow } from '../../support/owner-row'
import { rejectionOf } from '../../support/rejection'
import { openTestDatabase } from '../../support/test-database'

describe('the queries of the database', () => {
  before(async () => {
    await openTestDatabase()
    const rows = Array.from({ length: 200 }, (_, i) => ownerRow(`user-${String(i)}`, `name-${String(i)}`))
    await database().insertInto('owners').values(rows).execute()
  })
  after(closeDatabase)

  describe('that are prepared', () => {
    const findUser = prepare((db) => db.selectFrom('owners').select('own_name').where('id', '=', ''))

    it('are compiled once, whatever their parameters', async () => {
      let compiled = 0
      const counted = prepare((db) => {
        compiled += 1
        return db.selectFrom('owners').select('own_name').where('id', '=', '')
      })
      for (const i of ['1', '2', '3']) expect(await counted(`user-${i}`)).to.deep.equal([{ own_name: `name-${i}` }])
      expect(await counted('no-such-user')).to.deep.equal([])
      expect(compiled).to.equal(1)
    })

    it('give each of many at once its own answer', async () => {
      const all = await Promise.all(Array.from({ length: 200 }, (_, i) => findUser(`user-${String(i)}`)))
      expect(all.map(([row]) => row?.own_name)).to.deep.equal(
        Array.from({ length: 200 }, (_, i) => `name-${String(i)}`),
      )
    })

    it('take a parameter for a value and never for SQL', async () => {
      expect(await findUser(`' or 1=1 --`)).to.deep.equal([])
    })

    it('refuse a parameter that is no value', async () => {
      for (const parameter of [{ $ne: '' }, ['user-1'], undefined]) {
        expect(await rejectionOf(() => findUser(parameter))).to.include({ status: 503 })
      }
      expect(await findUser('user-1')).to.have.length(1)
    })

    it('work on the next database when one is closed', async () => {
      await closeDatabase()
      await openTestDatabase()
      expect(await findUser('user-1')).to.deep.equal([])
    })
  })

  it('work when there are more of them than are kept', async () => {
    for (let round = 0; round < 2; round += 1) {
      for (let length = 1; length <= 150; length += 1) {
        const values = Array.from({ length }, (_, i) => i)
        const sum = sql.join(
          values.map((value) => sql`${value}`),
          sql` + `,
        )
        const found = await sql<{ n: number }>`select ${sum} as n`.execute(database())
        expect(found.rows).to.deep.equal([{ n: (length * (length - 1)) / 2 }])
      }
    }
  })

  it('of a transaction that fails leave nothing behind', async () => {
    const row = ownerRow('undone')
    const error = await rejectionOf(() =>
      database()
        .transaction()
        .execute(async (transaction) => {
          await transaction.insertInto('owners').values(row).execute()
          throw new Error('on purpose')
        }),
    )
    expect(error.message).to.equal('on purpose')
    expect(await database().selectFrom('owners').selectAll().where('id', '=', 'undone').execute()).to.deep.equal([])
  })
})
