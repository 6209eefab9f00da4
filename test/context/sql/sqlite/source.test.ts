import { expect } from 'chai'
import { Database } from '../../../../context/sql'
import { SqliteSource } from '../../../../context/sql/sqlite/source'
import { newFile } from '../../../support/database-places'
import { ownerRow } from '../../../support/owner-row'

describe('the source of a move', () => {
  let file: string
  let database: Database
  let source: SqliteSource
  const add = (...ids: string[]): Promise<unknown> =>
    database.query
      .insertInto('owners')
      .values(ids.map((id) => ownerRow(id)))
      .execute()
  const ids = (): string[][] => [...source.read('owners', 0)].map((rows) => rows.map(({ id }) => id))

  beforeEach(async () => {
    file = newFile()
    database = await Database.open(file)
    await add('ada', 'bob')
    source = new SqliteSource(file)
  })
  afterEach(async () => {
    source.close()
    await database.close()
  })

  it('reads what was there when it was opened, and says if others have written since', async () => {
    await add('eve')
    expect([source.count('owners', 0), ids()]).to.deep.equal([2, [['ada', 'bob']]])
    expect(() => source.end()).to.throw(`${file} has been changed during the move`)
  })

  it('reads in batches, in the order of the keys, each row once', async () => {
    source.close()
    await add(...Array.from({ length: 399 }, (_, index) => `owner-${index}`))
    source = new SqliteSource(file)
    const found = ids()
    expect(found.map(({ length }) => length)).to.deep.equal([200, 200, 1])
    expect(found.flat()).to.deep.equal([...new Set(found.flat())].sort())
    expect(() => source.end()).not.to.throw()
  })
})
