import { createHash } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { Store, type Session, type SessionData } from 'express-session'
import type { Request } from 'express'
import { StoreUnavailable } from '../../../context/cell'
import { clientOf } from '../../../context/cell/client'
import {
  ownerKeyOf,
  type RequestSession,
  type SessionStore,
  type StoredSession,
} from '../../../context/cell/session-store'
import type { Database, SessionRow } from '../../../context/sql'
import { lifetimeOf, type Lifetime, type Lifetimes } from '../lifetime'

type Done = (error?: unknown) => void

/** What the store remembers of the row of a session. */
type Known = Pick<SessionRow, 'family' | 'created_at' | 'seen_at'>

/** Longest time for which a response waits for its session's row to be touched, in milliseconds. */
const LONGEST_TOUCH = 100
/** The most sessions of an owner that are listed. */
const LONGEST_LIST = 100

/** Creates a {@link SqlStore} when the plasma has its `Database`. */
export function createSqlStore(
  plasma: Organic.Plasma,
  lifetimes: Lifetimes,
  callback: (store: SqlStore) => unknown,
): void {
  plasma.once('Database', ({ data }) => callback(new SqlStore(data, lifetimes)))
}

/**
 * Keeps sessions in the cell's database. A row has the SHA-256 of a session's id and not the id: whoever reads the
 * database cannot use its sessions.
 */
export class SqlStore extends Store implements SessionStore {
  readonly #database: Database
  readonly #lifetimes: Lifetimes
  readonly #findRow
  /** The sessions that have a row, or had one before they ended. */
  readonly #known = new WeakMap<object, Known>()

