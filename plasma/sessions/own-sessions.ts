import { Problem } from '../../context/cell'
import { ownerKeyOf, type SessionStore, type StoredSession } from '../../context/cell/session-store'
import { lapseOf } from './login'
import type { LoginStorage } from './storage'
import type { Owner, OwnSession, Stored } from './types'

/** The sessions of one owner, as he sees them from the one that he is in (OWASP ASVS 7.5.2). */
export class OwnSessions {
  readonly #owner: Owner
  readonly #ownerId: string
  readonly #store: SessionStore
  readonly #current: string

  /** @throws {Problem} 501 where the session store does not know whose its sessions are */
  constructor(storage: LoginStorage, owner: Owner) {
    const { store, seen } = storage
    if (!store || seen.session === undefined) {
      throw new Problem(501, 'SESSIONS_NOT_LISTED', 'This cell does not keep its sessions by owner.')
    }
    this.#owner = owner
    this.#ownerId = ownerKeyOf(storage.stored.ownerId) ?? ''
    this.#store = store
    this.#current = seen.session
  }

  /** Those that he can still use, the last seen first. */
  async list(): Promise<OwnSession[]> {
    const kept = await this.#store.listOfOwner(this.#ownerId)
    return kept
      .filter(({ data }) => lapseOf((data as Stored).login, this.#owner) === undefined)
      .map((session) => this.#shown(session))
  }

  isCurrent(id: string): boolean {
    return id === this.#current
  }

  /** @returns the handles of those that it ended: none if the owner has no such session */
  end(id: string): Promise<string[]> {
    return this.#store.endOfOwner(this.#ownerId, { only: id })
  }

  /** @returns the handles of those that it ended */
  endOthers(): Promise<string[]> {
    return this.#store.endOfOwner(this.#ownerId, { except: this.#current })
  }

  #shown({ handle, data, createdAt, seenAt, expiresAt, address, agent }: StoredSession): OwnSession {
    const { actor, trustedUntil = Infinity } = (data as Stored).login ?? {}
    return {
      id: handle,
      createdAt: isoTime(createdAt),
      lastSeenAt: isoTime(seenAt),
      expiresAt: isoTime(Math.min(expiresAt, trustedUntil)),
      address,
      agent,
      ...(actor && { actor }),
      current: this.isCurrent(handle),
    }
  }
}

function isoTime(time: number): string {
  return new Date(time).toISOString()
}
