import { expect } from 'chai'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { rejectionOf } from '../../../support/rejection'
import { uncaughtDuring } from '../../../support/uncaught'
import { newId, newSession, type StoreCalls } from '../store-calls'
import type { TestedStore } from './open-store'

type Ask = (store: StoreCalls) => Promise<unknown>

/** How a store saves sessions, and fails to. */
export function describeSavedSessions(tested: TestedStore): void {
  describe('saves sessions', () => {
    it('and answers null, without an error, for an id that it does not know', async () => {
      const { store } = tested.create()
      const answer = await new Promise((resolve) => {
        store.get(newId(), (...values: unknown[]) => {
          resolve(values)
        })
      })
      expect(answer).to.deep.equal([null, null])
    })

    it('each under its own id, and gives back what was saved', async () => {
      const calls = tested.create()
      const fields = { ownerId: 'owner-1', note: 'ünïcödé 😀 "quoted"\n' }
      const [one, two] = [await calls.create(fields), await calls.create({ note: 'other' })]
      expect(await calls.get(one.id)).to.deep.include(fields)
      expect((await calls.get(one.id))?.cookie).to.include({ path: '/', httpOnly: true })
      expect((await calls.get(two.id))?.note).to.equal('other')
      expect(await calls.get(one.id.toUpperCase())).to.equal(null)
    })

    it('until they are destroyed, and destroys what it does not know without an error', async () => {
      const calls = tested.create()
      const { id } = await calls.create()
      await calls.destroy(id)
      expect(await calls.get(id)).to.equal(null)
      await calls.destroy(id)
    })

    it('but never their ids', async () => {
      const calls = tested.create()
      const { id } = await calls.create({ ownerId: 'owner-of-bytes' })
      const loaded = await calls.load(id)
      await calls.set(id, Object.assign(loaded, { note: 'x' }))
      await calls.store.replace(loaded, newSession({ ownerId: 'owner-of-bytes' }))
      const bytes = await tested.opened.bytes()
      expect([bytes.includes('owner-of-bytes'), bytes.includes(id)]).to.deep.equal([true, false])
    })
  })

  describe('fails', () => {
    const questions: Record<string, Ask> = {
      get: (calls) => calls.get(newId()),
      'set, of a new session': (calls) => calls.create(),
      destroy: (calls) => calls.destroy(newId()),
      listOfOwner: ({ store }) => store.listOfOwner('owner-1'),
      endOfOwner: ({ store }) => store.endOfOwner('owner-1'),
      replace: ({ store }) => store.replace(newSession(), newSession()),
      count: ({ store }) => store.count(),
      endAll: ({ store }) => store.endAll(),
      deleteExpired: ({ store }) => store.deleteExpired(10),
    }

    it('with an error, never with an answer, when it has no connection (OWASP ASVS 16.5.3)', async () => {
      const calls = tested.create()
      const { id } = await calls.create()
      const loaded = await calls.load(id)
      const all = Object.entries({
        ...questions,
        'set, of a loaded session': (): Promise<void> => calls.set(id, loaded),
        touch: (): Promise<void> => calls.touch(id, loaded),
      } as Record<string, Ask>)
      await tested.whileDisconnected(async () => {
        for (const [what, ask] of all) {
          const error = await rejectionOf(() => ask(calls))
          expect(error, what).to.include({ status: 503, code: 'STORE_UNAVAILABLE' })
        }
      })
      expect(await calls.get(id)).not.to.equal(null)
    })

    it('without saying what is in a session that cannot be read', async () => {
      const calls = tested.create()
      const { id } = await calls.create({ ownerId: 'owner-unread' })
      await tested.opened.corrupt(id)
      for (const ask of [() => calls.get(id), () => calls.store.listOfOwner('owner-unread')]) {
        const error = await rejectionOf(ask)
        expect(error).to.include({ status: 503, code: 'STORE_UNAVAILABLE' })
        expect(`${error.message}${String(error.cause)}`)
          .not.to.include('secret')
          .and.not.include(id)
      }
    })

    it('never for an error of the callback, which it calls once', async () => {
      const { store } = tested.create()
      let count = 0
      const fail = (): never => {
        throw new Error(`call ${String((count += 1))}`)
      }
      const uncaught = await uncaughtDuring(async () => {
        store.get(newId(), fail)
        store.set(newId(), newSession(), fail)
        store.destroy(newId(), fail)
        store.touch?.(newId(), newSession(), fail)
        // All four have called back by then, and would have again.
        await promisify(store.destroy.bind(store))(newId())
        await wait(10)
      })
      expect(uncaught).to.have.members(['call 1', 'call 2', 'call 3', 'call 4'])
      expect(count).to.equal(4)
    })
  })
}
