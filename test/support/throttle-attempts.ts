import { Problem } from '../../context/cell'
import { Attempts, type Outcome, type Settle } from '../../plasma/throttle/attempts'
import { LIMITS, newAddress } from './throttled-cell'

/** How an attempt to log in goes: `in`, or the seconds to wait, or the code of another refusal. */
export type Admission = string | number

/** Attempts to log in, without anybody's password: what each comes to, the test says. */
export class TestAttempts {
  readonly attempts: Attempts

  /** @param changes to the limits */
  constructor(changes: object = {}) {
    const organelle = { reactOn: 'ExpressServer', emitReady: 'Throttle', mount: '', cleanupSeconds: 300 }
    this.attempts = new Attempts({
      ...organelle,
      routes: { '/': 'credentials' },
      nameFields: { username: true },
      exempt: [],
      ...LIMITS,
      ...changes,
    })
  }

  /** One attempt, from its beginning to its end. */
  async attempt(outcome: Outcome, account: string | string[], network = newAddress()): Promise<Admission> {
    try {
      const settle = await this.begin(account, network)
      await settle(outcome)
      return 'in'
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      return error.status === 429 ? (error.retryAfter ?? NaN) : error.code
    }
  }

  /** One whose end the test tells later. */
  begin(account: string | string[], network = newAddress()): Promise<Settle> {
    return this.attempts.admit({ kind: 'credentials', accounts: [account].flat(), network })
  }

  /** Several of them, one after the other. */
  async repeat(times: number, outcome: Outcome, account: string | string[], network?: string): Promise<Admission[]> {
    const admissions: Admission[] = []
    for (let count = 0; count < times; count += 1) admissions.push(await this.attempt(outcome, account, network))
    return admissions
  }

  /** Whether it would be let in now. Changes nothing. */
  look(account: string | string[], network?: string): Promise<Admission> {
    return this.attempt('undone', account, network)
  }
}
