import { hash } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { Store, type Session, type SessionData } from 'express-session'
import type { Request } from 'express'
import {
  StoreUnavailable,
  callBack,
  clientOf,
  type Clock,
  ownerKeyOf,
  type RequestSession,
  type SessionStore,
  type StoredSession,
} from '../../../context/cell'
import type { SessionRow } from '../../../context/sql'
import { lifetimeOf, type Lifetime, type Lifetimes } from '../lifetime'

type Done = (error?: unknown) => void

/** What is read of a session's row. */
export type LoadedRow = Pick<SessionRow, 'data' | 'family' | 'created_at' | 'seen_at'>

/** What the store remembers of the row of a session. */
type Known = { family: string } & Pick<SessionRow, 'created_at' | 'seen_at'>

/** Longest time for which a response waits for its session's row to be touched, in milliseconds. */
const LONGEST_TOUCH = 100
/** The most sessions of an owner that are listed. */
export const LONGEST_LIST = 100

/**
 * A store that keeps each session as one row, under the SHA-256 of its id: somebody who reads the rows cannot use the sessions.
 * Subclasses read and write rows, and must fail with {@link StoreUnavailable} only.
 */
export abstract class RowStore extends Store implements SessionStore {
  readonly #clock: Clock
  readonly #lifetimes: Lifetimes
  /** The sessions that have a row, or had one before they ended. */
  readonly #known = new WeakMap<object, Known>()
  /** The data that this process last wrote to a session's row. */
  readonly #written = new WeakMap<object, string>()

  constructor(clock: Clock, lifetimes: Lifetimes) {
    super()
    this.#clock = clock
    this.#lifetimes = lifetimes
  }

  /** Finds the row with this hash, if it has not expired. */
  protected abstract findRow(idHash: string): Promise<LoadedRow | undefined>
  /** Creates a row. If there is one with this hash, it keeps its `family` and `created_at`. */
  protected abstract createRow(row: SessionRow): Promise<void>
  /** Changes a row if it exists and has not expired. */
  protected abstract updateRow(idHash: string, change: Partial<SessionRow>): Promise<void>
  protected abstract deleteRow(idHash: string): Promise<void>
  /** Deletes a row and creates another one, in one step, if the first exists and has not expired. @returns whether it did */
  protected abstract replaceRow(idHash: string, row: SessionRow): Promise<boolean>
  /** The rows of an owner that have not expired, the last seen first, at most {@link LONGEST_LIST}. */
  protected abstract findOwnerRows(ownerId: string): Promise<SessionRow[]>
  abstract endOwnerSessions(ownerId: string, which?: { only?: string; except?: string }): Promise<string[]>
  abstract count(): Promise<number>
  abstract endAll(): Promise<void>
  abstract deleteExpired(limit: number): Promise<number>

  get rememberedFor(): number | undefined {
    return this.#lifetimes.remember?.absolute
  }

  handleOf(session: { readonly id: string }): string {
    return this.#known.get(session)?.family ?? hashOf(session.id)
  }

