import type { SessionData, Store } from 'express-session'

/** A session as a store keeps it. Times are milliseconds since 1970. */
export interface StoredSession {
  /** Names the session in lists and logs, and is useless as a cookie. A session and its successor have the same handle. */
  handle: string
  /** What express-session keeps. */
  data: object
  createdAt: number
  seenAt: number
  expiresAt: number
  /** The client that last used the session. */
  address: string | null
  agent: string | null
}

/**
 * What the cell needs of a session store besides express-session's own `get`, `set`, `touch` and `destroy`: it finds the
 * sessions of an owner (`session.ownerId`).
 *
 * - `get` finds only sessions that have not expired, whatever the cookie says (OWASP ASVS 7.3.1, 7.3.2).
 * - `set` and `touch` of a session that `get` has loaded change nothing if it has ended: a request in flight must not bring
 *   it back (OWASP ASVS 7.4.1).
 * - A session whose cookie has a `maxAge` lasts longer, if the store allows it.
 * - A store that fails is an error, never "no session".
 */
export interface SessionStore extends Store {
  /** How long a session may last at most whose owner asked to be remembered, in milliseconds. Absent if nobody can ask. */
  readonly rememberedFor: number | undefined
  /** The handle of a session that was loaded, or is about to be saved. */
  handleOf(session: object): string
  /** The owner's sessions that have not expired, the last used first, at most 100. */
  listOfOwner(ownerId: string): Promise<StoredSession[]>
  /**
   * Ends an owner's sessions: `only` the one with this handle, or all, or all `except` one.
   *
   * @returns the handles of those that it ended
   */
  endOfOwner(ownerId: string, which?: { only?: string; except?: string }): Promise<string[]>
  /**
   * Replaces a session by its successor, which keeps its handle, in one step.
   *
   * @returns whether the session still existed; if not, nothing has changed
   */
  replace(id: string, successorId: string, successor: SessionData): Promise<boolean>
  /** How many sessions have not expired, of all owners. */
  count(): Promise<number>
  /** Ends all sessions of all owners. */
  endAll(): Promise<void>
}

/** The methods that tell a {@link SessionStore} from a store that only express-session needs. */
const METHODS = ['handleOf', 'listOfOwner', 'endOfOwner', 'replace'] as const

/** Whether a store finds the sessions of an owner. */
export function isSessionStore(store: object | undefined): store is SessionStore {
  return METHODS.every((name) => typeof (store as Partial<Record<string, unknown>> | undefined)?.[name] === 'function')
}

/**
 * An owner's id as stores keep it: as a string, the way JSON writes it, as a document id may be an object.
 *
 * @returns `null` for anything that becomes neither a string nor a number
 */
export function ownerKeyOf(ownerId: unknown): string | null {
  const plain = ownerId === undefined ? undefined : (JSON.parse(JSON.stringify(ownerId)) as unknown)
  return typeof plain === 'string' || typeof plain === 'number' ? String(plain) : null
}

/** One of an owner's sessions, as a store keeps it. Times are milliseconds since 1970. */
export interface KeptSession {
  /** Names the session without being it: the SHA-256 of its id. */
  handle: string
  /** What express-session keeps. */
  data: object
  createdAt: number
  seenAt: number
  expiresAt: number
  address: string | null
  agent: string | null
}

/** What a session store can do besides what express-session needs of one: it knows whose the sessions are. */
export interface OwnerSessionStore {
  /** Whether a login may ask to be remembered. */
  readonly remembers: boolean
  handleOf(sessionId: string): string
  /** The owner's sessions that are not over, the last seen first, at most a hundred. */
  ofOwner(ownerId: string): Promise<KeptSession[]>
  endOfOwner(ownerId: string, which?: { only?: string; except?: string }): Promise<string[]>
  replace(formerId: string, id: string, session: SessionData): Promise<boolean>
}

export const keptOwnerId = ownerKeyOf

export function knowsOwners(store: object): store is OwnerSessionStore {
  return ['handleOf', 'ofOwner', 'endOfOwner', 'replace'].every(
    (name) => typeof (store as Record<string, unknown>)[name] === 'function',
  )
}
