import { expect } from 'chai'
import type { RequestSession } from '../../../../context/cell/session-store'
import { newSession, type StoreCalls } from '../store-calls'
import type { TestedStore } from './open-store'

type Work = (calls: StoreCalls, session: RequestSession) => Promise<unknown>

/** How one request ends a session. */
const ENDINGS: Record<string, Work> = {
  'logs out': async (calls, session) => {
    await calls.destroy(session.id)
    await calls.store.endOwnerSessions(String(session.ownerId), { only: calls.store.handleOf(session) })
  },
  'ends it': ({ store }, session) => store.endOwnerSessions(String(session.ownerId), { only: store.handleOf(session) }),
  'ends all sessions': ({ store }) => store.endAll(),
  'replaces it': ({ store }, session) => store.replace(session, newSession({ ownerId: session.ownerId })),
}

/** What another request, which has the session already, does with it. */
const IN_FLIGHT: Record<string, Work> = {
  saves: (calls, session) => calls.set(session.id, Object.assign(session, { note: 'late' })),
  touches: (calls, session) => calls.touch(session.id, session),
  'touches and saves': (calls, session) =>
    Promise.all([calls.touch(session.id, session), calls.set(session.id, session), calls.set(session.id, session)]),
  'replaces and saves': async (calls, session) => {
    const successor = newSession({ ownerId: session.ownerId })
    await Promise.all([calls.store.replace(session, successor), calls.set(successor.id, successor)])
  },
}

/** That a session which has ended stays so, whatever requests are in flight (OWASP ASVS 7.4.1). */
export function describeEnds(tested: TestedStore): void {
  describe('keeps a session ended', () => {
    for (const [ends, end] of Object.entries(ENDINGS)) {
      for (const [writes, write] of Object.entries(IN_FLIGHT)) {
        it(`that one request ${ends}, while another ${writes}`, async () => {
          const [one, two] = [tested.create(), tested.create()]
          for (const how of ['has created', 'has loaded', 'has loaded in another process']) {
            for (const isFirst of [true, false]) {
              for (const isAwaited of [true, false]) {
                const created = await one.create({ ownerId: crypto.randomUUID() })
                const calls = how.endsWith('process') ? two : one
                const inFlight = how === 'has created' ? created : await calls.load(created.id)
                const loaded = await one.load(created.id)
                const works = [() => end(one, loaded), () => write(calls, inFlight)]
                const all: Promise<unknown>[] = []
                for (const work of isFirst ? works : works.reverse()) {
                  all.push(work())
                  if (isAwaited) await all.at(-1)
                }
                await Promise.all(all)
                const what = `${how}, ${isFirst ? 'later' : 'earlier'}, ${isAwaited ? 'one by one' : 'at once'}`
                expect(await one.get(created.id), what).to.equal(null)
                const list = await one.store.listOwnerSessions(String(created.ownerId))
                const successors = ends === 'replaces it' ? [one.store.handleOf(created)] : []
                expect(
                  list.map(({ handle }) => handle),
                  what,
                ).to.deep.equal(successors)
              }
            }
          }
        })
      }
    }
  })
}
