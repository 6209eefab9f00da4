import type { StoredLogin } from '../../plasma/sessions/types'

/** What a login has left in a storage, but for the time until which a trust point's word holds: that only is one. */
export function withoutTimes({ login, ...stored }: StoredLogin): StoredLogin {
  if (login?.trustedUntil === undefined || !(login.trustedUntil > Date.now()))
    throw new Error('no trust point has vouched')
  const { actor } = login
  return actor ? { ...stored, login: { actor } } : stored
}
