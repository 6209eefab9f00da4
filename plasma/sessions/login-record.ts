import type { Clock } from '../../context/cell'
import { isKeptElsewhere, type Owner } from './owner-model'

/** The application that acts for the owner of a session (the `act` claim of RFC 8693). */
export interface Actor {
  /** Its id at the trust point that authenticated it. */
  id: unknown
}

/** What a session stores about its login, besides the owner's id. */
export interface LoginRecord {
  /** Who acts for the owner. */
  actor?: Actor
  /** When the login expires because a trust point vouched for it, in milliseconds since 1970. */
  trustedUntil?: number
  /** The owner's security stamp at the login, which is valid as long as the owner has the same one. */
  stamp?: string
  /** Whether the owner asked to be remembered. */
  remember?: boolean
}

/** What the organelle stores in a session storage: the documented `ownerId`, and its own `login`. */
export interface StoredLogin {
  ownerId?: unknown
  login?: LoginRecord
}

/** Why a login is no longer valid: the `reason` of `SessionDenied`. */
export type Lapse = 'TRUST_EXPIRED' | 'OWNER_NOT_FOUND' | 'CREDENTIALS_CHANGED'

/** Creates and checks what a session says about its login. */
export class LoginRecords {
  readonly #clock: Clock
  readonly #trustedFor: number

  /** @param trustedFor how long a login that a trust point vouched for lasts, in milliseconds */
  constructor(clock: Clock, trustedFor: number) {
    this.#clock = clock
    this.#trustedFor = trustedFor
  }

  /** When a login that a trust point vouches for now expires, in milliseconds since 1970. */
  trustedUntil(): number {
    return this.#clock.now() + this.#trustedFor
  }

  /**
   * Describes a login of this owner. It always expires if a trust point keeps the owner, so that changes there reach this
   * cell (OWASP ASVS 7.4.2).
   *
   * @param how what is known about the login, or a former record of it
   * @returns nothing if there is nothing to store
   */
  create(owner: Owner, { stamp: _former, ...how }: LoginRecord = {}): LoginRecord | undefined {
    const { securityStamp } = owner
    const record = {
      ...(isKeptElsewhere(owner) && { trustedUntil: this.trustedUntil() }),
      ...how,
      ...(securityStamp && { stamp: securityStamp }),
    }
    return Object.keys(record).length > 0 ? record : undefined
  }

  /** Checks whether a login is still valid for the owner that the model has now. */
  findLapse(record: LoginRecord | undefined, owner: Owner | undefined): Lapse | undefined {
    if (record?.trustedUntil !== undefined && this.#clock.now() >= record.trustedUntil) return 'TRUST_EXPIRED'
    if (!owner) return 'OWNER_NOT_FOUND'
    return (record?.stamp ?? '') === (owner.securityStamp ?? '') ? undefined : 'CREDENTIALS_CHANGED'
  }
}
