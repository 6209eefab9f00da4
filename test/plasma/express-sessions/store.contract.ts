import { expect } from 'chai'
import session, { type SessionData } from 'express-session'
import { setTimeout as wait } from 'node:timers/promises'
import { rejectionOf } from '../../support/rejection'
import { StoreApp } from '../../support/store-app'
import { LONG, openedStore, type OpenSessionStore } from './opened-store'
import { newId, newSession, type StoreCalls } from './store-calls'
import { uncaughtDuring } from '../../support/uncaught'

/** What every session store must do. */
export function describeSessionStore(name: string, open: () => Promise<OpenSessionStore>): void {
  describe(`${name}, as a session store`, () => {
    const opened = openedStore(open)
    const { calls } = opened

    describe('keeps sessions', () => {
      it('and answers an id that it does not know with null and no error', async () => {
        const answers: unknown[][] = []
        await new Promise<void>((resolve) => {
          opened
            .store()
            .make(LONG)
            .get(newId(), (...values: unknown[]) => {
              answers.push(values)
              resolve()
            })
        })
        expect(answers).to.deep.equal([[null, null]])
      })

      it('and gives back what was set', async () => {
        const store = calls()
        const id = newId()
        await store.set(id, { ...newSession(), ownerId: 'owner-1', note: 'ünïcödé 😀 "quoted"\n' })
        expect(await store.get(id)).to.deep.include({ ownerId: 'owner-1', note: 'ünïcödé 😀 "quoted"\n' })
        expect((await store.get(id))?.cookie).to.include({ path: '/', httpOnly: true })
      })

      it('each under its own id', async () => {
        const store = calls()
        const ids = Array.from({ length: 20 }, newId)
        await Promise.all(ids.map((id) => store.set(id, { ...newSession(), note: id })))
        for (const id of ids) expect((await store.get(id))?.note).to.equal(id)
        expect(await store.get(ids[0]?.toUpperCase() ?? '')).to.equal(null)
      })

      it('until they are destroyed, and destroys what it does not know without an error', async () => {
        const store = calls()
        const id = newId()
        await store.set(id, newSession())
        await store.destroy(id)
        expect(await store.get(id)).to.equal(null)
        await store.destroy(id)
        await store.destroy(newId())
      })

      for (const [ownerId, kept] of [
        ['owner-1', 'owner-1'],
        [42, '42'],
        [undefined, null],
        [{ $ne: '' }, null],
      ] as const) {
        it(`with the owner ${JSON.stringify(ownerId)} as ${String(kept)}`, async () => {
          const store = calls()
          const id = newId()
          await store.set(id, { ...newSession(), ownerId })
          expect((await opened.store().kept(id))?.owner_id).to.equal(kept)
        })
      }

      it('and knows when an owner has come to one, or has gone', async () => {
        const store = calls()
        const id = newId()
        await store.set(id, newSession())
        const loaded = await store.load(id)
        await store.set(id, Object.assign(loaded, { ownerId: 'owner-1' }))
        expect((await opened.store().kept(id))?.owner_id).to.equal('owner-1')
        delete loaded.ownerId
        await store.set(id, loaded)
        expect((await opened.store().kept(id))?.owner_id).to.equal(null)
      })

      it('under a hash, and writes neither the id nor the cookie anywhere', async () => {
        const site = await StoreApp.start((app) => {
          app.use(
            session({
              secret: 'x'.repeat(32),
              store: opened.store().make(LONG),
              resave: false,
              saveUninitialized: false,
            }),
          )
        })
        try {
          const client = site.client()
          await client.post('/login', { ownerId: 'owner-of-bytes' })
          await client.post('/note', { note: 'seen in bytes' })
          const cookie = decodeURIComponent(client.cookies.get('connect.sid') ?? '')
          const [id = '', signature = ''] = cookie.replace(/^s:/, '').split('.')
          expect(id).to.have.length.of.at.least(22)
          const bytes = await opened.store().bytes()
          expect(bytes.includes('owner-of-bytes')).to.equal(true)
          expect(bytes.includes(id), 'id').to.equal(false)
          expect(bytes.includes(signature), 'signature').to.equal(false)
        } finally {
          await site.stop()
        }
      })
    })

    describe('that fails', () => {
      const questions: [
        what: string,
        ask: (store: StoreCalls, id: string, session: SessionData) => Promise<unknown>,
      ][] = [
        ['get', (store, id) => store.get(id)],
        ['load', (store, id) => store.load(id)],
        ['set, of a new session', (store) => store.set(newId(), newSession())],
        ['set, of a loaded session', (store, id, session) => store.set(id, session)],
        ['touch', (store, id, session) => store.touch(id, session)],
        ['destroy', (store, id) => store.destroy(id)],
        ['deleteExpired', (store) => store.store.deleteExpired(10)],
      ]
      for (const [what, ask] of questions) {
        it(`answers with an error and never with "no session": ${what}`, async () => {
          const store = calls({ ...LONG, touch: 0 })
          const id = newId()
          await store.set(id, newSession())
          const loaded = await store.load(id)
          await opened.store().fail()
          try {
            expect(await rejectionOf(() => ask(store, id, loaded))).to.include({
              status: 503,
              code: 'STORE_UNAVAILABLE',
            })
          } finally {
            await opened.store().recover()
          }
        })
      }

      it('answers with an error that says nothing of a session that cannot be read', async () => {
        const store = calls()
        const id = newId()
        await store.set(id, { ...newSession(), note: 'the-secret-note' })
        await opened.store().corrupt(id)
        const error = await rejectionOf(() => store.get(id))
        expect(error.message).not.to.include('secret').and.not.to.include(id)
      })
    })

    it('lets an error of the callback be an error of the callback, and calls it once', async () => {
      const store = opened.store().make(LONG)
      let count = 0
      const fail = (): never => {
        count += 1
        throw new Error(`call ${String(count)}`)
      }
      const uncaught = await uncaughtDuring(async () => {
        store.get(newId(), fail)
        store.set(newId(), newSession(), fail)
        store.destroy(newId(), fail)
        store.touch?.(newId(), newSession(), fail)
        await wait(30)
      })
      expect(uncaught).to.have.members(['call 1', 'call 2', 'call 3', 'call 4'])
      expect(count).to.equal(4)
    })
  })
}
