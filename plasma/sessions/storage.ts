import type { Cookie } from 'express-session'
import { clientOf, type Client } from '../../context/cell/client'
import { StoreUnavailable } from '../../context/cell'
import { isSessionStore, type SessionStore } from '../../context/cell/session-store'
import type { Login, Stored } from './types'

type Done = (error?: unknown) => void

/** What the organelle needs of an express-session session. */
interface ExpressSession extends Stored {
  readonly id: string
  readonly cookie: Cookie
  readonly req: {
    session?: ExpressSession
    sessionID: string
    ip?: unknown
    headers?: unknown
    sessionStore: { generate: (req: object) => void; destroy: (id: string, done: Done) => void }
  }
  regenerate(done: Done): unknown
  save(done: Done): unknown
  destroy(done: Done): unknown
}

/**
 * Where a login is written: an express-session session, which gets a new id at every login, or a plain object.
 * A session that is replaced or destroyed is found again through its request.
 */
export class LoginStorage {
  readonly #given: Stored
  readonly #express: ExpressSession | undefined

  /** @throws {StoreUnavailable} without a storage: express-session gives none while its store is away */
  constructor(given: object | undefined) {
    if (typeof given !== 'object' || (given as object | null) === null)
      throw new StoreUnavailable('There is no session storage.')
    this.#given = given
    this.#express = isExpressSession(given) ? given : undefined
  }

  /** The request of an express-session session, or nothing for a plain object. */
  get request(): ExpressSession['req'] | undefined {
    return this.#express?.req
  }

  /** Who is logged in, and how. Empty where nobody is. */
  get stored(): Stored {
    return this.#express ? (this.#express.req.session ?? {}) : this.#given
  }

  /** Who the request came from, and the handle of its session; nothing of it for a plain storage. */
  get seen(): Client & { session?: string } {
    if (!this.#express) return {}
    const { req } = this.#express
    const handle = req.session && this.store?.handleOf(req.session)
    return { ...clientOf(req), ...(handle !== undefined && { session: handle }) }
  }

  /** The store that the session is kept in, if it is one that knows owners. */
  get store(): SessionStore | undefined {
    const store: object | undefined = this.#express?.req.sessionStore
    return isSessionStore(store) ? store : undefined
  }

  /** Logs in. An express-session session ends on a new id, saved, and the old id is dead. */
  async enter(ownerId: unknown, how?: Login): Promise<void> {
    const express = this.#express
    if (!express) {
      write(this.#given, ownerId, how)
      return
    }
    try {
      await new Promise<void>((resolve, reject) => express.regenerate(settle(resolve, reject)))
    } catch (error) {
      // express-session has made a new session all the same, and would save it at the end of the response.
      delete express.req.session
      throw error
    }
    const session = express.req.session
    if (!session) throw new StoreUnavailable('The session store gave no session.')
    write(session, ownerId, how)
    this.#remember(session)
    try {
      await new Promise<void>((resolve, reject) => session.save(settle(resolve, reject)))
    } catch (error) {
      // The row may be there all the same, and express-session saves once more at the end of the response.
      forget(session)
      await new Promise((resolve) => session.destroy(resolve))
      throw error
    }
  }

  /**
   * Goes on under a new id, in the place of the session that was loaded.
   *
   * @returns whether that was still there: nobody is logged in where it had ended
   */
  async replace(store: SessionStore, ownerId: unknown, how?: Login): Promise<boolean> {
    const req = this.#express?.req
    const former = req?.session
    if (!req || !former) return false
    const session = this.#generate(req)
    write(session, ownerId, how)
    this.#remember(session)
    let isReplaced = false
    try {
      isReplaced = await store.replace(former, session)
    } finally {
      // express-session would save it at the end of the response.
      if (!isReplaced) delete req.session
    }
    return isReplaced
  }

  /**
   * Logs in without waiting. The new id is there at once; `done` hears of the old id's end and the new session's
   * saving. Nobody stays logged in where either fails.
   */
  enterNow(ownerId: unknown, how: Login | undefined, done: Done): void {
    const express = this.#express
    if (!express) {
      write(this.#given, ownerId, how)
      done()
      return
    }
    const { req } = express
    const old = req.sessionID
    const session = this.#generate(req)
    write(session, ownerId, how)
    const fail = (error: unknown): void => {
      forget(session)
      session.save(() => {
        done(error)
      })
    }
    req.sessionStore.destroy(old, (error) => {
      if (error) {
        fail(error)
        return
      }
      session.save((error) => {
        if (error) fail(error)
        else done()
      })
    })
  }

  /** Replaces what is stored about the login, if this owner is still logged in. */
  keep(ownerId: unknown, how: Login | undefined): void {
    if (this.stored.ownerId === ownerId) write(this.stored, ownerId, how)
  }

  /** Forgets this owner, if he is still the one who is logged in, and nothing else of the session. */
  forget(ownerId: unknown): void {
    if (this.stored.ownerId === ownerId) forget(this.stored)
  }

  /** Gives the request a new session, not saved yet, under a new id. */
  #generate(req: ExpressSession['req']): ExpressSession {
    req.sessionStore.generate(req)
    if (!req.session) throw new StoreUnavailable('The session store gave no session.')
    return req.session
  }

  /** Lets the browser keep the cookie of an owner who asked to be remembered, and with it the store its session. */
  #remember({ login, cookie }: ExpressSession): void {
    const rememberedFor = this.store?.rememberedFor
    if (login?.remember && rememberedFor !== undefined) cookie.maxAge = rememberedFor
  }

  /** Logs out. An express-session session is gone from its store afterwards. */
  async leave(): Promise<void> {
    const session = this.#express ? this.#express.req.session : undefined
    if (session) await new Promise<void>((resolve, reject) => session.destroy(settle(resolve, reject)))
    forget(this.#given)
  }
}

function isExpressSession(storage: object): storage is ExpressSession {
  const { req, regenerate, save, destroy } = storage as Record<string, unknown>
  const generate = (req as { sessionStore?: { generate?: unknown } } | null | undefined)?.sessionStore?.generate
  const methods = [regenerate, save, destroy, generate]
  return methods.every((method) => typeof method === 'function')
}

function write(stored: Stored, ownerId: unknown, how?: Login): void {
  stored.ownerId = ownerId
  if (how) stored.login = how
  else delete stored.login
}

function forget(stored: Stored): void {
  delete stored.ownerId
  delete stored.login
}

function settle(resolve: () => void, reject: (error: Error) => void): Done {
  return (error) => {
    if (error) reject(error as Error)
    else resolve()
  }
}
