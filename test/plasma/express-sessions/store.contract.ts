import { expect } from 'chai'
import session, { type SessionData, type Store } from 'express-session'
import { setTimeout as wait } from 'node:timers/promises'
import { rejectionOf } from '../../support/rejection'
import { SessionServer } from '../../support/session-server'
import { StoreCalls, newId, newSession } from './store-calls'

/** A session as a store has kept it. Times are milliseconds since 1970. */
export interface KeptSession {
  owner_id: string | null
  created_at: number
  seen_at: number
  expires_at: number
}

/** A session store that is ready to be used, and ways to see what it has kept. */
export interface OpenSessionStore {
  /** @param lifetimes milliseconds */
  make(lifetimes: { idle: number; absolute: number; touch: number }): Store & { destroyExpired(limit?: number): Promise<number> }
  /** What is kept of the session, whether it is over or not. */
  kept(id: string): Promise<KeptSession | undefined>
  /** All that the store has written, as it lies there. */
  bytes(): Buffer | Promise<Buffer>
  /** Makes what is kept of the session unreadable. */
  corrupt(id: string): Promise<void>
  /** Takes away what the store stands on. */
  fail(): Promise<void>
  /** Gives back what {@link fail} took. */
  recover(): Promise<void>
  close(): Promise<void>
}

const LONG = { idle: 60_000, absolute: 600_000, touch: 10_000 }

/** What every session store must do. */
export function describeSessionStore(name: string, open: () => Promise<OpenSessionStore>): void {
  describe(`${name}, as a session store`, () => {
    let opened: OpenSessionStore
    const calls = (lifetimes = LONG): StoreCalls => new StoreCalls(opened.make(lifetimes))

    before(async () => {
      opened = await open()
    })
    after(() => opened.close())

    describe('keeps sessions', () => {
      it('and answers an id that it does not know with null and no error', async () => {
        const answers: unknown[][] = []
        await new Promise<void>((resolve) => {
          opened.make(LONG).get(newId(), (...values: unknown[]) => {
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

      for (const [ownerId, kept] of [['owner-1', 'owner-1'], [42, '42'], [undefined, null], [{ $ne: '' }, null]] as const) {
        it(`with the owner ${JSON.stringify(ownerId)} as ${String(kept)}`, async () => {
          const store = calls()
          const id = newId()
          await store.set(id, { ...newSession(), ownerId })
          expect((await opened.kept(id))?.owner_id).to.equal(kept)
        })
      }

      it('and knows when an owner has come to one, or has gone', async () => {
        const store = calls()
        const id = newId()
        await store.set(id, newSession())
        const loaded = await store.load(id)
        await store.set(id, Object.assign(loaded, { ownerId: 'owner-1' }))
        expect((await opened.kept(id))?.owner_id).to.equal('owner-1')
        delete loaded.ownerId
        await store.set(id, loaded)
        expect((await opened.kept(id))?.owner_id).to.equal(null)
      })

      it('under a hash, and writes neither the id nor the cookie anywhere', async () => {
        const site = await SessionServer.start((app) => {
          app.use(session({ secret: 'x'.repeat(32), store: opened.make(LONG), resave: false, saveUninitialized: false }))
        })
        try {
          const client = site.client()
          await client.post('/login', { ownerId: 'owner-of-bytes' })
          await client.post('/note', { note: 'seen in bytes' })
          const cookie = decodeURIComponent(client.cookies.get('connect.sid') ?? '')
          const [id = '', signature = ''] = cookie.replace(/^s:/, '').split('.')
          expect(id).to.have.length.of.at.least(22)
          const bytes = await opened.bytes()
          expect(bytes.includes('owner-of-bytes')).to.equal(true)
          expect(bytes.includes(id), 'id').to.equal(false)
          expect(bytes.includes(signature), 'signature').to.equal(false)
        } finally {
          await site.stop()
        }
      })
    })

    describe('that fails', () => {
      const questions: [what: string, ask: (store: StoreCalls, id: string, session: SessionData) => Promise<unknown>][] = [
        ['get', (store, id) => store.get(id)],
        ['load', (store, id) => store.load(id)],
        ['set, of a new session', (store) => store.set(newId(), newSession())],
        ['set, of a loaded session', (store, id, session) => store.set(id, session)],
        ['touch', (store, id, session) => store.touch(id, session)],
        ['destroy', (store, id) => store.destroy(id)],
        ['destroyExpired', (store) => store.store.destroyExpired(10)],
      ]
      for (const [what, ask] of questions) {
        it(`answers with an error and never with "no session": ${what}`, async () => {
          const store = calls({ ...LONG, touch: 0 })
          const id = newId()
          await store.set(id, newSession())
          const loaded = await store.load(id)
          await opened.fail()
          try {
            expect(await rejectionOf(() => ask(store, id, loaded))).to.include({ status: 503, code: 'STORE_UNAVAILABLE' })
          } finally {
            await opened.recover()
          }
        })
      }

      it('answers with an error that says nothing of a session that cannot be read', async () => {
        const store = calls()
        const id = newId()
        await store.set(id, { ...newSession(), note: 'the-secret-note' })
        await opened.corrupt(id)
        const error = await rejectionOf(() => store.get(id))
        expect(error.message).not.to.include('secret').and.not.to.include(id)
      })
    })

    it('lets an error of the callback be an error of the callback, and calls it once', async () => {
      const store = opened.make(LONG)
      const listeners = process.listeners('uncaughtException')
      process.removeAllListeners('uncaughtException')
      const uncaught: string[] = []
      process.on('uncaughtException', (error) => uncaught.push(error.message))
      let count = 0
      const fail = (): never => {
        count += 1
        throw new Error(`call ${String(count)}`)
      }
      try {
        store.get(newId(), fail)
        store.set(newId(), newSession(), fail)
        store.destroy(newId(), fail)
        store.touch?.(newId(), newSession(), fail)
        await wait(30)
      } finally {
        process.removeAllListeners('uncaughtException')
        for (const listener of listeners) process.on('uncaughtException', listener)
      }
      expect(uncaught).to.have.members(['call 1', 'call 2', 'call 3', 'call 4'])
      expect(count).to.equal(4)
    })
  })
}
