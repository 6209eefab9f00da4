import { isProblem } from '../../context/cell'
import { Database } from '../../context/sql'
import { Attempts, type Outcome, type Settle } from '../../plasma/throttle/attempts'
import type { Kind } from '../../plasma/throttle/dna'
import { SqlCounts } from '../../plasma/throttle/sql-counts'
import { newFile, type Place } from './database-places'
import { LIMITS, newAddress } from './throttled-cell'

/** How an attempt is admitted: `in`, or the seconds to wait, or the code of another refusal. */
export type Admission = string | number

/** Attempts to log in without a password or a cell: the test says how each ends. */
export class TestAttempts {
  readonly #attempts: Attempts

  private constructor(
    readonly database: Database,
    changes: object,
  ) {
    this.#attempts = new Attempts(new SqlCounts(() => database), {
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

  /**
   * @param changes to the limits
   * @param place of a database that others may use too
   */
  static async open(changes: object = {}, place: Place = newFile()): Promise<TestAttempts> {
    return new TestAttempts(await Database.open(place), changes)
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

  /** How many counts and known addresses are stored. */
  async countRows(): Promise<number> {
    return (await this.database.query.selectFrom('throttles').select('key').execute()).length
  }
}
