import { expect } from 'chai'
import type { StoredSession } from '../../../../context/cell/session-store'
import { stoppedClock } from '../../../support/clock'
import { newSession, type StoreCalls } from '../store-calls'
import type { TestedStore } from './open-store'

const SHORT = { idle: 1000, absolute: 5000 }
const REMEMBERED = { idle: 20_000, absolute: 50_000 }

/** How long a store keeps sessions (OWASP ASVS 7.3.1, 7.3.2). */
export function describeLifetimes(tested: TestedStore): void {
  describe('keeps sessions as long as they may last', () => {
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
    const stored = async ({ store }: StoreCalls): Promise<StoredSession> =>
      (await store.listOfOwner(ownerId))[0] ?? expect.fail('nothing is stored')
    const isKnown = async (calls: StoreCalls, id: string): Promise<boolean> => {
      const isFound = (await calls.get(id)) !== null
      expect((await calls.store.listOfOwner(ownerId)).length > 0).to.equal(isFound)
      return isFound
    }
    async function use(calls: StoreCalls, id: string): Promise<void> {
      await calls.touch(id, await calls.load(id))
    }

    /** Each with how the session's owner logged in. */
    const rows: [who: string, maxAge: number | undefined, lasts: typeof SHORT][] = [
      ['of owners', undefined, SHORT],
      ['of remembered owners, for longer', REMEMBERED.absolute, REMEMBERED],
      ['of remembered owners, whatever their cookie says', 1, REMEMBERED],
    ]
    for (const [who, maxAge, { idle, absolute }] of rows) {
      it(`${who}, unless they are not used (OWASP ASVS 7.3.1)`, async () => {
        const calls = tested.create({ ...SHORT, remember: REMEMBERED })
        const id = await create(calls, maxAge)
        clock.pass(idle - 1)
        expect(await isKnown(calls, id)).to.equal(true)
        await use(calls, id)
        clock.pass(idle - 1)
        expect(await isKnown(calls, id)).to.equal(true)
        clock.pass(1)
        expect(await isKnown(calls, id)).to.equal(false)
      })

      it(`${who}, however much they are used (OWASP ASVS 7.3.2)`, async () => {
        const calls = tested.create({ ...SHORT, remember: REMEMBERED })
        const id = await create(calls, maxAge)
        const { createdAt } = await stored(calls)
        while (Date.now() - createdAt + idle < absolute) {
          clock.pass(idle - 1)
          await use(calls, id)
          await calls.set(id, await calls.load(id))
        }
        expect((await stored(calls)).expiresAt - createdAt).to.equal(absolute)
        clock.pass(createdAt + absolute - Date.now() - 1)
        expect(await isKnown(calls, id)).to.equal(true)
        clock.pass(1)
        expect(await isKnown(calls, id)).to.equal(false)
      })
    }

    it('and no longer than others, those that nobody is logged in to, or that nobody can be remembered in', async () => {
      const [remembering, other] = [tested.create({ ...SHORT, remember: REMEMBERED }), tested.create(SHORT)]
      expect(remembering.store.rememberedFor).to.equal(REMEMBERED.absolute)
      expect(other.store.rememberedFor).to.equal(undefined)
      const left = await create(remembering, REMEMBERED.absolute)
      const loaded = await remembering.load(left)
      delete loaded.ownerId
      await remembering.set(left, loaded)
      const forgotten = await create(other, REMEMBERED.absolute)
      clock.pass(SHORT.idle)
      expect([await remembering.get(left), await other.get(forgotten)]).to.deep.equal([null, null])
    })

    for (const [what, shorter] of [
      ['unused', { idle: 1000 }],
      ['old', { absolute: 1000 }],
      ['remembered', { remember: undefined, idle: 1000 }],
    ] as const) {
      it(`by the lifetimes of now, which may be shorter than those of when it was saved: ${what}`, async () => {
        const [before, now] = [tested.create({ remember: REMEMBERED }), tested.create(shorter)]
        const id = await create(before, what === 'remembered' ? 1 : undefined)
        clock.pass(1000)
        expect([await isKnown(now, id), await isKnown(before, id)]).to.deep.equal([false, true])
      })
    }

    it('and revives none that has expired, by save or by touch', async () => {
      const calls = tested.create(SHORT)
      const id = await create(calls)
      const loaded = await calls.load(id)
      clock.pass(SHORT.idle)
      await calls.touch(id, loaded)
      await calls.set(id, loaded)
      expect(await calls.store.replace(loaded, newSession({ ownerId }))).to.equal(false)
      expect(await isKnown(tested.create(), id)).to.equal(false)
    })

    it('and writes nothing when one is read again within the touch time', async () => {
      const calls = tested.create({ touch: 10_000 })
      const id = await create(calls)
      const before = await stored(calls)
      clock.pass(9999)
      await use(calls, id)
      expect(await stored(calls)).to.deep.equal(before)
      clock.pass(1)
      const loaded = await calls.load(id)
      for (let times = 0; times < 2; times += 1) await calls.touch(id, Object.assign(loaded, { note: 'not saved' }))
      const { seenAt, expiresAt, data, ...same } = await stored(calls)
      expect([seenAt, expiresAt]).to.deep.equal([before.seenAt + 10_000, seenAt + 60_000])
      expect({ ...before, ...same, data }).to.deep.equal(before)
    })

    it('and then counts them no more, and deletes them in batches', async () => {
      const [calls, short] = [tested.create(), tested.create({ idle: 1000 })]
      await calls.store.endAll()
      const alive = await create(calls)
      for (let count = 0; count < 5; count += 1) await short.create()
      expect(await calls.store.count()).to.equal(6)
      clock.pass(1000)
      expect(await calls.store.count()).to.equal(1)
      const counts = []
      for (let batch = 0; batch < 4; batch += 1) counts.push(await calls.store.deleteExpired(2))

      expect([
        [2, 2, 1, 0],
        [0, 0, 0, 0],
      ]).to.deep.include(counts)
      expect(await isKnown(calls, alive)).to.equal(true)
    })
  })
}
