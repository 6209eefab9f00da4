import pLimit from 'p-limit'
import { EventEmitter, once } from 'node:events'
import { database } from '../../context/database'
import { Problem } from '../../context/errors'
import type { ThrottleDna } from './dna'
import { Failures, type Standing } from './failures'
import { SqlLimiter } from './sql-limiter'

/** Who tries to log in. */
export interface Claimant {
  /** The accounts that he names, in any form that is the same for the same account. */
  accounts: string[]
  /** Where he is. */
  network: string
}

/** How an attempt ended: `refused` is a wrong password, and `undone` is all that says nothing of the password. */
export type Outcome = 'granted' | 'refused' | 'undone'

/** A password that is being tried. */
export interface Attempt {
  /** Must be called once, however it ends. */
  settle(outcome: Outcome): Promise<void>
}

/** A key that failures are counted under. */
interface Count {
  key: string
  by: Failures
}

/** Milliseconds that an attempt waits for others of the same account, whose outcome decides about it. */
const PATIENCE = 1000

/**
 * Admits attempts to log in (OWASP ASVS 6.3.1). Failures are counted for the account and for the address. An address
 * that has logged in to the account before has a count of its own there: whatever others do to the account, and
 * whoever else is at the address, its owner gets in.
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

  constructor({ account, address, knownSeconds }: ThrottleDna) {
    this.#account = new Failures(account)
    this.#address = new Failures(address)
    this.#known = new SqlLimiter('known', 1, knownSeconds)
  }

  /**
   * @throws {Problem} 429 with the seconds to wait, 503 where too many are under way at once
   */
  async admit(claimant: Claimant): Promise<Attempt> {
    const signal = AbortSignal.timeout(PATIENCE)
    for (;;) {
      const admitted = await this.#turn(() => this.#look(claimant))
      if (typeof admitted === 'object') return admitted
      await once(this.#settled, admitted, { signal }).catch(() => {
        throw new Problem(503, 'TOO_BUSY', 'Too many logins at once.', { retryAfter: 1 })
      })
    }
  }

  /** @returns the attempt, or the key of others that must end first */
  async #look(claimant: Claimant): Promise<Attempt | string> {
    const pairs = claimant.accounts.map((account) => `${account} ${claimant.network}`)
    const known = await Promise.all(pairs.map(async (pair) => (await this.#known.get(pair))?.msBeforeNext))
    const counts = this.#countsOf(claimant, pairs, known)
    // Before the failures are read: one that becomes a failure meanwhile is counted twice, and not left out.
    const pending = counts.map(({ key }) => this.#pending.get(key) ?? 0)
    const standings = await Promise.all(counts.map(({ by, key }) => by.of(key)))
    const wait = Math.max(...standings.map((standing) => standing.wait))
    if (wait > 0) throw new Problem(429, 'TOO_MANY_ATTEMPTS', 'Too many attempts. Try again later.', { retryAfter: wait })

    for (const [index, { by, key }] of counts.entries()) {
      const others = pending[index] ?? 0
      if (others === 0 || (standings[index]?.failures ?? 0) + others < by.free) continue
      return this.#pending.get(key) === others ? key : this.#look(claimant)
    }
    for (const { key } of counts) this.#pending.set(key, (this.#pending.get(key) ?? 0) + 1)
    // Not written at every login.
    const isNew = known.some((left) => left === undefined || left < this.#known.msDuration / 2)
    return { settle: (outcome) => this.#settle(outcome, counts, standings, isNew ? pairs : []) }
  }

  #countsOf({ accounts, network }: Claimant, pairs: string[], known: (number | undefined)[]): Count[] {
    if (accounts.length > 0 && !known.includes(undefined)) return pairs.map((key) => ({ key: `pair ${key}`, by: this.#account }))
    const ofAccounts = accounts.map((account) => ({ key: `account ${account}`, by: this.#account }))
    return [...ofAccounts, { key: `address ${network}`, by: this.#address }]
  }

  async #settle(outcome: Outcome, counts: Count[], standings: Standing[], pairs: string[]): Promise<void> {
    const failed = counts.filter(({ key }, index) => key.startsWith('pair ') && (standings[index]?.failures ?? 0) > 0)
    try {
      if (outcome === 'undone' || (outcome === 'granted' && pairs.length + failed.length === 0)) return
      await database()
        .transaction()
        .execute(async (db) => {
          if (outcome === 'refused') {
            for (const { by, key } of counts) await by.add(key, { db })
            return
          }
          for (const { by, key } of failed) await by.forget(key, { db })
          for (const pair of pairs) await this.#known.set(pair, 1, this.#known.duration, { db })
        })
    } finally {
      for (const { key } of counts) this.#release(key)
    }
  }

  #release(key: string): void {
    const left = (this.#pending.get(key) ?? 0) - 1
    if (left > 0) this.#pending.set(key, left)
    else this.#pending.delete(key)
    this.#settled.emit(key)
  }
}
