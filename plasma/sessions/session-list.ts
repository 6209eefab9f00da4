import { Problem, ownerKeyOf, type SessionStore, type StoredSession } from '../../context/cell'
import type { LoginRecords, StoredLogin } from './login-record'
import type { LoginStorage } from './storage'
import type { Owner } from './owner-model'
import type { OwnSession } from './session-api'

/** All sessions of the owner who is logged in to one of them (OWASP ASVS 7.5.2). */
export class SessionList {
  readonly #owner: Owner
  readonly #ownerKey: string
  readonly #store: SessionStore
  readonly #current: string
  readonly #records: LoginRecords

  /** @throws {Problem} 501 if the session store cannot find the sessions of an owner */
  constructor(storage: LoginStorage, owner: Owner, records: LoginRecords) {
    const { store, handle, stored } = storage
    if (!store || handle === undefined) {
      throw new Problem(
        501,
        'SESSIONS_NOT_LISTED',
        'The session store of this cell cannot list the sessions of an owner.',
      )
    }
    this.#owner = owner
    this.#ownerKey = ownerKeyOf(stored.ownerId) ?? ''
    this.#store = store
    this.#current = handle
    this.#records = records
  }

  /** Those whose login is still valid, the last used first. */
  async list(): Promise<OwnSession[]> {
    const sessions = await this.#store.listOwnerSessions(this.#ownerKey)
    return sessions
      .filter(({ data }) => this.#records.findLapse((data as StoredLogin).login, this.#owner) === undefined)
      .map((session) => this.#describe(session))
  }

  isCurrent(handle: string): boolean {
    return handle === this.#current
  }

  /** @returns the handles of the sessions that it ended: none if the owner has no such session */
  end(handle: string): Promise<string[]> {
    return this.#store.endOwnerSessions(this.#ownerKey, { only: handle })
  }

  /** @returns the handles of the sessions that it ended */
  endOthers(): Promise<string[]> {
    return this.#store.endOwnerSessions(this.#ownerKey, { except: this.#current })
  }

  #describe({ handle, data, createdAt, seenAt, expiresAt, address, agent }: StoredSession): OwnSession {
    const { actor, trustedUntil = Infinity } = (data as StoredLogin).login ?? {}
    return {
      id: handle,
      createdAt: new Date(createdAt).toISOString(),
      lastSeenAt: new Date(seenAt).toISOString(),
      expiresAt: new Date(Math.min(expiresAt, trustedUntil)).toISOString(),
      address,
      agent,
      ...(actor && { actor }),
      current: this.isCurrent(handle),
    }
  }
}
