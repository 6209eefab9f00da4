import { createHash } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { Store, type Session, type SessionData } from 'express-session'
import type { Request } from 'express'
import { clientOf } from '../../context/cell/client'
import { now } from '../../context/cell/clock'
import { database, prepare, type SessionRow } from '../../context/sql'
import { StoreUnavailable } from '../../context/cell'
import { keptOwnerId, type KeptSession, type OwnerSessionStore } from '../../context/cell/session-store'

/** How long a session lasts unused, and at most. Milliseconds. */
export interface Lifetime {
  idle: number
  absolute: number
}

/** How long sessions last. Milliseconds. */
export interface Lifetimes extends Lifetime {
  /** Of those whose owners asked to be remembered; without it nobody is. */
  remember?: Lifetime | undefined
  /** A session that was seen so recently is not written only because it is seen again. */
  touch: number
}

type Done = (error?: unknown) => void
type Times = Pick<SessionRow, 'created_at' | 'seen_at'>

/** Milliseconds for which an answer is held back to note that its session is in use. */
const LONGEST_TOUCH = 100
/** The most sessions of an owner that are listed. */
const LONGEST_LIST = 100

const findRow = prepare((db) =>
  db
    .selectFrom('sessions')
    .select(['data', 'created_at', 'seen_at'])
    .where('id_hash', '=', '')
    .where('expires_at', '>', 0),
)

/**
 * Keeps express-session's sessions in the cell's database.
 *
 * - The id itself is not kept, only its SHA-256: who reads the database cannot use the sessions in it.
 * - A session that was loaded is updated only where it still exists: a request in flight cannot bring back what a
 *   logout ended (OWASP ASVS 7.4.1).
 * - Idle and absolute lifetime are enforced here, whatever the cookie says (OWASP ASVS 7.3.1, 7.3.2).
 * - A database that fails is an error, never "no session".
 */
export class SqlStore extends Store implements OwnerSessionStore {
  readonly #lifetimes: Lifetimes
  /** The sessions that are rows already, and what their rows say. */
  readonly #rows = new WeakMap<object, Times>()

  constructor(lifetimes: Lifetimes) {
    super()
    this.#lifetimes = lifetimes
  }

  get remembers(): boolean {
    return this.#lifetimes.remember !== undefined
  }

  handleOf(sessionId: string): string {
    return hashOf(sessionId)
  }

