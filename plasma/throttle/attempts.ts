import { database } from '../../context/database'
import type { Kind, ThrottleDna } from './dna'
import { forget, giveBack, isRemembered, keyOf, remember, takePoints, tooManyAttempts, type Count } from './points'

/** Who makes an attempt, and at what. */
export interface Claimant {
  kind: Kind
  /** The accounts that the request names, each in one form only. */
  accounts: string[]
  /** Where it comes from. */
  network: string
}

/**
 * How an attempt ended: with the right password, with a wrong one, with one that could not be judged to the end
 * because a trust point failed, or with anything that says nothing of a password.
 */
export type Outcome = 'granted' | 'refused' | 'unclear' | 'undone'

/**
 * Ends an attempt, and gives back what its outcome allows. Until then, and where it fails, the attempt counts as a wrong
 * password.
 *
 * @param account another form of the account, known by now
 */
export type Settle = (outcome: Outcome, account?: string) => Promise<void>

type Own = Count & { what: 'account' | 'pair' | 'address' | 'registration' }

/**
 * Admits attempts to log in (OWASP ASVS 6.3.1): counts each before its password is judged, and gives the point back if
 * it was right. An address that has logged in to an account before has a count of its own there, and no other decides
 * about it: its owner gets in from there, whatever others try from elsewhere or at other accounts.
 */
export class Attempts {
  readonly #dna: ThrottleDna
  /** How many each address has under way: together they must not fill the queue of hashes. */
  readonly #underWay = new Map<string, number>()

  constructor(dna: ThrottleDna) {
    this.#dna = dna
  }

  /** @throws {Problem} 429 with the seconds to wait, 503 where the database fails */
  async admit(claimant: Claimant): Promise<Settle> {
    const { accounts, network } = claimant
    if ((this.#underWay.get(network) ?? 0) >= this.#dna.address.underWay) throw tooManyAttempts(1)
    this.#addUnderWay(network, 1)
    try {
      const points = await takePoints(await this.#countsOf(claimant))
      return async (outcome, account) => {
        this.#addUnderWay(network, -1)
        // Of several names, nobody can say whose password it was.
        const places = [...(accounts.length === 1 ? accounts : []), ...(account === undefined ? [] : [account])]
        if (outcome === 'granted') await this.#welcome(points, places.map((place) => keyOf('known', place, network)))
        const returned = points.filter(({ what }) => outcome === 'undone' || (outcome === 'unclear' && what === 'address'))
        if (returned.length > 0) await database().transaction().execute((db) => giveBack(db, returned))
      }
    } catch (error) {
      this.#addUnderWay(network, -1)
      throw error
    }
  }

  #addUnderWay(network: string, change: number): void {
    const count = (this.#underWay.get(network) ?? 0) + change
    if (count > 0) this.#underWay.set(network, count)
    else this.#underWay.delete(network)
  }

  async #countsOf({ kind, accounts, network }: Claimant): Promise<Own[]> {
    const { account, address, registration } = this.#dna
    if (kind === 'registration') return [{ what: 'registration', key: keyOf('registration', network), limits: registration }]
    const [name = '', ...others] = accounts
    if (others.length === 0 && (await isRemembered(keyOf('known', name, network)))) {
      return [{ what: 'pair', key: keyOf('pair', name, network), limits: account }]
    }
    const own = accounts.map((name): Own => ({ what: 'account', key: keyOf('account', name), limits: account }))
    return [...own, { what: 'address', key: keyOf('address', network), limits: address }]
  }

  async #welcome(points: Awaited<ReturnType<typeof takePoints<Own>>>, known: string[]): Promise<void> {
    await database()
      .transaction()
      .execute(async (db) => {
        // Slips of owners where they are known.
        await forget(db, points.filter(({ what }) => what === 'pair'))
        await giveBack(db, points.filter(({ what }) => what === 'account' || what === 'address'))
        for (const key of known.sort()) await remember(db, key, this.#dna.knownSeconds)
      })
  }
}
