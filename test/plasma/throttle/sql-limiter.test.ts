import { expect } from 'chai'
import { RateLimiterRes } from 'rate-limiter-flexible'
import { closeDatabase, database } from '../../../context/database'
import { SqlLimiter, deleteForgotten } from '../../../plasma/throttle/sql-limiter'
import { stoppedClock } from '../../support/clock'
import { openTestDatabase } from '../../support/test-database'

describe('rate-limiter-flexible on the database of the cell', () => {
  const clock = stoppedClock()
  before(openTestDatabase)
  after(closeDatabase)
  afterEach(() => database().deleteFrom('throttles').execute())

  const limiter = new SqlLimiter('failures', 3, 60)
  const points = async (key: string, of = limiter): Promise<number | undefined> => (await of.get(key))?.consumedPoints
  const rows = (): Promise<{ key: string }[]> => database().selectFrom('throttles').selectAll().execute()

  it('knows nothing of a key that nobody has used', async () => {
    expect(await limiter.get('ada')).to.equal(null)
    expect(await limiter.delete('ada')).to.equal(false)
  })

  it('adds up points, until a time that the first has set', async () => {
    await limiter.penalty('ada')
    clock.pass(20_000)
    const { consumedPoints, remainingPoints, msBeforeNext } = await limiter.penalty('ada', 2)
    expect({ consumedPoints, remainingPoints, msBeforeNext }).to.deep.equal({ consumedPoints: 3, remainingPoints: 0, msBeforeNext: 40_000 })
    clock.pass(39_999)
    expect(await points('ada')).to.equal(3)
    clock.pass(1)
    expect(await points('ada')).to.equal(undefined)
  })

  it('begins anew where the time is over, though the row is still there', async () => {
    await limiter.penalty('ada', 5)
    clock.pass(60_000)
    expect(await rows()).to.have.length(1)
    expect(await limiter.penalty('ada')).to.include({ consumedPoints: 1, msBeforeNext: 60_000 })
  })

  it('refuses more points than there are, and tells how long', async () => {
    for (let left = 2; left >= 0; left -= 1) expect((await limiter.consume('ada')).remainingPoints).to.equal(left)
    const refusal: unknown = await limiter.consume('ada').then(() => undefined, (refusal: unknown) => refusal)
    expect(refusal).to.be.instanceOf(RateLimiterRes).and.to.include({ msBeforeNext: 60_000, consumedPoints: 4 })
  })

  it('replaces what was there by what is set, with a time of its own', async () => {
    await limiter.penalty('ada', 2)
    await limiter.set('ada', 7, 5)
    expect(await limiter.get('ada')).to.include({ consumedPoints: 7, remainingPoints: 0, msBeforeNext: 5000 })
  })

  it('forgets one key at once, and no other one', async () => {
    await limiter.penalty('ada')
    await limiter.penalty('bob')
    expect(await limiter.delete('ada')).to.equal(true)
    expect([await points('ada'), await points('bob')]).to.deep.equal([undefined, 1])
  })

  it('shares its keys with no limiter of another prefix, and with all of the same one', async () => {
    await limiter.penalty('ada')
    expect(await points('ada', new SqlLimiter('wait', 3, 60))).to.equal(undefined)
    expect(await points('ada', new SqlLimiter('failures', 9, 5))).to.equal(1)
  })

  for (const key of ['', ' ', 'a\0b', '\ud800', "x' or 1=1 --", 'ä'.normalize('NFD'), 'x'.repeat(100_000)]) {
    it(`takes any key for one of its own: ${JSON.stringify(key.slice(0, 20))}`, async () => {
      await limiter.penalty('ada')
      await limiter.penalty(key, 2)
      expect([await points('ada'), await points(key), await points(`${key}x`)]).to.deep.equal([1, 2, undefined])
    })
  }

  it('keeps of a key its SHA-256 alone', async () => {
    await limiter.penalty('username ada 192.0.2.7')
    await limiter.set('id 3e27df99 192.0.2.7', 1, 60)
    const kept = await rows()
    expect(kept).to.have.length(2)
    for (const { key } of kept) expect(key).to.match(/^[\w-]{43}$/)
  })

  it('adds up what comes at once, to the point', async () => {
    await Promise.all(Array.from({ length: 100 }, () => limiter.penalty('ada')))
    expect(await points('ada')).to.equal(100)
  })

  it('takes part in a transaction: nothing counts before it is done, and nothing of one that fails', async () => {
    const work = database()
      .transaction()
      .execute(async (db) => {
        await limiter.penalty('ada', 1, { db })
        await limiter.set('bob', 1, 60, { db })
        expect(await points('ada')).to.equal(undefined)
        throw new Error('something else fails')
      })
    expect(await work.catch((error: unknown) => (error as Error).message)).to.equal('something else fails')
    expect(await rows()).to.deep.equal([])
  })

  it('fails with the database, and lets nobody through for it', async () => {
    await closeDatabase()
    try {
      const calls = [() => limiter.get('ada'), () => limiter.penalty('ada'), () => limiter.consume('ada'), () => limiter.delete('ada')]
      for (const work of [...calls, () => limiter.set('ada', 1, 1)]) {
        const error: unknown = await work().then(() => undefined, (error: unknown) => error)
        expect(error).to.include({ code: 'STORE_UNAVAILABLE' })
      }
    } finally {
      await openTestDatabase()
    }
  })

  it('deletes what is forgotten, so much at a time, and nothing that still counts', async () => {
    for (const key of ['a', 'b', 'c', 'd', 'e']) await limiter.penalty(key)
    clock.pass(30_000)
    await limiter.penalty('late')
    expect(await deleteForgotten(10)).to.equal(0)
    clock.pass(29_999)
    expect(await deleteForgotten(10)).to.equal(0)
    clock.pass(1)
    expect([await deleteForgotten(2), await deleteForgotten(2), await deleteForgotten(2), await deleteForgotten(2)]).to.deep.equal([2, 2, 1, 0])
    expect(await rows()).to.have.length(1)
    expect(await points('late')).to.equal(1)
  })
})
