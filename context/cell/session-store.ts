import type { SessionData } from 'express-session'

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
  /**
   * Ends an owner's sessions: `only` one of them, or all, or all `except` one.
   *
   * @returns the handles of those that it ended
   */
  endOfOwner(ownerId: string, which?: { only?: string; except?: string }): Promise<string[]>
  /**
   * Puts a new session in the place of another one, if that is still there: both at once.
   *
   * @returns whether it was
   */
  replace(formerId: string, id: string, session: SessionData): Promise<boolean>
}

/** An owner's id as a store keeps it: what JSON makes of it, as a text. Nothing for what is neither text nor number. */
export function keptOwnerId(ownerId: unknown): string | null {
  const plain = ownerId === undefined ? undefined : (JSON.parse(JSON.stringify(ownerId)) as unknown)
  return typeof plain === 'string' || typeof plain === 'number' ? String(plain) : null
}

/** Whether a session store is one that knows owners. */
export function knowsOwners(store: object): store is OwnerSessionStore {
  return ['handleOf', 'ofOwner', 'endOfOwner', 'replace'].every(
    (name) => typeof (store as Record<string, unknown>)[name] === 'function',
  )
}
