import { now } from '../../context/clock'
import type { Login, Owner } from './types'

/** What is to be kept of an owner's login; nothing where there is nothing to say. */
export function loginOf({ securityStamp }: Owner, { stamp: _former, ...how }: Login = {}): Login | undefined {
  const login = { ...how, ...(securityStamp && { stamp: securityStamp }) }
  return Object.keys(login).length > 0 ? login : undefined
}

/** Why a login of this owner holds no more, where it does not. */
export function lapseOf(login: Login | undefined, owner: Owner | undefined): string | undefined {
  if (login?.trustedUntil !== undefined && now() >= login.trustedUntil) return 'TRUST_EXPIRED'
  if (!owner) return 'OWNER_NOT_FOUND'
  return (login?.stamp ?? '') === (owner.securityStamp ?? '') ? undefined : 'CREDENTIALS_CHANGED'
}
