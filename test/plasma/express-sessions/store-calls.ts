import { randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import session, { type Session, type SessionData } from 'express-session'
import type { RequestSession, SessionStore } from '../../../context/cell/session-store'

/** A store's functions as promises. */
export class StoreCalls {
  constructor(readonly store: SessionStore) {}

  async get(id: string): Promise<SessionData | null> {
    return (await promisify(this.store.get.bind(this.store))(id)) ?? null
  }

  /** Loads a session as express-session does for a request. */
  load(id: string): Promise<Session & SessionData> {
    return new Promise((resolve, reject) => {
      this.store.load(id, (error: Error | undefined, found) => {
        if (found) resolve(found as Session & SessionData)
        else reject(error ?? new Error('no such session'))
      })
    })
  }

  async set(id: string, data: SessionData): Promise<void> {
    await promisify<string, SessionData>(this.store.set.bind(this.store))(id, data)
  }

  touch(id: string, data: SessionData): Promise<void> {
    return new Promise((resolve, reject) => {
      this.store.touch?.(id, data, ((error?: Error) => {
        if (error) reject(error)
        else resolve()
      }) as () => void)
    })
  }

  async destroy(id: string): Promise<void> {
    await promisify<string>(this.store.destroy.bind(this.store))(id)
  }

  /** Saves a new session with these fields. */
  async create(fields: object = {}): Promise<RequestSession> {
    const created = newSession(fields)
    await this.set(created.id, created)
    return created
  }
}

/** A session id that no other test has. */
export function newId(): string {
  return randomBytes(24).toString('base64url')
}

/** A session that no store knows yet. */
export function newSession(fields: object = {}): RequestSession {
  const created = { cookie: new session.Cookie(), ...fields }
  // Not enumerable, as in express-session: it is not saved.
  return Object.defineProperty(created, 'id', { value: newId() }) as typeof created & { id: string }
}
