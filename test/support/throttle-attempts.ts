import { isProblem } from '../../context/cell'
import { Attempts, type Outcome, type Settle } from '../../plasma/throttle/attempts'
import type { Kind } from '../../plasma/throttle/dna'
import type { Counts } from '../../plasma/throttle/counts'
import { LIMITS, newAddress } from './throttled-cell'

/** How an attempt is admitted: `in`, or the seconds to wait, or the code of another refusal. */
export type Admission = string | number

/** Counts that are ready to be tested, and what lies below them. */
export interface TestedCounts {
  readonly counts: Counts
  /** How many counts and known addresses are stored. */
  countRows(): Promise<number>
  /** Sets the points of every count that has more than `least`. */
  setPoints(points: number, least: number): Promise<void>
  /** When the last count or known address expires, in milliseconds since 1970. */
  keptUntil(): Promise<number>
  close(): Promise<void>
}

/** Opens counts. Those of one place are the same. */
export type OpenCounts<Place> = (place: Place) => Promise<TestedCounts>

/** Attempts to log in without a password or a cell: the test says how each ends. */
export class TestAttempts {
  readonly #attempts: Attempts

  private constructor(
    readonly counted: TestedCounts,
    changes: object,
  ) {
    this.#attempts = new Attempts(counted.counts, {
      counts: 'sql',
      reactOn: 'ExpressServer',
      emitReady: 'Throttle',
      mount: '',
      cleanupSeconds: 300,
      routes: { '/': 'credentials' },
      nameFields: { username: true },
      exempt: [],
      ...LIMITS,
      ...changes,
    })
  }

  /** @param changes to the limits */
  static async open<Place>(openCounts: OpenCounts<Place>, place: Place, changes: object = {}): Promise<TestAttempts> {
    return new TestAttempts(await openCounts(place), changes)
  }

  close(): Promise<void> {
    return this.counted.close()
  }

  /** Begins an attempt, and gives what ends it. */
  begin(account: string | string[], network = newAddress(), kind: Kind = 'credentials'): Promise<Settle> {
    return this.#attempts.admit({ kind, accounts: [account].flat(), network })
  }

  /** Makes an attempt that ends with this outcome. */
  async attempt(outcome: Outcome, account: string | string[], network?: string, kind?: Kind): Promise<Admission> {
    try {
      const settle = await this.begin(account, network, kind)
      await settle(outcome)
      return 'in'
    } catch (error) {
      if (!isProblem(error)) throw error
      return error.status === 429 ? (error.retryAfter ?? NaN) : error.code
    }
  }

  /** Makes several attempts, one after the other. */
  async repeat(times: number, outcome: Outcome, account: string | string[], network?: string): Promise<Admission[]> {
    const admissions: Admission[] = []
    for (let count = 0; count < times; count += 1) admissions.push(await this.attempt(outcome, account, network))
    return admissions
  }

  /** Whether an attempt would be admitted now. Changes nothing. */
  look(account: string | string[], network?: string): Promise<Admission> {
    return this.attempt('undone', account, network)
  }
}