  async ofOwner(ownerId: string): Promise<KeptSession[]> {
    const rows = await database()
      .selectFrom('sessions')
      .selectAll()
      .where('owner_id', '=', ownerId)
      .where('expires_at', '>', now())
      .orderBy('seen_at', 'desc')
      .limit(LONGEST_LIST)
      .execute()
    return rows.map((row) => this.#kept(row)).filter(({ expiresAt }) => expiresAt > now())
  }

  async endOfOwner(ownerId: string, { only, except }: { only?: string; except?: string } = {}): Promise<string[]> {
    let ending = database().deleteFrom('sessions').where('owner_id', '=', ownerId).where('expires_at', '>', now())
    // SQLite on Node 20 takes no text with a NUL in it, and no handle has one.
    if (only?.includes('\0')) return []
    if (only !== undefined) ending = ending.where('id_hash', '=', only)
    if (except !== undefined) ending = ending.where('id_hash', '!=', except)
    return (await ending.returning('id_hash').execute()).map(({ id_hash }) => id_hash)
  }

  async replace(formerId: string, id: string, session: SessionData): Promise<boolean> {
    const row = { ...this.#rowOf(session), id_hash: hashOf(id), family: hashOf(id) }
    return database()
      .transaction()
      .execute(async (db) => {
        const former = db.deleteFrom('sessions').where('id_hash', '=', hashOf(formerId)).where('expires_at', '>', now())
        if ((await former.executeTakeFirst()).numDeletedRows !== 1n) return false
        await db.insertInto('sessions').values(row).execute()
        return true
      })
  }

  override get(id: string, done: (error?: unknown, session?: SessionData | null) => void): void {
    finish(this.#load(id), done)
  }

  /** express-session makes its session of what was loaded: it is the same row. */
  override createSession(req: Request, data: SessionData): Session & SessionData {
    const session = super.createSession(req, data)
    const times = this.#rows.get(data)
    if (times) this.#rows.set(session, times)
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

  /** Deletes some of the sessions that are over. @returns how many */
  async destroyExpired(limit: number): Promise<number> {
    const expired = database().selectFrom('sessions').select('id_hash').where('expires_at', '<=', now()).limit(limit)
    const { numDeletedRows } = await database()
      .deleteFrom('sessions')
      .where('id_hash', 'in', expired)
      .executeTakeFirst()
    return Number(numDeletedRows)
  }

  #kept(row: SessionRow): KeptSession {
    const data = parse(row.data)
    return {
      handle: row.id_hash,
      data,
      createdAt: row.created_at,
      seenAt: row.seen_at,
      expiresAt: Math.min(row.expires_at, expiryOf(row, this.#lifetimeOf(data))),
      address: row.address,
      agent: row.agent,
    }
  }

  async #load(id: string): Promise<SessionData | null> {
    const [row] = await findRow(hashOf(id), now())
    if (!row) return null
    const data = parse(row.data)
    // What DNA allows may have become less since the row was written.
    if (expiryOf(row, this.#lifetimeOf(data)) <= now()) return null
    this.#rows.set(data, row)
    return data
  }

  async #save(id: string, session: SessionData): Promise<void> {
    const isRow = this.#rows.has(session)
    const { created_at, ...row } = this.#rowOf(session)
    if (isRow) {
      await this.#update(id, row)
    } else {
      const values = { ...row, id_hash: hashOf(id), family: hashOf(id), created_at }
      await database()
        .insertInto('sessions')
        .values(values)
        .onConflict((conflict) => conflict.column('id_hash').doUpdateSet(row))
        .execute()
    }
  }

  /** What a session is as a row. From now on it is one, also for a second save that does not wait for this one. */
  #rowOf(session: SessionData): Omit<SessionRow, 'id_hash' | 'family'> {
    const time = now()
    const times = { created_at: this.#rows.get(session)?.created_at ?? time, seen_at: time }
    const lifetime = this.#lifetimeOf(session)
    // A browser keeps a cookie that says until when; any other it forgets when it closes.
    if (lifetime !== this.#lifetimes) session.cookie.maxAge ??= lifetime.absolute
    this.#rows.set(session, times)
    return {
      owner_id: keptOwnerId((session as { ownerId?: unknown }).ownerId),
      data: JSON.stringify(session),
      ...seenFrom(session),
      ...times,
      expires_at: expiryOf(times, lifetime),
    }
  }

  async #touch(id: string, session: SessionData): Promise<void> {
    const time = now()
    const row = this.#rows.get(session)
    if (!row || time - row.seen_at < this.#lifetimes.touch) return
    const times = { created_at: row.created_at, seen_at: time }
    const touched = this.#update(id, {
      ...seenFrom(session),
      seen_at: time,
      expires_at: expiryOf(times, this.#lifetimeOf(session)),
    })
    touched.catch(() => undefined)
    await Promise.race([touched, wait(LONGEST_TOUCH, undefined, { ref: false })])
    this.#rows.set(session, times)
  }

  async #delete(id: string): Promise<void> {
    await database().deleteFrom('sessions').where('id_hash', '=', hashOf(id)).execute()
  }

  async #update(id: string, change: Partial<SessionRow>): Promise<void> {
    await database()
      .updateTable('sessions')
      .set(change)
      .where('id_hash', '=', hashOf(id))
      .where('expires_at', '>', now())
      .execute()
  }

  #lifetimeOf(session: SessionData): Lifetime {
    const { login } = session as { login?: { remember?: unknown } }
    return (login?.remember === true && this.#lifetimes.remember) || this.#lifetimes
  }
}

function expiryOf({ created_at, seen_at }: Times, { idle, absolute }: Lifetime): number {
  return Math.min(seen_at + idle, created_at + absolute)
}

/** From where a session is used now: express-session's has its request. */
function seenFrom(session: object): Pick<SessionRow, 'address' | 'agent'> {
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

/** Answers outside the promise, once: an error of the callback is not one of the store. */
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
