import { Problem, ownerKeyOf, type StoredSession } from '../../context/cell'
import type { LoginRecords, StoredLogin } from './login-record'
import type { LoginStorage } from './storage'
import type { Owner } from './owner-model'
import type { OwnSession } from './session-api'

/** All sessions of the owner who is logged in to one of them (OWASP ASVS 7.5.2). */
export interface SessionList {
  /** The handle of the session that asks. */
  current: string
  /** Those whose login is still valid, the last used first. */
  list(): Promise<OwnSession[]>
  /** @returns the handles of the sessions that it ended: none if the owner has no such session */
  end(handle: string): Promise<string[]>
  /** @returns the handles of the sessions that it ended */
  endOthers(): Promise<string[]>
}

/** @throws {Problem} 501 if the session store cannot find the sessions of an owner */
export function createSessionList(
  { store, handle: current, stored }: LoginStorage,
  owner: Owner,
  records: LoginRecords,
): SessionList {
  if (!store || current === undefined) {
    const detail = 'The session store of this cell cannot list the sessions of an owner.'
    throw new Problem(501, 'SESSIONS_NOT_LISTED', detail)
  }
  const ownerKey = ownerKeyOf(stored.ownerId) ?? ''
  const isValid = ({ data }: StoredSession): boolean =>
    records.findLapse((data as StoredLogin).login, owner) === undefined
  return {
    current,
    async list() {
      const sessions = await store.listOwnerSessions(ownerKey)
      return sessions.filter(isValid).map((session) => describe(session, current))
    },
    end: (handle) => store.endOwnerSessions(ownerKey, { only: handle }),
    endOthers: () => store.endOwnerSessions(ownerKey, { except: current }),
  }
}

function describe(session: StoredSession, current: string): OwnSession {
  const { handle, data, createdAt, seenAt, expiresAt, address, agent } = session
  const { actor, trustedUntil = Infinity } = (data as StoredLogin).login ?? {}
  return {
    id: handle,
    createdAt: new Date(createdAt).toISOString(),
    lastSeenAt: new Date(seenAt).toISOString(),
    expiresAt: new Date(Math.min(expiresAt, trustedUntil)).toISOString(),
    address,
    agent,
    ...(actor && { actor }),
    current: handle === current,
  }
}
