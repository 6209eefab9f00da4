import { expect } from 'chai'
import type { StoredSession } from '../../../../context/cell/session-store'
import { stoppedClock } from '../../../support/clock'
import { newSession, type StoreCalls } from '../store-calls'
import type { TestedStore } from './open-store'

const SHORT = { idle: 1000, absolute: 5000 }
const REMEMBERED = { idle: 20_000, absolute: 50_000 }

/** How long a store keeps sessions (OWASP ASVS 7.3.1, 7.3.2). */
export function describeLifetimes(tested: TestedStore): void {
  describe('expires', () => {
    const clock = stoppedClock()
    let ownerId: string
    beforeEach(() => {
      ownerId = `owner-${crypto.randomUUID()}`
    })

    /** Saves a session of the test's owner. @returns its id */
    async function create(calls: StoreCalls, maxAge?: number): Promise<string> {
      const session = newSession({ ownerId })
      if (maxAge !== undefined) session.cookie.maxAge = maxAge
      await calls.set(session.id, session)
      return session.id
    }
    const use = async (calls: StoreCalls, id: string): Promise<void> => calls.touch(id, await calls.load(id))
    const stored = async ({ store }: StoreCalls): Promise<StoredSession> =>
      (await store.listOwnerSessions(ownerId))[0] ?? expect.fail('nothing is stored')
    async function isKnown(calls: StoreCalls, id: string): Promise<boolean> {
      const isFound = (await calls.get(id)) !== null
      expect((await calls.store.listOwnerSessions(ownerId)).length > 0).to.equal(isFound)
      return isFound
    }

    const rows: [what: string, maxAge: number | undefined, lifetime: typeof SHORT][] = [
      ['a session', undefined, SHORT],
      ['a session of a remembered owner, later,', REMEMBERED.absolute, REMEMBERED],
      ['a session of a remembered owner, whatever the cookie says,', 1, REMEMBERED],
    ]
    for (const [what, maxAge, { idle, absolute }] of rows) {
      it(`${what} that is not used (OWASP ASVS 7.3.1), or old (OWASP ASVS 7.3.2)`, async () => {
        const calls = tested.create({ ...SHORT, remember: REMEMBERED })
        await calls.store.endAll()
        const [unused, used] = [await create(calls, maxAge), await create(calls, maxAge)]
        const createdAt = Date.now()
        clock.pass(idle - 1)
        expect(await isKnown(calls, unused)).to.equal(true)
        await use(calls, used)
        clock.pass(1)
        expect(await calls.get(unused)).to.equal(null)
        while (Date.now() - createdAt + idle < absolute) {
          clock.pass(idle - 2)
          await use(calls, used)
          await calls.set(used, await calls.load(used))
        }
        expect((await stored(calls)).expiresAt - createdAt).to.equal(absolute)
        clock.pass(createdAt + absolute - Date.now() - 1)
        expect(await isKnown(calls, used)).to.equal(true)
        clock.pass(1)
        expect([await isKnown(calls, used), await calls.store.count()]).to.deep.equal([false, 0])
      })
    }

    it('no later than others, sessions whose owners have left, or cannot be remembered', async () => {
      const [remembering, other] = [tested.create({ ...SHORT, remember: REMEMBERED }), tested.create(SHORT)]
      const rememberedFor = [remembering, other].map(({ store }) => store.rememberedFor)
      expect(rememberedFor).to.deep.equal([REMEMBERED.absolute, undefined])
      const left = await create(remembering, REMEMBERED.absolute)
      const loaded = await remembering.load(left)
      delete loaded.ownerId
      await remembering.set(left, loaded)
      const forgotten = await create(other, REMEMBERED.absolute)
      clock.pass(SHORT.idle)
      expect([await remembering.get(left), await other.get(forgotten)]).to.deep.equal([null, null])
    })

    for (const [what, maxAge, shorter] of [
      ['unused', undefined, { idle: 1000 }],
      ['old', undefined, { absolute: 1000 }],
      ['remembered', 1, { remember: undefined, idle: 1000 }],
    ] as const) {
      it(`an ${what} session by today's lifetimes, if they were longer when it was saved`, async () => {
        const [former, today] = [tested.create({ remember: REMEMBERED }), tested.create(shorter)]
        const id = await create(former, maxAge)
        clock.pass(1000)
        expect([await isKnown(today, id), await isKnown(former, id)]).to.deep.equal([false, true])
      })
    }

    it('sessions for good, also those that are written again', async () => {
      const calls = tested.create(SHORT)
      const id = await create(calls)
      const loaded = await calls.load(id)
      clock.pass(SHORT.idle)
      await calls.touch(id, loaded)
      await calls.set(id, loaded)
      expect(await calls.store.replace(loaded, newSession({ ownerId }))).to.equal(false)
      expect(await isKnown(tested.create(), id)).to.equal(false)
    })

    it('sessions at times that a read within the touch time does not move', async () => {
      const calls = tested.create({ touch: 10_000 })
      const id = await create(calls)
      const before = await stored(calls)
      clock.pass(9999)
      await use(calls, id)
      expect(await stored(calls)).to.deep.equal(before)
      clock.pass(1)
      await calls.touch(id, Object.assign(await calls.load(id), { note: 'not saved' }))
      const times = { seenAt: before.seenAt + 10_000, expiresAt: before.seenAt + 70_000 }
      expect(await stored(calls)).to.deep.equal({ ...before, ...times })
    })

    it('sessions that are then counted no more, and deleted in batches', async () => {
      const [calls, short] = [tested.create(), tested.create({ idle: 1000 })]
      await calls.store.endAll()
      const alive = await create(calls)
      for (let count = 0; count < 5; count += 1) await short.create()
      expect(await calls.store.count()).to.equal(6)
      clock.pass(1000)
      expect(await calls.store.count()).to.equal(1)
      const deleted = []
      for (let batch = 0; batch < 4; batch += 1) deleted.push(await calls.store.deleteExpired(2))
      // Nothing, if the database deletes them by itself.
      expect(['2,2,1,0', '0,0,0,0']).to.include(deleted.join())
      expect(await isKnown(calls, alive)).to.equal(true)
    })
  })
}
