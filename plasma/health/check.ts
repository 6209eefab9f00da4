import { setTimeout as wait } from 'node:timers/promises'

/** What a part of the cell answered. */
export interface Finding {
  state: 'up' | 'down'
  /** How long the answer took, or how long the check waited for one, in milliseconds. */
  ms: number
}

/** How long a finding stays valid, in milliseconds, however many probes there are. */
const INTERVAL = 1000

/**
 * Asks a part of the cell whether it works. Probes share one question, and its answer for a second. While a question is
 * unanswered there is no other one, however long that takes, so probes cannot use up the connections of a server that hangs.
 */
export class Check {
  readonly #ask: () => unknown
  readonly #timeout: number
  #isAsking = false
  #askedAt = -Infinity
  #finding: Promise<Finding> | undefined

  /**
   * @param ask rejects or throws if the part does not work
   * @param timeout milliseconds after which it counts as down
   */
  constructor(ask: () => unknown, timeout: number) {
    this.#ask = ask
    this.#timeout = timeout
  }

  /** Never rejects, and takes no longer than the timeout. */
  read(): Promise<Finding> {
    const isDue = !this.#isAsking && performance.now() - this.#askedAt >= INTERVAL
    if (isDue || !this.#finding) this.#finding = this.#begin()
    return this.#finding
  }

  async #begin(): Promise<Finding> {
    this.#isAsking = true
    this.#askedAt = performance.now()
    const late = new AbortController()
    const answered = this.#findState().then((state) => {
      this.#isAsking = false
      late.abort()
      return { state, ms: Math.round(performance.now() - this.#askedAt) }
    })
    const overdue = wait(
      this.#timeout,
      { state: 'down' as const, ms: this.#timeout },
      { signal: late.signal, ref: false },
    )
    return Promise.race([answered, overdue.catch(() => answered)])
  }

  async #findState(): Promise<Finding['state']> {
    try {
      await this.#ask()
      return 'up'
    } catch {
      return 'down'
    }
  }
}