  constructor(database: Database, lifetimes: Lifetimes) {
    super()
    this.#database = database
    this.#lifetimes = lifetimes
    this.#findRow = database.prepare((db) =>
      db
        .selectFrom('sessions')
        .select(['family', 'data', 'created_at', 'seen_at'])
        .where('id_hash', '=', '')
        .where('expires_at', '>', 0),
    )
  }

  get rememberedFor(): number | undefined {
    return this.#lifetimes.remember?.absolute
  }

  handleOf(session: { readonly id: string }): string {
    return this.#known.get(session)?.family ?? hashOf(session.id)
  }

  async listOfOwner(ownerId: string): Promise<StoredSession[]> {
    const now = this.#now()
    const rows = await this.#database.query
      .selectFrom('sessions')
      .selectAll()
      .where('owner_id', '=', ownerId)
      .where('expires_at', '>', now)
      .orderBy('seen_at', 'desc')
      .limit(LONGEST_LIST)
      .execute()
    return rows.map((row) => this.#storedOf(row)).filter(({ expiresAt }) => expiresAt > now)
  }

  async endOfOwner(ownerId: string, { only, except }: { only?: string; except?: string } = {}): Promise<string[]> {
    // SQLite on Node 20 takes no string with a NUL in it, and no handle has one.
    if (only?.includes('\0')) return []
    let ending = this.#database.query
      .deleteFrom('sessions')
      .where('owner_id', '=', ownerId)
      .where('expires_at', '>', this.#now())
    if (only !== undefined) ending = ending.where('family', '=', only)
    if (except !== undefined) ending = ending.where('family', '!=', except)
    return (await ending.returning('family').execute()).map(({ family }) => family)
  }

  async replace(session: RequestSession, successor: RequestSession): Promise<boolean> {
    const row = { id_hash: hashOf(successor.id), ...this.#rowOf(successor, this.handleOf(session)) }
    return this.#database.query.transaction().execute(async (db) => {
      const { numDeletedRows } = await db
        .deleteFrom('sessions')
        .where('id_hash', '=', hashOf(session.id))
        .where('expires_at', '>', this.#now())
        .executeTakeFirst()
      if (numDeletedRows !== 1n) return false
      await db.insertInto('sessions').values(row).execute()
      return true
    })
  }

  async count(): Promise<number> {
    const { count } = await this.#database.query
      .selectFrom('sessions')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('expires_at', '>', this.#now())
      .executeTakeFirstOrThrow()
    return count
  }

  async endAll(): Promise<void> {
    await this.#database.query.deleteFrom('sessions').execute()
  }

  async deleteExpired(limit: number): Promise<number> {
    const { query } = this.#database
    const expired = query.selectFrom('sessions').select('id_hash').where('expires_at', '<=', this.#now()).limit(limit)
    const { numDeletedRows } = await query.deleteFrom('sessions').where('id_hash', 'in', expired).executeTakeFirst()
    return Number(numDeletedRows)
  }

  override get(id: string, done: (error?: unknown, session?: SessionData | null) => void): void {
    finish(this.#load(id), done)
  }

  /** Makes express-session's session of what was loaded: the same row. */
  override createSession(req: Request, data: SessionData): Session & SessionData {
    const session = super.createSession(req, data)
    const known = this.#known.get(data)
    if (known) this.#known.set(session, known)
    return session
  }

  override set(id: string, session: SessionData, done?: Done): void {
    finish(this.#save(id, session), done)
  }

  override touch(id: string, session: SessionData, done?: Done): void {
    finish(this.#touch(id, session), done)
  }

  override destroy(id: string, done?: Done): void {
    finish(this.#delete(id), done)
  }

  #now(): number {
    return this.#database.clock.now()
  }

  #storedOf(row: SessionRow): StoredSession {
    const data = parse(row.data)
    return {
      handle: row.family,
      data,
      createdAt: row.created_at,
      seenAt: row.seen_at,
      expiresAt: Math.min(row.expires_at, expiryOf(row, lifetimeOf(data, this.#lifetimes))),
      address: row.address,
      agent: row.agent,
    }
  }

  async #load(id: string): Promise<SessionData | null> {
    const now = this.#now()
    const [row] = await this.#findRow(hashOf(id), now)
    if (!row) return null
    const data = parse(row.data)
    // DNA may allow less than when the row was written.
    if (expiryOf(row, lifetimeOf(data, this.#lifetimes)) <= now) return null
    this.#known.set(data, row)
    return data
  }

  async #save(id: string, session: SessionData): Promise<void> {
    const known = this.#known.get(session)
    const { family, created_at, ...row } = this.#rowOf(session, known?.family ?? hashOf(id))
    if (known) {
      await this.#update(id, row)
      return
    }
    await this.#database.query
      .insertInto('sessions')
      .values({ id_hash: hashOf(id), family, created_at, ...row })
      .onConflict((conflict) => conflict.column('id_hash').doUpdateSet(row))
      .execute()
  }

  /** The row of a session, which is known from now on: a second save that does not wait for this one must only update. */
  #rowOf(session: SessionData, family: string): Omit<SessionRow, 'id_hash'> {
    const now = this.#now()
    const known = { family, created_at: this.#known.get(session)?.created_at ?? now, seen_at: now }
    this.#known.set(session, known)
    return {
      owner_id: ownerKeyOf(session.ownerId),
      data: JSON.stringify(session),
      ...clientColumns(session),
      ...known,
      expires_at: expiryOf(known, lifetimeOf(session, this.#lifetimes)),
    }
  }

  async #touch(id: string, session: SessionData): Promise<void> {
    const now = this.#now()
    const known = this.#known.get(session)
    if (!known || now - known.seen_at < this.#lifetimes.touch) return
    const touching = this.#update(id, {
      ...clientColumns(session),
      seen_at: now,
      expires_at: expiryOf({ ...known, seen_at: now }, lifetimeOf(session, this.#lifetimes)),
    })
    touching.catch(() => undefined)
    await Promise.race([touching, wait(LONGEST_TOUCH, undefined, { ref: false })])
  }

  async #delete(id: string): Promise<void> {
    await this.#database.query.deleteFrom('sessions').where('id_hash', '=', hashOf(id)).execute()
  }

  async #update(id: string, change: Partial<SessionRow>): Promise<void> {
    await this.#database.query
      .updateTable('sessions')
      .set(change)
      .where('id_hash', '=', hashOf(id))
      .where('expires_at', '>', this.#now())
      .execute()
  }
}

function expiryOf({ created_at, seen_at }: Known, { idle, absolute }: Lifetime): number {
  return Math.min(seen_at + idle, created_at + absolute)
}

/** The client that uses a session now. */
function clientColumns(session: object): Pick<SessionRow, 'address' | 'agent'> {
  const { address = null, agent = null } = clientOf((session as { req?: Request }).req)
  return { address, agent }
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
  return createHash('sha256').update(id).digest('base64url')
}

/** Calls back once, outside the promise: an error that the callback throws is not the store's. */
function finish<T>(work: Promise<T>, done: ((error?: unknown, value?: T) => void) | undefined): void {
  work.then(
    (value) => {
      if (done) process.nextTick(done, null, value)
    },
    (error: unknown) => {
      if (done) process.nextTick(done, error)
    },
  )
}
