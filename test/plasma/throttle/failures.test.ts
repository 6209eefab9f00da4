import { expect } from 'chai'
import { closeDatabase, database } from '../../../context/database'
import { Failures } from '../../../plasma/throttle/failures'
import { stoppedClock } from '../../support/clock'
import { openTestDatabase } from '../../support/test-database'

const SECOND = 1000
const HOUR = 3600 * SECOND

describe('the failures of a key', () => {
  const clock = stoppedClock()
  before(openTestDatabase)
  after(closeDatabase)

  const failures = new Failures({ failures: 3, firstWaitSeconds: 60, longestWaitSeconds: 300, forgetSeconds: 3600 })
  let key = ''
  beforeEach(() => {
    key = crypto.randomUUID()
  })

  async function fail(times: number, added = key): Promise<void> {
    for (let count = 0; count < times; count += 1) await failures.add(added, {})
  }
  const standing = (): ReturnType<Failures['of']> => failures.of(key)
  const wait = async (): Promise<number> => (await standing()).wait

  it('are followed by no wait that is longer than the longest: a clock that was ahead has written it', async () => {
    await fail(3)
    expect(await wait()).to.equal(60)
    await database().updateTable('throttles').set({ expires_at: Date.now() + 365 * 24 * HOUR }).execute()
    expect(await standing()).to.deep.equal({ failures: 3, wait: 0 })
    await database().deleteFrom('throttles').execute()
  })

  it('are none at first, and nobody waits', async () => {
    expect(await standing()).to.deep.equal({ failures: 0, wait: 0 })
    expect(failures.free).to.equal(3)
  })

  it('are free, but for the last of them, which is followed by the first wait', async () => {
    await fail(2)
    expect(await standing()).to.deep.equal({ failures: 2, wait: 0 })
    await fail(1)
    expect(await standing()).to.deep.equal({ failures: 3, wait: 60 })
  })

  it('are followed by waits that are twice as long each time, up to the longest', async () => {
    await fail(2)
    const waits: number[] = []
    for (let count = 0; count < 6; count += 1) {
      await fail(1)
      waits.push(await wait())
      clock.pass((waits.at(-1) ?? 0) * SECOND)
      expect(await wait()).to.equal(0)
    }
    expect(waits).to.deep.equal([60, 120, 240, 300, 300, 300])
  })

  it('are waited for in whole seconds, of which the last one counts', async () => {
    await fail(3)
    const waits: number[] = []
    for (const passed of [1, 58_999, 999, 1]) {
      clock.pass(passed)
      waits.push(await wait())
    }
    expect(waits).to.deep.equal([60, 1, 1, 0])
  })

  it('are forgotten so long after the first, where nobody had to wait', async () => {
    await fail(1)
    clock.pass(HOUR / 2)
    await fail(1)
    clock.pass(HOUR / 2 - 1)
    expect(await standing()).to.deep.equal({ failures: 2, wait: 0 })
    clock.pass(1)
    expect(await standing()).to.deep.equal({ failures: 0, wait: 0 })
    await fail(2)
    expect(await wait()).to.equal(0)
  })

  it('are not forgotten while somebody goes on, however long', async () => {
    await fail(3)
    for (let day = 0; day < 30; day += 1) {
      clock.pass(HOUR - 1)
      await fail(1)
    }
    expect(await standing()).to.deep.equal({ failures: 33, wait: 300 })
  })

  it('are forgotten so long after the last that was followed by a wait, and free again', async () => {
    await fail(5)
    clock.pass(HOUR - 1)
    expect((await standing()).failures).to.equal(5)
    clock.pass(1)
    expect(await standing()).to.deep.equal({ failures: 0, wait: 0 })
    await fail(2)
    expect(await standing()).to.deep.equal({ failures: 2, wait: 0 })
  })

  it('are no longer there when they are to be forgotten, and the next ones are counted from the beginning', async () => {
    await fail(2)
    await failures.forget(key, {})
    expect(await standing()).to.deep.equal({ failures: 0, wait: 0 })
    await fail(2)
    expect(await wait()).to.equal(0)
  })

  it('are those of no other key', async () => {
    await fail(4)
    for (const other of [`${key} `, key.toUpperCase(), `wait:${key}`, `failures:${key}`, key.slice(1), '']) {
      expect(await failures.of(other), other).to.deep.equal({ failures: 0, wait: 0 })
    }
  })

  it('are all counted when they happen at once', async () => {
    await Promise.all(Array.from({ length: 50 }, () => fail(1)))
    expect(await standing()).to.deep.equal({ failures: 50, wait: 300 })
  })

  it('are not lost in a wait that would be too long for any clock', async () => {
    await database()
      .transaction()
      .execute(async (db) => {
        for (let count = 0; count < 1100; count += 1) await failures.add(key, { db })
      })
    expect(await standing()).to.deep.equal({ failures: 1100, wait: 300 })
  })

  it('are not counted by a transaction that fails', async () => {
    const adding = database()
      .transaction()
      .execute(async (db) => {
        for (let count = 0; count < 5; count += 1) await failures.add(key, { db })
        throw new Error('something else fails')
      })
    await adding.catch(() => undefined)
    expect(await standing()).to.deep.equal({ failures: 0, wait: 0 })
  })

  it('cannot be told where there is no database', async () => {
    await closeDatabase()
    try {
      for (const work of [() => standing(), () => failures.add(key, {}), () => failures.forget(key, {})]) {
        const error: unknown = await work().then(() => undefined, (error: unknown) => error)
        expect(error).to.include({ code: 'STORE_UNAVAILABLE', status: 503 })
      }
    } finally {
      await openTestDatabase()
    }
  })
})
