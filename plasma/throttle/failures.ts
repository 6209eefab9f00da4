import type { RateLimiterRes } from 'rate-limiter-flexible'
import type { FailureLimits } from './dna'
import { SqlLimiter, type LimiterOptions } from './sql-limiter'

/** What is known of a key. */
export interface Standing {
  failures: number
  /** Seconds until the next attempt, rounded up. 0: now. */
  wait: number
}

/** Counts failures. From so many on, each is followed by a wait that is twice as long as the one before. */
export class Failures {
  readonly #limits: FailureLimits
  readonly #failures: SqlLimiter
  readonly #waits: SqlLimiter

  constructor(limits: FailureLimits) {
    this.#limits = limits
    this.#failures = new SqlLimiter('failures', limits.failures, limits.forgetSeconds)
    this.#waits = new SqlLimiter('wait', 0, limits.longestWaitSeconds)
  }

  /** As many as are counted before anybody has to wait. */
  get free(): number {
    return this.#limits.failures
  }

  async of(key: string): Promise<Standing> {
    const [failures, wait] = await Promise.all([this.#failures.get(key), this.#waits.get(key)])
    const seconds = secondsOf(wait)
    // A longer one was written by a clock that was ahead.
    return { failures: failures?.consumedPoints ?? 0, wait: seconds > this.#limits.longestWaitSeconds ? 0 : seconds }
  }

  async add(key: string, options: LimiterOptions): Promise<void> {
    const { failures, firstWaitSeconds, longestWaitSeconds, forgetSeconds } = this.#limits
    const { consumedPoints } = await this.#failures.penalty(key, 1, options)
    if (consumedPoints < failures) return
    const wait = Math.min(firstWaitSeconds * 2 ** (consumedPoints - failures), longestWaitSeconds)
    await this.#waits.set(key, 1, wait, options)
    // Who goes on is not forgotten in between.
    await this.#failures.set(key, consumedPoints, forgetSeconds, options)
  }

  async forget(key: string, options: LimiterOptions): Promise<void> {
    await this.#failures.delete(key, options)
  }
}

function secondsOf(wait: RateLimiterRes | null): number {
  return Math.ceil((wait?.msBeforeNext ?? 0) / 1000)
}
