import { expect } from 'chai'
import { Pool } from 'undici'
import { SqliteFile } from '../../context/sql/sqlite/file'
import { startTestCell, type TestCell } from '../support/cell'
import { stoppedClock } from '../support/clock'

const REQUESTS = 10_000
/** Requests at once. */
const BATCH = 100
/** Seconds from one batch to the next: a thousand seconds in all. */
const PAUSE = 10
/** The default of `touchSeconds`. */
const TOUCH = 60

describe(`${REQUESTS} guarded requests of one session, over ${(REQUESTS / BATCH) * PAUSE} s`, () => {
  const clock = stoppedClock()
  const { prepare } = SqliteFile.prototype
  const statements = new Map<string, number>()
  let cell: TestCell

  before(async () => {
    cell = await startTestCell()
    const client = cell.client()
    await client.registerAndLogIn()
    const pool = new Pool(client.address, { connections: 4, pipelining: 25 })
    SqliteFile.prototype.prepare = function (sql) {
      statements.set(sql, (statements.get(sql) ?? 0) + 1)
      return prepare.call(this, sql)
    }
    const headers = {
      accept: 'application/json',
      cookie: [...client.cookies].flatMap((pair) => pair.join('=')).join('; '),
    }
    const ask = async (): Promise<number> => {
      const { statusCode, body } = await pool.request({ path: '/api/me', method: 'GET', headers })
      await body.dump()
      return statusCode
    }
    const statuses = new Set<number>()
    for (let count = 0; count < REQUESTS; count += BATCH) {
      // Those that come while the first one writes would write as well.
      statuses.add(await ask())
      for (const status of await Promise.all(Array.from({ length: BATCH - 1 }, ask))) statuses.add(status)
      clock.pass(PAUSE * 1000)
    }
    await pool.close()
    expect([...statuses]).to.deep.equal([200])
  })
  after(async () => {
    SqliteFile.prototype.prepare = prepare
    await cell.stop()
  })

  /** How often statements that begin so were run. */
  const countOf = (beginning: string): number =>
    [...statements].reduce((sum, [sql, count]) => sum + (sql.startsWith(beginning) ? count : 0), 0)

  it('read a session and an owner each, and nothing else', () => {
    expect(countOf('select')).to.equal(2 * REQUESTS)
    expect(countOf('select * from "sessions"')).to.equal(REQUESTS)
  })

  it('write only when their session was last used, once a minute', () => {
    const seconds = (REQUESTS / BATCH) * PAUSE
    expect(countOf('') - countOf('select')).to.equal(Math.floor(seconds / TOUCH))
    expect(countOf('update "sessions" set ')).to.equal(Math.floor(seconds / TOUCH))
  })
})
