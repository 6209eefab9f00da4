import { expect } from 'chai'
import { SqliteFile } from '../../context/sql/sqlite/file'
import { startTestCell, type TestCell } from '../support/cell'
import { stoppedClock } from '../support/clock'
import { Pipeline } from '../support/pipeline'

const REQUESTS = 10_000
/** Concurrent requests, per batch. */
const BATCH = 50
/** Seconds from one batch to the next: a thousand seconds in all. */
const PAUSE = 5
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
    const cookie = [...client.cookies].map((pair) => pair.join('=')).join('; ')
    const first = new Pipeline(client.address)
    const second = new Pipeline(client.address)
    const asked = new Map<Pipeline, number>()
    const ask = async (pipeline: Pipeline, count: number): Promise<void> => {
      const sum = (asked.get(pipeline) ?? 0) + count
      asked.set(pipeline, sum)
      const statuses = await pipeline.send(count, '/api/me', undefined, '127.0.0.1', cookie).statuses(sum)
      expect(new Set(statuses)).to.deep.equal(new Set([200]))
    }
    SqliteFile.prototype.prepare = function (sql) {
      statements.set(sql, (statements.get(sql) ?? 0) + 1)
      return prepare.call(this, sql)
    }
    for (let count = 0; count < REQUESTS; count += BATCH) {
      // One at first: requests concurrent with its write would write too.
      await ask(first, 1)
      await Promise.all([ask(first, BATCH / 2 - 1), ask(second, BATCH / 2)])
      clock.pass(PAUSE * 1000)
    }
    for (const pipeline of asked.keys()) pipeline.hangUp()
  })
  after(async () => {
    SqliteFile.prototype.prepare = prepare
    await cell.stop()
  })

  /** How often statements that begin so were run. */
  const countOf = (beginning: string): number =>
    [...statements].reduce((sum, [sql, count]) => sum + (sql.startsWith(beginning) ? count : 0), 0)

  it('each read one session and one owner, and nothing else', () => {
    expect(countOf('select')).to.equal(2 * REQUESTS)
    expect(countOf('select "data", "family", "created_at", "seen_at" from "sessions"')).to.equal(REQUESTS)
  })

  it('write only "last used", once a minute', () => {
    const seconds = (REQUESTS / BATCH) * PAUSE
    expect(countOf('') - countOf('select')).to.equal(Math.floor(seconds / TOUCH))
    expect(countOf('update "sessions" set ')).to.equal(Math.floor(seconds / TOUCH))
  })
})
