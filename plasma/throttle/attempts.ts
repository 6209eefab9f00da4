import pLimit from 'p-limit'
import { EventEmitter, once } from 'node:events'
import { database } from '../../context/database'
import { Problem } from '../../context/errors'
import type { ThrottleDna } from './dna'
import { Failures, type Standing } from './failures'
import { SqlLimiter } from './sql-limiter'

/** Who tries a password. */
export interface Claimant {
  /** The accounts that he names, in any form that is the same for the same account. */
  accounts: string[]
  /** Where he is. */
  network: string
}

/**
 * How an attempt ended. `refused` is a wrong password, `unclear` one that may have been wrong here and could not be asked
 * about elsewhere, and `undone` all that says nothing of the password.
 */
export type Outcome = 'granted' | 'refused' | 'unclear' | 'undone'

/** A password that is being tried. */
export interface Attempt {
  /**
   * Must be called once, however it ends.
   *
   * @param account another form of the account, which is known now
   */
  settle(outcome: Outcome, account?: string): Promise<void>
}

/** A key that failures are counted under. */
interface Count {
  key: string
  by: Failures
  /** Whether it keeps the claimant waiting. */
  decides: boolean
}

/** Milliseconds that an attempt waits for the next of those under way, whose outcome decides about it. */
const PATIENCE = 1000

/**
 * Admits attempts to log in (OWASP ASVS 6.3.1). Failures are counted for the account and for the address. An address
 * that has logged in to the account before has a count of its own there, and no other decides about it: whatever is tried
 * from elsewhere, and at other accounts, its owner gets in.
 */
export class Attempts {
  readonly #account: Failures
  readonly #address: Failures
  readonly #known: SqlLimiter
  /** Attempts that are under way, by key: each may yet be a failure. */
  readonly #pending = new Map<string, number>()
  readonly #settled = new EventEmitter().setMaxListeners(0)
  /** One after the other, so that none is admitted in the place of another. */
  readonly #turn = pLimit(1)
  /** Failures that the database would not take. Until it does nobody is admitted: he could not be counted. */
  readonly #owed: Count[] = []
  #paying: Promise<void> | undefined

  constructor({ account, address, knownSeconds }: ThrottleDna) {
    this.#account = new Failures(account)
    this.#address = new Failures(address)
    this.#known = new SqlLimiter('known', 1, knownSeconds)
  }

  /**
   * @throws {Problem} 429 with the seconds to wait, 503 where too many are under way at once, or cannot be counted
   */
  async admit(claimant: Claimant): Promise<Attempt> {
    for (;;) {
      await this.#pay()
      const admitted = await this.#turn(() => this.#look(claimant, AbortSignal.timeout(PATIENCE)))
      if ('settle' in admitted) return admitted
      await admitted.others.catch(() => {
        throw new Problem(503, 'TOO_BUSY', 'Too many logins at once.', { retryAfter: 1 })
      })
    }
  }

  /** @returns the attempt, or the end of others that decides about it */
  async #look(claimant: Claimant, signal: AbortSignal): Promise<Attempt | { others: Promise<unknown> }> {
    const pairs = claimant.accounts.map((account) => `${account} ${claimant.network}`)
    const known = await Promise.all(pairs.map(async (pair) => (await this.#known.get(pair))?.msBeforeNext))
    const counts = this.#countsOf(claimant, pairs, known)
    const deciding = counts.filter(({ decides }) => decides)
    // Before the failures are read: one that becomes a failure meanwhile is counted twice, and not left out.
    const pending = deciding.map(({ key }) => this.#pending.get(key) ?? 0)
    const standings = await Promise.all(deciding.map(({ by, key }) => by.of(key)))
    const wait = Math.max(...standings.map((standing) => standing.wait))
    if (wait > 0) throw new Problem(429, 'TOO_MANY_ATTEMPTS', 'Too many attempts. Try again later.', { retryAfter: wait })

    for (const [index, { by, key }] of deciding.entries()) {
      const others = pending[index] ?? 0
      if (others === 0 || (standings[index]?.failures ?? 0) + others < by.free) continue
      return this.#pending.get(key) === others ? { others: once(this.#settled, key, { signal }) } : this.#look(claimant, signal)
    }
    // What is owed is neither pending any more, nor among the failures yet.
    if (this.#isInDebt) return { others: this.#pay() }
    for (const { key } of deciding) this.#pending.set(key, (this.#pending.get(key) ?? 0) + 1)
    const slips = deciding.filter(({ key }, index) => key.startsWith('pair ') && hasFailed(standings[index]))
    return {
      settle: (outcome, account) => {
        // Of several names, nobody can say whose password it was.
        const places = [...(pairs.length === 1 ? pairs : []), ...(account === undefined ? [] : [`${account} ${claimant.network}`])]
        return this.#settle(outcome, counts, slips, places)
      },
    }
  }

  #countsOf({ accounts, network }: Claimant, pairs: string[], known: (number | undefined)[]): Count[] {
    const isKnown = accounts.length === 1 && !known.includes(undefined)
    const own = isKnown ? pairs.map((pair) => `pair ${pair}`) : accounts.map((account) => `account ${account}`)
    return [
      ...own.map((key) => ({ key, by: this.#account, decides: true })),
      { key: `address ${network}`, by: this.#address, decides: !isKnown },
    ]
  }

  async #settle(outcome: Outcome, counts: Count[], slips: Count[], places: string[]): Promise<void> {
    try {
      if (outcome === 'refused') await this.#count(counts)
      if (outcome === 'unclear') await this.#count(counts.filter(({ by }) => by === this.#account))
      if (outcome === 'granted') await this.#welcome(slips, places)
    } finally {
      for (const { key } of counts.filter(({ decides }) => decides)) this.#release(key)
    }
  }

  async #count(counts: Count[]): Promise<void> {
    try {
      await database()
        .transaction()
        .execute(async (db) => {
          for (const { by, key } of counts) await by.add(key, { db })
        })
    } catch (error) {
      this.#owed.push(...counts)
      throw error
    }
  }

  get #isInDebt(): boolean {
    return this.#owed.length > 0 || this.#paying !== undefined
  }

  /** @throws {Problem} 503 while the database does not take what is owed */
  async #pay(): Promise<void> {
    while (this.#isInDebt) {
      this.#paying ??= this.#count(this.#owed.splice(0)).finally(() => {
        this.#paying = undefined
      })
      await this.#paying
    }
  }

  async #welcome(slips: Count[], places: string[]): Promise<void> {
    const left = await Promise.all(places.map(async (place) => (await this.#known.get(place))?.msBeforeNext ?? 0))
    // Not written at every login.
    const fading = places.filter((_, index) => (left[index] ?? 0) < this.#known.msDuration / 2)
    if (slips.length + fading.length === 0) return
    await database()
      .transaction()
      .execute(async (db) => {
        for (const { by, key } of slips) await by.forget(key, { db })
        for (const place of fading) await this.#known.set(place, 1, this.#known.duration, { db })
      })
  }

  #release(key: string): void {
    const left = (this.#pending.get(key) ?? 0) - 1
    if (left > 0) this.#pending.set(key, left)
    else this.#pending.delete(key)
    this.#settled.emit(key)
  }
}

function hasFailed(standing: Standing | undefined): boolean {
  return standing !== undefined && standing.failures > 0
}
