import type { SessionData, Store } from 'express-session'

declare module 'express-session' {
  interface SessionData {
    /** The id of the owner who is logged in, if any, under the key that the sessions organelle documents. */
    ownerId?: unknown
  }
}

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- how chemicals are typed
  namespace Organic {
    interface Chemicals {
      /** The session store can be used. Stored. */
      SessionStore: { data: SessionStore }
    }
  }
}

/** A session as a store keeps it. Times are milliseconds since 1970. */
export interface StoredSession {
  /** Names the session in lists and logs, and is useless as a cookie. A session and its successors have the same handle. */
  handle: string
  /** What express-session saves. */
  data: object
  createdAt: number
  seenAt: number
  expiresAt: number
  /** The client that last used the session. */
  address: string | null
  agent: string | null
}

/** A session of a request, with the id that express-session gave it. */
export type RequestSession = SessionData & { readonly id: string }

/**
 * What a cell needs from a session store besides express-session's `get`, `set`, `touch` and `destroy`: it finds the
 * sessions of an owner (`session.ownerId`).
 *
 * - `get` finds only sessions that have not expired, whatever the cookie says (OWASP ASVS 7.3.1, 7.3.2).
 * - `set` and `touch` change nothing if the session has been loaded or saved before and has ended since: a request in flight
 *   must not bring it back (OWASP ASVS 7.4.1).
 * - An owner's session lasts longer if its cookie has a `maxAge` and the store allows that.
 * - A store that fails is an error with status 503 and code `STORE_UNAVAILABLE`, never "no session".
 */
export interface SessionStore extends Store {
  /**
   * How long the session of an owner who asked to be remembered can last, in milliseconds. The `maxAge` of its cookie.
   * Absent if nobody can ask.
   */
  readonly rememberedFor: number | undefined
  /** The handle of a session that was loaded, or that is about to be saved for the first time. */
  handleOf(session: { readonly id: string }): string
  /** The owner's sessions that have not expired, the last used first, at most 100. */
  listOwnerSessions(ownerId: string): Promise<StoredSession[]>
  /**
   * Ends an owner's sessions: all of them, or `only` the one with this handle, or all `except` one.
   *
   * @returns the handles of those that it ended
   */
  endOwnerSessions(ownerId: string, which?: { only?: string; except?: string }): Promise<string[]>
  /**
   * Replaces a session by a new one, which gets its handle, in one step.
   *
   * @returns whether the session still existed. If not, nothing has changed
   */
  replace(session: RequestSession, successor: RequestSession): Promise<boolean>
  /** Counts all sessions that have not expired, with or without an owner. */
  count(): Promise<number>
  /** Ends all sessions. */
  endAll(): Promise<void>
  /**
   * Deletes expired sessions, for stores that do not do so by themselves.
   *
   * @param limit how many at most
   * @returns how many
   */
  deleteExpired(limit: number): Promise<number>
}

/** The methods that tell a {@link SessionStore} from a store that only express-session can use. */
const METHODS = ['handleOf', 'listOwnerSessions', 'endOwnerSessions', 'replace'] as const

/** Whether a store finds the sessions of an owner. */
export function isSessionStore(store: object | undefined): store is SessionStore {
  return METHODS.every((name) => typeof (store as Partial<Record<string, unknown>> | undefined)?.[name] === 'function')
}

/**
 * An owner's id as stores keep it: as a string, the way JSON writes it, because a document's id may be an object.
 *
 * @returns `null` for anything that becomes neither a string nor a number
 */
export function ownerKeyOf(ownerId: unknown): string | null {
  const plain = ownerId === undefined ? undefined : (JSON.parse(JSON.stringify(ownerId)) as unknown)
  return typeof plain === 'string' || typeof plain === 'number' ? String(plain) : null
}
