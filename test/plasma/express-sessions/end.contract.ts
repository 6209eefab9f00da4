import { expect } from 'chai'
import type { SessionData } from 'express-session'
import { LONG, openedStore, type OpenSessionStore } from './opened-store'
import { newId, newSession, type StoreCalls } from './store-calls'

/** What every session store must do with a session that has ended (OWASP ASVS 7.4.1). */
export function describeSessionEnd(name: string, open: () => Promise<OpenSessionStore>): void {
  describe(`${name}, and the end of a session`, () => {
    const opened = openedStore(open)
    const { calls } = opened

    describe('never brings back a session that was destroyed', () => {
      const revivals: [
        how: string,
        revive: (store: StoreCalls, id: string, loaded: SessionData) => Promise<unknown>,
      ][] = [
        ['saved', (store, id, loaded) => store.set(id, Object.assign(loaded, { note: 'late' }))],
        [
          'saved twice',
          async (store, id, loaded) => {
            await store.set(id, loaded)
            await store.set(id, Object.assign(loaded, { note: 'late' }))
          },
        ],
        ['touched', (store, id, loaded) => store.touch(id, loaded)],
        [
          'touched and saved',
          async (store, id, loaded) => {
            await store.touch(id, loaded)
            await store.set(id, loaded)
          },
        ],
      ]
      for (const [how, revive] of revivals) {
        it(`when it was loaded before and is ${how} after`, async () => {
          const store = calls({ ...LONG, touch: 0 })
          const id = newId()
          await store.set(id, { ...newSession(), ownerId: 'owner-1' })
          const loaded = await store.load(id)
          await store.destroy(id)
          await revive(store, id, loaded)
          expect(await store.get(id)).to.equal(null)
          expect(await opened.store().kept(id)).to.equal(undefined)
        })

        it(`when it was new and is ${how} after`, async () => {
          const store = calls({ ...LONG, touch: 0 })
          const id = newId()
          const session = newSession()
          await store.set(id, session)
          await store.destroy(id)
          await revive(store, id, session)
          expect(await opened.store().kept(id)).to.equal(undefined)
        })
      }

      it('when another process destroyed it', async () => {
        const [mine, other] = [calls(), calls()]
        const id = newId()
        await mine.set(id, newSession())
        const loaded = await mine.load(id)
        await other.destroy(id)
        await mine.set(id, loaded)
        expect(await opened.store().kept(id)).to.equal(undefined)
      })

      it('when it was destroyed while it was being saved', async () => {
        const store = calls()
        const id = newId()
        await store.set(id, newSession())
        const loaded = await store.load(id)
        await Promise.all([store.set(id, loaded), store.destroy(id), store.set(id, loaded)])
        expect(await opened.store().kept(id)).to.equal(undefined)
      })

      it('when it was new, and destroyed while it was being saved', async () => {
        const store = calls()
        const id = newId()
        const session = newSession()
        await Promise.all([store.set(id, session), store.destroy(id), store.set(id, session)])
        expect(await opened.store().kept(id)).to.equal(undefined)
      })
    })
  })
}
