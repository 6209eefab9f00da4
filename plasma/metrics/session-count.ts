import type { SessionStore } from '../../context/cell'

/** How long a count stays valid at least, in milliseconds. */
const INTERVAL = 60_000
/** A count stays valid for this many times as long as it took, because stores look at each session: 1 % of the time at most. */
const FACTOR = 100

/** Counts sessions in the background, so that no scrape waits for it. */
export class SessionCount {
  readonly #store: Pick<SessionStore, 'count'>
  #nextAt = -Infinity
  #last: number | undefined

  constructor(store: Pick<SessionStore, 'count'>) {
    this.#store = store
  }

  /** The last count. Nothing before the first one, or if the store has failed. Begins the next one if it is time. */
  read(): number | undefined {
    if (performance.now() >= this.#nextAt) {
      this.#nextAt = Infinity
      void this.#count()
    }
    return this.#last
  }

  async #count(): Promise<void> {
    const startedAt = performance.now()
    this.#last = await this.#store.count().catch(() => undefined)
    const now = performance.now()
    this.#nextAt = now + Math.max(INTERVAL, FACTOR * (now - startedAt))
  }
}
