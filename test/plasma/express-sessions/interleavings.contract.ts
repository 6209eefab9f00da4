import { expect } from 'chai'
import type { SessionData } from 'express-session'
import { LONG, openedStore, type MadeStore, type OpenSessionStore } from './opened-store'
import { StoreCalls, newId, newSession } from './store-calls'

type Step = 'load' | 'save' | 'touch' | 'destroy' | 'end' | 'save again'

const ENDING: Step[] = ['load', 'save', 'touch', 'destroy', 'save again']
const REVOKING: Step[] = ['load', 'save', 'touch', 'end', 'save again']
const WRITING: Step[] = ['load', 'save', 'touch', 'save again']

/** Whether a request waits for a step before the next one of either is taken. What was loaded is always waited for. */
type Waiting = 'one after the other' | 'without waiting for one another'

/**
 * What every session store must do with two requests of one session, in whatever order their steps come (OWASP ASVS
 * 7.4.1). The requests may be in two processes: then each has a store of its own.
 */
export function describeInterleavings(name: string, open: () => Promise<OpenSessionStore>): void {
  describe(`${name}, and two requests of one session`, () => {
    const opened = openedStore(open)

    const pairs: [title: string, first: Step[], second: Step[]][] = [
      ['is gone when one of them destroys it', ENDING, WRITING],
      ["is gone when one of them ends it as its owner's", REVOKING, WRITING],
      ['is gone when both destroy it', ENDING, ENDING],
      ['is there when neither ends it', WRITING, WRITING],
    ]
    for (const [title, first, second] of pairs) {
      const orders = interleavings(first.length, second.length)
      for (const stores of [1, 2]) {
        for (const waiting of ['one after the other', 'without waiting for one another'] as const) {
          const how = `in ${stores === 1 ? 'one store' : 'two stores'}, ${waiting}`
          it(`${title}: all ${orders.length} orders, ${how} (OWASP ASVS 7.4.1)`, async () => {
            const store = opened.store().make({ ...LONG, touch: 0 })
            const other = stores === 1 ? store : opened.store().make({ ...LONG, touch: 0 })
            const calls = new StoreCalls(store)
            const isEnded = [...first, ...second].some((step) => step === 'destroy' || step === 'end')
            for (const order of orders) {
              const id = newId()
              await calls.set(id, { ...newSession(), ownerId: id })
              const taken = await take(order, [new Taker(store, id, first), new Taker(other, id, second)], waiting)
              const kept = await opened.store().kept(id)
              expect(kept?.owner_id, taken.join(', ')).to.equal(isEnded ? undefined : id)
              if (!isEnded) expect((await calls.get(id))?.note, taken.join(', ')).to.equal('save again')
            }
          })
        }
      }
    }
  })
}

/** A request, and the steps that it has not taken yet. */
class Taker {
  readonly #store: MadeStore
  readonly #calls: StoreCalls
  readonly #id: string
  readonly #steps: Step[]
  #session: SessionData | undefined

  constructor(store: MadeStore, id: string, steps: Step[]) {
    this.#store = store
    this.#calls = new StoreCalls(store)
    this.#id = id
    this.#steps = [...steps]
  }

  /** Takes the next one. Where there was nothing to load, express-session goes on with a session of another id. */
  take(): { step: Step; done: Promise<unknown>; isLoading: boolean } {
    const step = this.#steps.shift() ?? 'load'
    return { step, done: this.#do(step), isLoading: step === 'load' }
  }

  async #do(step: Step): Promise<unknown> {
    if (step === 'load') {
      this.#session = await this.#calls.load(this.#id).catch(() => undefined)
    } else if (!this.#session) return undefined
    else if (step === 'touch') return this.#calls.touch(this.#id, this.#session)
    else if (step === 'destroy') return this.#calls.destroy(this.#id)
    else if (step === 'end') return this.#store.endOfOwner(this.#id, { only: this.#store.handleOf({ id: this.#id }) })
    else return this.#calls.set(this.#id, Object.assign(this.#session, { note: step }))
    return undefined
  }
}

/** @returns what was done, by whom */
async function take(order: number[], takers: [Taker, Taker], waiting: Waiting): Promise<string[]> {
  const taken: string[] = []
  const all: Promise<unknown>[] = []
  for (const which of order) {
    const { step, done, isLoading } = (which === 0 ? takers[0] : takers[1]).take()
    taken.push(`${which === 0 ? 'first' : 'second'}: ${step}`)
    all.push(done)
    if (isLoading || waiting === 'one after the other') await done
  }
  await Promise.all(all)
  return taken
}

/** All orders of so many steps of one and so many of another: whose turn it is, 0 or 1. */
function interleavings(first: number, second: number): number[][] {
  if (first === 0 || second === 0) return [[...Array<number>(first).fill(0), ...Array<number>(second).fill(1)]]
  return [
    ...interleavings(first - 1, second).map((rest) => [0, ...rest]),
    ...interleavings(first, second - 1).map((rest) => [1, ...rest]),
  ]
}
