import { now } from '../../context/clock'
import type { Login, Owner } from './types'

/** Whether a trust point keeps this owner, and not this cell. */
export function isKeptElsewhere({ trustPoint }: Owner): boolean {
  return trustPoint !== undefined && trustPoint !== null
}

/**
 * What is to be kept of an owner's login; nothing where there is nothing to say. However an owner whom a trust point
 * keeps came to be logged in, the point's word holds for a time: what happens to the owner there reaches this cell by then.
 *
 * @param trustedFor how long that is, in milliseconds
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
