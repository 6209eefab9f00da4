import { expect } from 'chai'
import session from 'express-session'
import { stoppedClock } from '../../support/clock'
import { StoreApp } from '../../support/store-app'
import { LONG, openedStore, type KeptSession, type OpenSessionStore } from './opened-store'
import { newId, newSession } from './store-calls'

/** How long every session store must keep sessions, and what a logout must end, over HTTP too. */
export function describeSessionLifetime(name: string, open: () => Promise<OpenSessionStore>): void {
  describe(`${name}, and how long sessions last`, () => {
    const opened = openedStore(open)
    const clock = stoppedClock()
    const kept = async (id: string): Promise<KeptSession> =>
      (await opened.store().kept(id)) ?? expect.fail('nothing is kept')

    it('ends a session that is not used (OWASP ASVS 7.3.1)', async () => {
      const calls = opened.calls({ idle: 1000, absolute: 10_000, touch: 0 })
      const id = newId()
      await calls.set(id, newSession())
      clock.pass(999)
      expect(await calls.get(id)).not.to.equal(null)
      clock.pass(1)
      expect(await calls.get(id)).to.equal(null)
    })

    for (const [what, shorter] of [
      ['unused', { idle: 1000, absolute: 600_000 }],
      ['old', { idle: 60_000, absolute: 1000 }],
    ] as const) {
      it(`ends a session that is ${what} by the lifetimes of today, which were longer when it was written (OWASP ASVS 7.3.1, 7.3.2)`, async () => {
        const id = newId()
        await opened.calls(LONG).set(id, newSession())
        clock.pass(1000)
        expect(await opened.calls({ ...LONG, ...shorter, touch: 0 }).get(id)).to.equal(null)
        expect(await opened.calls(LONG).get(id)).not.to.equal(null)
      })
    }

    it('keeps a session that is used, beyond its idle time', async () => {
      const calls = opened.calls({ idle: 1000, absolute: 10_000, touch: 0 })
      const id = newId()
      await calls.set(id, newSession())
      for (let i = 0; i < 4; i += 1) {
        clock.pass(999)
        await calls.touch(id, await calls.load(id))
      }
      expect(await calls.get(id)).not.to.equal(null)
    })

    it('ends a session that is old, however much it is used (OWASP ASVS 7.3.2)', async () => {
      const calls = opened.calls({ idle: 10_000, absolute: 1000, touch: 0 })
      const id = newId()
      await calls.set(id, newSession())
      const loaded = await calls.load(id)
      for (let i = 0; i < 3; i += 1) {
        clock.pass(333)
        await calls.touch(id, loaded)
        await calls.set(id, await calls.load(id))
      }
      const { created_at, expires_at } = await kept(id)
      expect(expires_at - created_at).to.equal(1000)
      expect(await calls.get(id)).not.to.equal(null)
      clock.pass(1)
      expect(await calls.get(id)).to.equal(null)
    })

    it('does not revive a session that is over, by save or by touch', async () => {
      const calls = opened.calls({ idle: 1000, absolute: 10_000, touch: 0 })
      const id = newId()
      await calls.set(id, newSession())
      const loaded = await calls.load(id)
      clock.pass(1000)
      await calls.touch(id, loaded)
      await calls.set(id, Object.assign(loaded, { note: 'late' }))
      expect(await calls.get(id)).to.equal(null)
    })

    it("asks nothing of the cookie's own lifetime", async () => {
      const calls = opened.calls({ idle: 1000, absolute: 10_000, touch: 0 })
      const id = newId()
      await calls.set(id, { cookie: Object.assign(new session.Cookie(), { maxAge: 60_000 }) })
      clock.pass(1000)
      expect(await calls.get(id)).to.equal(null)
    })

    it('writes nothing when a session is only read within the touch time', async () => {
      const calls = opened.calls({ idle: 60_000, absolute: 600_000, touch: 10_000 })
      const id = newId()
      await calls.set(id, newSession())
      const before = await kept(id)
      clock.pass(9999)
      await calls.touch(id, await calls.load(id))
      expect(await kept(id)).to.deep.equal(before)
    })

    it('moves "last seen" and the end of a session that is read after the touch time', async () => {
      const calls = opened.calls({ idle: 60_000, absolute: 600_000, touch: 10_000 })
      const id = newId()
      await calls.set(id, newSession())
      const before = await kept(id)
      clock.pass(10_000)
      await calls.touch(id, await calls.load(id))
      const after = await kept(id)
      expect(after.seen_at).to.equal(before.seen_at + 10_000)
      expect(after.expires_at).to.equal(after.seen_at + 60_000)
      expect(after.created_at).to.equal(before.created_at)
    })

    it('does not save what a touched session holds', async () => {
      const calls = opened.calls({ ...LONG, touch: 0 })
      const id = newId()
      await calls.set(id, { ...newSession(), note: 'saved' })
      await calls.touch(id, Object.assign(await calls.load(id), { note: 'not saved' }))
      expect((await calls.get(id))?.note).to.equal('saved')
    })

    it('deletes sessions that are over in batches, and no others', async () => {
      const [long, short] = [opened.calls(), opened.calls({ idle: 1000, absolute: 1000, touch: 0 })]
      await short.store.deleteExpired(1000)
      const alive = newId()
      await long.set(alive, newSession())
      await Promise.all(Array.from({ length: 5 }, () => short.set(newId(), newSession())))
      clock.pass(1000)
      const counts = []
      for (let i = 0; i < 4; i += 1) counts.push(await long.store.deleteExpired(2))
      expect(counts).to.deep.equal([2, 2, 1, 0])
      expect(await long.get(alive)).not.to.equal(null)
    })

    describe('over HTTP', () => {
      let site: StoreApp

      before(async () => {
        const store = opened.store().make({ ...LONG, touch: 0 })
        site = await StoreApp.start((app) => {
          app.use(session({ name: 'id', secret: 'x'.repeat(32), store, resave: false, saveUninitialized: false }))
        })
      })
      after(() => site.stop())

      it('an old cookie is of no use after a logout (OWASP ASVS 7.4.1)', async () => {
        const client = site.client()
        await client.post('/login', { ownerId: 'owner-1' })
        expect((await client.get('/')).body).to.deep.equal({ ownerId: 'owner-1', note: null })
        const cookie = client.cookies.get('id') ?? ''
        await client.post('/logout')
        client.cookies.set('id', cookie)
        expect((await client.get('/')).body).to.deep.equal({ ownerId: null, note: null })
      })

      it('nor when a request that changes the session was in flight during the logout', async () => {
        const client = site.client()
        await client.post('/login', { ownerId: 'owner-1' })
        const cookie = client.cookies.get('id') ?? ''
        const inFlight = client.post('/hold/logout')
        await site.holds('logout')
        expect((await client.post('/logout')).status).to.equal(200)
        site.release('logout')
        expect((await inFlight).status).to.equal(200)
        client.cookies.set('id', cookie)
        expect((await client.get('/')).body).to.deep.equal({ ownerId: null, note: null })
      })

      it('nor when it was in flight while a login gave a new id (OWASP ASVS 7.2.4)', async () => {
        const client = site.client()
        await client.post('/login', { ownerId: 'owner-1' })
        const cookie = client.cookies.get('id') ?? ''
        const inFlight = client.post('/hold/login')
        await site.holds('login')
        await client.post('/login', { ownerId: 'owner-2' })
        const renewed = client.cookies.get('id') ?? ''
        expect(renewed).not.to.equal(cookie)
        site.release('login')
        await inFlight
        client.cookies.set('id', cookie)
        expect((await client.get('/')).body).to.deep.equal({ ownerId: null, note: null })
        client.cookies.set('id', renewed)
        expect((await client.get('/')).body).to.deep.equal({ ownerId: 'owner-2', note: null })
      })

      it('a request that changes a session which nobody ended is saved', async () => {
        const client = site.client()
        await client.post('/login', { ownerId: 'owner-1' })
        await client.post('/note', { note: 'kept' })
        await client.post('/note', { note: 'kept again' })
        expect((await client.get('/')).body).to.deep.equal({ ownerId: 'owner-1', note: 'kept again' })
      })

      it('a store that fails is an error to the client, who stays logged in', async () => {
        const client = site.client()
        await client.post('/login', { ownerId: 'owner-1' })
        await opened.store().fail()
        try {
          const { status, headers } = await client.get('/')
          expect(status).to.equal(503)
          expect(headers.getSetCookie()).to.deep.equal([])
        } finally {
          await opened.store().recover()
        }
        expect((await client.get('/')).body).to.deep.equal({ ownerId: 'owner-1', note: null })
      })
    })
  })
}