  async listOwnerSessions(ownerId: string): Promise<StoredSession[]> {
    const rows = await this.findOwnerRows(ownerId)
    return rows.map((row) => this.#storedOf(row)).filter(({ expiresAt }) => expiresAt > this.now())
  }

  async replace(session: RequestSession, successor: RequestSession): Promise<boolean> {
    const row = this.#rowOf(successor.id, successor, this.handleOf(session))
    const isReplaced = await this.replaceRow(hashOf(session.id), row)
    if (isReplaced) this.#written.set(successor, row.data)
    return isReplaced
  }

  override get(id: string, done: (error?: unknown, session?: SessionData | null) => void): void {
    void callBack<SessionData | null>(this.#load(id), done)
  }

  /** Makes express-session's session from loaded data, and links it to the same row. */
  override createSession(req: Request, data: SessionData): Session & SessionData {
    const session = super.createSession(req, data)
    const known = this.#known.get(data)
    if (known) this.#known.set(session, known)
    return session
  }

  override set(id: string, session: SessionData, done?: Done): void {
    void callBack(this.#save(id, session), done)
  }

  override touch(id: string, session: SessionData, done?: Done): void {
    const now = this.now()
    const known = this.#known.get(session)
    // Synchronously: otherwise express-session flushes each response in two writes.
    if (!known || now - known.seen_at < this.#lifetimes.touch) done?.()
    else void callBack(this.#touch(id, session, { ...known, seen_at: now }), done)
  }

  override destroy(id: string, done?: Done): void {
    void callBack(this.deleteRow(hashOf(id)), done)
  }

  /** Milliseconds since 1970. */
  protected now(): number {
    return this.#clock.now()
  }

  #storedOf(row: SessionRow): StoredSession {
    const data = parse(row.data)
    return {
      handle: familyOf(row),
      data,
      createdAt: row.created_at,
      seenAt: row.seen_at,
      expiresAt: Math.min(row.expires_at, this.#expiryOf(row, data)),
      address: row.address,
      agent: row.agent,
    }
  }

  async #load(id: string): Promise<SessionData | null> {
    const idHash = hashOf(id)
    const row = await this.findRow(idHash)
    if (!row) return null
    const data = parse(row.data)
    // DNA may allow less than when the row was written.
    if (this.#expiryOf(row, data) <= this.now()) return null
    const { family, created_at, seen_at } = row
    this.#known.set(data, { family: family ?? idHash, created_at, seen_at })
    return data
  }

  async #save(id: string, session: SessionData): Promise<void> {
    const known = this.#known.get(session)
    if (known && this.#isWritten(session, known)) return
    const row = this.#rowOf(id, session, known?.family ?? hashOf(id))
    // Until it is there, nobody knows what the row holds.
    this.#written.delete(session)
    await (known ? this.updateRow(row.id_hash, row) : this.createRow(row))
    this.#written.set(session, row.data)
  }

  /** Whether a save would change nothing. express-session saves a new session a second time at the end of the response. */
  #isWritten(session: SessionData, { seen_at }: Known): boolean {
    const written = this.#written.get(session)
    return written === JSON.stringify(session) && this.now() - seen_at < this.#lifetimes.touch
  }

  /** Makes a session's row, which is known from now on: a second save that does not wait for this one must only update. */
  #rowOf(id: string, session: SessionData, family: string): SessionRow {
    const now = this.now()
    const known = { family, created_at: this.#known.get(session)?.created_at ?? now, seen_at: now }
    this.#known.set(session, known)
    return {
      id_hash: hashOf(id),
      owner_id: ownerKeyOf(session.ownerId),
      data: JSON.stringify(session),
      ...clientColumns(session),
      ...known,
      expires_at: this.#expiryOf(known, session),
    }
  }

  async #touch(id: string, session: SessionData, known: Known): Promise<void> {
    const expires_at = this.#expiryOf(known, session)
    const touching = this.updateRow(hashOf(id), { ...clientColumns(session), seen_at: known.seen_at, expires_at })
    touching.catch(() => undefined)
    await Promise.race([touching, wait(LONGEST_TOUCH, undefined, { ref: false })])
  }

  #expiryOf({ created_at, seen_at }: Pick<SessionRow, 'created_at' | 'seen_at'>, session: SessionData): number {
    const { idle, absolute }: Lifetime = lifetimeOf(session, this.#lifetimes)
    return Math.min(seen_at + idle, created_at + absolute)
  }
}

/** The client that uses a session now. */
function clientColumns(session: object): Pick<SessionRow, 'address' | 'agent'> {
  const { address = null, agent = null } = clientOf((session as { req?: Request }).req)
  return { address, agent }
}

/** The handle of the session that a row holds. */
function familyOf({ family, id_hash }: SessionRow): string {
  return family ?? id_hash
}

function parse(data: string): SessionData {
  try {
    return JSON.parse(data) as SessionData
  } catch {
    // Without the cause: a parser's message quotes what it could not parse.
    throw new StoreUnavailable('A session cannot be read.')
  }
}

function hashOf(id: string): string {
  return hash('sha256', id, 'base64url')
}
