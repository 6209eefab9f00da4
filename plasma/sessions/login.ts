import { now } from '../../context/cell/clock'
import type { Login, Owner } from './types'

/** Whether a trust point keeps this owner, and not this cell. */
export function isKeptElsewhere({ trustPoint }: Owner): boolean {
  return trustPoint !== undefined && trustPoint !== null
}

/**
 * What to store about a login, or nothing if there is nothing to store. A login of an owner whom a trust point keeps always
 * expires, so that changes at the trust point reach this cell.
 *
 * @param trustedFor how long such a login lasts, in milliseconds
 */
export function loginOf(owner: Owner, { stamp: _former, ...how }: Login, trustedFor: number): Login | undefined {
  const { securityStamp } = owner
  const login = {
    ...(isKeptElsewhere(owner) && { trustedUntil: now() + trustedFor }),
    ...how,
    ...(securityStamp && { stamp: securityStamp }),
  }
  return Object.keys(login).length > 0 ? login : undefined
}

/** Why a login of this owner holds no more, where it does not. */
export function lapseOf(login: Login | undefined, owner: Owner | undefined): string | undefined {
  if (login?.trustedUntil !== undefined && now() >= login.trustedUntil) return 'TRUST_EXPIRED'
  if (!owner) return 'OWNER_NOT_FOUND'
  return (login?.stamp ?? '') === (owner.securityStamp ?? '') ? undefined : 'CREDENTIALS_CHANGED'
}
