import { expect } from 'chai'
import session, { type SessionData } from 'express-session'
import { stoppedClock } from '../../support/clock'
import { LONG, openedStore, type KeptSession, type Lifetimes, type OpenSessionStore } from './opened-store'
import { newId, newSession, type StoreCalls } from './store-calls'

const SHORT = { idle: 1000, absolute: 5000, touch: 0 }
const REMEMBERED = { idle: 20_000, absolute: 50_000 }

/** How long every session store must keep the sessions of owners who asked to be remembered, and no others. */
export function describeRememberedSessions(name: string, open: () => Promise<OpenSessionStore>): void {
  describe(`${name}, and owners who asked to be remembered`, () => {
    const opened = openedStore(open)
    const clock = stoppedClock()
    const kept = async (id: string): Promise<KeptSession> =>
      (await opened.store().kept(id)) ?? expect.fail('nothing is kept')
    const isKnown = async (store: StoreCalls, id: string): Promise<boolean> => (await store.get(id)) !== null

    /** Keeps a session whose cookie has this lifetime. */
    async function keep(store: StoreCalls, maxAge?: number): Promise<{ id: string; data: SessionData }> {
      const id = newId()
      const data = Object.assign(newSession(), { ownerId: 'owner-1' })
      if (maxAge !== undefined) data.cookie.maxAge = maxAge
      await store.set(id, data)
      return { id, data }
    }

    it('says whether it remembers anybody', () => {
      const remembers = (lifetimes: Lifetimes): boolean => opened.store().make(lifetimes).rememberedFor !== undefined
      expect([remembers({ ...SHORT, remember: REMEMBERED }), remembers(SHORT)]).to.deep.equal([true, false])
    })

    describe('where it remembers', () => {
      let store: StoreCalls
      beforeEach(() => {
        store = opened.calls({ ...SHORT, remember: REMEMBERED })
      })

      it('ends a remembered session that is not used, by the longer idle time (OWASP ASVS 7.3.1)', async () => {
        const { id } = await keep(store, REMEMBERED.absolute)
        clock.pass(REMEMBERED.idle - 1)
        expect(await isKnown(store, id)).to.equal(true)
        clock.pass(1)
        expect(await isKnown(store, id)).to.equal(false)
      })

      it('ends a remembered session that is old, by the longer absolute time, however much it is used (OWASP ASVS 7.3.2)', async () => {
        const { id } = await keep(store, REMEMBERED.absolute)
        for (let i = 0; i < 4; i += 1) {
          clock.pass(12_000)
          await store.touch(id, await store.load(id))
          await store.set(id, await store.load(id))
        }
        const { created_at, expires_at } = await kept(id)
        expect(expires_at - created_at).to.equal(REMEMBERED.absolute)
        clock.pass(1999)
        expect(await isKnown(store, id)).to.equal(true)
        clock.pass(1)
        expect(await isKnown(store, id)).to.equal(false)
      })

      it("takes nothing from the cookie's own lifetime, be it longer or shorter", async () => {
        for (const maxAge of [1, 1_000_000]) {
          const id = newId()
          const cookie = Object.assign(new session.Cookie(), { maxAge })
          await store.set(id, Object.assign(newSession(), { cookie, ownerId: 'owner-1' }))
          clock.pass(REMEMBERED.idle - 1)
          expect(await isKnown(store, id), String(maxAge)).to.equal(true)
          clock.pass(1)
          expect(await isKnown(store, id), String(maxAge)).to.equal(false)
        }
      })

      it('gives the shorter times to a session whose owner has left', async () => {
        const { id } = await keep(store, REMEMBERED.absolute)
        const loaded = await store.load(id)
        delete loaded.ownerId
        await store.set(id, loaded)
        const { seen_at, expires_at } = await kept(id)
        expect(expires_at - seen_at).to.equal(SHORT.idle)
      })
    })

    it('remembers nobody where it is not to, whatever a login says', async () => {
      const store = opened.calls(SHORT)
      const { id } = await keep(store, REMEMBERED.absolute)
      const { created_at, expires_at } = await kept(id)
      expect(expires_at - created_at).to.equal(SHORT.idle)
    })

    it('ends earlier than they were to, at their next use, those remembered by a cell that no longer does', async () => {
      const { id } = await keep(opened.calls({ ...SHORT, remember: { idle: 100_000, absolute: 1_000_000 } }), 1_000_000)
      const store = opened.calls({ ...LONG, touch: 0 })
      await store.touch(id, await store.load(id))
      const { seen_at, expires_at } = await kept(id)
      expect(expires_at - seen_at).to.equal(LONG.idle)
    })
  })
}
