import { randomBytes } from 'node:crypto'
import session, { type SessionData } from 'express-session'
import type { RequestSession, SessionStore } from '../../../context/cell/session-store'

/** A store's functions as promises. */
export class StoreCalls {
  /** The last change of a row. */
  #change: Promise<void> = Promise.resolve()

  constructor(readonly store: SessionStore) {
    const rows = store as unknown as { updateRow: (...change: unknown[]) => Promise<void> }
    const updateRow = rows.updateRow.bind(store)
    rows.updateRow = (...change) => {
      this.#change = updateRow(...change)
      this.#change.catch(() => undefined)
      return this.#change
    }
  }

  async get(id: string): Promise<SessionData | null> {
    return (await promiseOf<SessionData>((done) => this.store.get(id, done))) ?? null
  }

  /** Loads a session as express-session does for a request. */
  async load(id: string): Promise<RequestSession> {
    const loaded = await promiseOf<SessionData>((done) => this.store.load(id, done))
    if (!loaded) throw new Error('no such session')
    return loaded as RequestSession
  }

  async set(id: string, data: SessionData): Promise<void> {
    await promiseOf((done) => this.store.set(id, data, done))
  }

  /** Waits for the row as well: responses wait for it only as long as it takes on a machine that is not busy. */
  async touch(id: string, data: SessionData): Promise<void> {
    await promiseOf((done) => this.store.touch?.(id, data, done as () => void))
    await this.#change
  }

  async destroy(id: string): Promise<void> {
    await promiseOf((done) => this.store.destroy(id, done))
  }

  /** Saves a new session with these fields. */
  async create(fields: object = {}): Promise<RequestSession> {
    const created = newSession(fields)
    await this.set(created.id, created)
    return created
  }
}

type Done<T> = (error?: Error, value?: T | null) => void

function promiseOf<T>(work: (done: Done<T>) => unknown): Promise<T | null | undefined> {
  return new Promise((resolve, reject) => {
    work((error, value) => (error ? reject(error) : resolve(value)))
  })
}

/** A session id that no other test has. */
export function newId(): string {
  return randomBytes(24).toString('base64url')
}

/** A session that no store knows yet. Its id is not enumerable, as in express-session: it is not saved. */
export function newSession(fields: object = {}): RequestSession {
  const created = { cookie: new session.Cookie(), ...fields }
  return Object.defineProperty(created, 'id', { value: newId() }) as typeof created & { id: string }
}
