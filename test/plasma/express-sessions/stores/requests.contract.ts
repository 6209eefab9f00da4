import { expect } from 'chai'
import type { RequestSession } from '../../../../context/cell/session-store'
import { newSession, type StoreCalls } from '../store-calls'
import type { TestedStore } from './open-store'

/** A step of a request. Steps after `load` are not taken if there was nothing to load. */
type Step = 'load' | 'save' | 'touch' | 'destroy' | 'end' | 'replace'

const WRITING: Step[] = ['load', 'save', 'touch', 'save']

/** What becomes of a session. */
interface Outcome {
  isKnown: boolean
  /** The sessions that the owner has: the same one, or its successor. */
  count: number
}

/**
 * What a store does with two requests of one session, in whatever order their steps come (OWASP ASVS 7.4.1). The requests
 * may be in two processes: then each has a store of its own.
 */
export function describeRequestsOfOneSession(tested: TestedStore): void {
  describe('of two requests of one session, in any order,', () => {
    const ended = { isKnown: false, count: 0 }
    const replaced = { isKnown: false, count: 1 }
    const cases: [title: string, first: Step[], second: Step[], expected: (loaded: boolean[]) => Outcome][] = [
      ['destroying beats writing', ['load', 'save', 'destroy', 'save', 'touch'], WRITING, () => ended],
      ["ending an owner's session beats writing", ['load', 'save', 'end', 'save', 'touch'], WRITING, () => ended],
      ['replacing beats writing', ['load', 'replace', 'save'], WRITING, () => replaced],
      ['one replaces it, not both', ['load', 'replace', 'save'], ['load', 'replace', 'save'], () => replaced],
      [
        'a logout ends the successor, too',
        ['load', 'replace', 'save'],
        ['load', 'destroy', 'end'],
        ([, hasLoaded]) => (hasLoaded ? ended : replaced),
      ],
      ['both can write', WRITING, ['load', 'save'], () => ({ isKnown: true, count: 1 })],
    ]
    for (const [title, first, second, expected] of cases) {
      for (const stores of [1, 2]) {
        it(`${title}, in ${stores === 1 ? 'one store' : 'two stores'}`, async () => {
          const one = tested.create()
          const two = stores === 1 ? one : tested.create()
          for (const order of interleavings(first.length, second.length)) {
            const created = await one.create({ ownerId: crypto.randomUUID() })
            const requests = [new TestRequest(one, created), new TestRequest(two, created)] as const
            const steps: [Step[], Step[]] = [[...first], [...second]]
            // No step waits for another, except that a request does nothing before it has its session.
            const all: Promise<unknown>[] = []
            for (const which of order) {
              const step = steps[which].shift() ?? expect.fail('no step is left')
              all.push(requests[which].take(step))
              if (step === 'load') await all.at(-1)
            }
            await Promise.all(all)
            const listed = await one.store.listOfOwner(String(created.ownerId))
            for (const { handle } of listed) expect(handle).to.equal(one.store.handleOf(created))
            const outcome = { isKnown: (await one.get(created.id)) !== null, count: listed.length }
            const loaded = requests.map(({ session }) => session !== undefined)
            expect(outcome, order.join()).to.deep.equal(expected(loaded))
          }
        })
      }
    }

    it('the one that has created it does not bring it back after the other has destroyed it', async () => {
      const calls = tested.create()
      for (const isAwaited of [true, false]) {
        const session = newSession()
        const saving = calls.set(session.id, session)
        if (isAwaited) await saving
        await Promise.all([saving, calls.destroy(session.id), calls.set(session.id, session)])
        await calls.touch(session.id, session)
        expect(await calls.get(session.id)).to.equal(null)
      }
    })
  })
}

class TestRequest {
  readonly #calls: StoreCalls
  readonly #created: RequestSession
  session: RequestSession | undefined

  constructor(calls: StoreCalls, created: RequestSession) {
    this.#calls = calls
    this.#created = created
  }

  async take(step: Step): Promise<unknown> {
    const calls = this.#calls
    const ownerId = String(this.#created.ownerId)
    if (step === 'load') return (this.session = await calls.load(this.#created.id).catch(() => undefined))
    const { session } = this
    if (!session) return undefined
    if (step === 'save') return calls.set(session.id, Object.assign(session, { note: 'late' }))
    if (step === 'touch') return calls.touch(session.id, session)
    if (step === 'destroy') return calls.destroy(session.id)
    if (step === 'end') return calls.store.endOfOwner(ownerId, { only: calls.store.handleOf(session) })
    return calls.store.replace(session, (this.session = newSession({ ownerId })))
  }
}

/** All orders of so many steps of one request and so many of another: whose turn it is, 0 or 1. */
function interleavings(first: number, second: number): (0 | 1)[][] {
  if (first === 0 || second === 0) return [[...Array<0>(first).fill(0), ...Array<1>(second).fill(1)]]
  return [
    ...interleavings(first - 1, second).map((rest) => [0 as const, ...rest]),
    ...interleavings(first, second - 1).map((rest) => [1 as const, ...rest]),
  ]
}
