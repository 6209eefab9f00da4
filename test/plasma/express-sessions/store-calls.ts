import { randomBytes } from 'node:crypto'
import session, { type SessionData, type Store } from 'express-session'

type Made = Store & { deleteExpired(limit?: number): Promise<number> }

/** A store's functions as promises. */
export class StoreCalls {
  constructor(readonly store: Made) {}

  get(id: string): Promise<SessionData | null> {
    return new Promise((resolve, reject) => {
      this.store.get(id, (error: Error | undefined, found) => {
        if (error) reject(error)
        else resolve(found ?? null)
      })
    })
  }

  /** The session as express-session makes it for a request. */
  load(id: string): Promise<SessionData> {
    return new Promise((resolve, reject) => {
      this.store.load(id, (error: Error | undefined, found) => {
        if (found) resolve(found)
        else reject(error ?? new Error('no such session'))
      })
    })
  }

  set(id: string, data: SessionData): Promise<void> {
    return this.#done((done) => this.store.set(id, data, done))
  }

  touch(id: string, data: SessionData): Promise<void> {
    return this.#done((done) => this.store.touch?.(id, data, done))
  }

  destroy(id: string): Promise<void> {
    return this.#done((done) => this.store.destroy(id, done))
  }

  #done(work: (done: (error?: Error) => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      work((error) => {
        if (error) reject(error)
        else resolve()
      })
    })
  }
}

/** A session id that no other test has. */
export function newId(): string {
  return randomBytes(24).toString('base64url')
}

/** A session that no store has kept yet. */
export function newSession(): SessionData {
  return { cookie: new session.Cookie() }
}
