import { TooManyAttempts } from '../../context/cell'
import { keyOf, type Count, type Counts, type Point, type Scope } from './counts'
import type { Kind, ThrottleDna } from './dna'

/** Who makes an attempt, and at what. */
export interface Claimant {
  kind: Kind
  /** The accounts that the request names, each in canonical form. */
  accounts: string[]
  /** The network that it comes from. */
  network: string
}

/**
 * How an attempt ended:
 * - `granted`: the password was right
 * - `refused`: the password was wrong
 * - `unclear`: a trust point failed before it judged the password
 * - `undone`: the answer says nothing about a password
 */
export type Outcome = 'granted' | 'refused' | 'unclear' | 'undone'

/** Which of the attempt's points each outcome gives back. Successful registrations stay counted. */
const GIVEN_BACK: Record<Outcome, readonly Scope[]> = {
  granted: ['account', 'address'],
  refused: [],
  unclear: ['address'],
  undone: ['account', 'pair', 'address', 'registration'],
}

/**
 * Ends an attempt and gives its points back according to the outcome. An attempt that is never settled, or whose
 * settling fails, stays counted as a wrong password.
 *
 * @param owner the owner's id, as another name for the account, once it is known
 */
export type Settle = (outcome: Outcome, owner?: string) => Promise<void>

/**
 * Admits attempts to log in (OWASP ASVS 6.3.1). Each attempt is counted before its password is judged; a right password
 * gives the point back. An address that has logged in to an account before has a separate count for that account, and no
 * other count applies, so owners can log in from there no matter what others try.
 */
export class Attempts {
  readonly #counts: Counts
  readonly #dna: ThrottleDna
  /** Attempts in progress per network. Bounded so that one client cannot fill the queue of hashes. */
  readonly #underWay = new Map<string, number>()

  constructor(counts: Counts, dna: ThrottleDna) {
    this.#counts = counts
    this.#dna = dna
  }

  /** @throws {Problem} 429 with the seconds to wait, 503 if counting fails */
  async admit(claimant: Claimant): Promise<Settle> {
    const { network } = claimant
    if ((this.#underWay.get(network) ?? 0) >= this.#dna.address.underWay) throw new TooManyAttempts(1)
    this.#addUnderWay(network, 1)
    try {
      const points = await this.#counts.take(await this.#countsOf(claimant))
      return async (outcome, owner) => {
        this.#addUnderWay(network, -1)
        // At once: the owner's next attempt may be on its way.
        await Promise.all([
          this.#counts.giveBack(points.filter(({ scope }) => GIVEN_BACK[outcome].includes(scope))),
          outcome === 'granted' ? this.#recordSuccess(claimant, points, owner) : undefined,
        ])
      }
    } catch (error) {
      this.#addUnderWay(network, -1)
      throw error
    }
  }

  /** A right password resets the owner's own count here, and makes the network known to the account. */
  async #recordSuccess({ accounts, network }: Claimant, points: Point[], owner?: string): Promise<void> {
    const resetting = this.#counts.reset(points.flatMap(({ scope, key }) => (scope === 'pair' ? [key] : [])))
    // If the request named several accounts, nobody can tell whose password it was.
    const names = [...(accounts.length === 1 ? accounts : []), ...(owner === undefined ? [] : [owner])]
    const keys = new Set(names.map((name) => keyOf('known', name, network)))
    await Promise.all([resetting, this.#counts.markKnown([...keys], this.#dna.knownSeconds)])
  }

  #addUnderWay(network: string, change: number): void {
    const count = (this.#underWay.get(network) ?? 0) + change
    if (count > 0) this.#underWay.set(network, count)
    else this.#underWay.delete(network)
  }

  async #countsOf({ kind, accounts, network }: Claimant): Promise<Count[]> {
    const { account, address, registration } = this.#dna
    if (kind === 'registration')
      return [{ scope: 'registration', key: keyOf('registration', network), limits: registration }]
    const [name = '', ...others] = accounts
    if (others.length === 0 && (await this.#counts.isKnown(keyOf('known', name, network)))) {
      return [{ scope: 'pair', key: keyOf('pair', name, network), limits: account }]
    }
    const own = accounts.map((name): Count => ({ scope: 'account', key: keyOf('account', name), limits: account }))
    return [...own, { scope: 'address', key: keyOf('address', network), limits: address }]
  }
}
