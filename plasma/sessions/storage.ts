import type { Cookie } from 'express-session'
import { StoreUnavailable, clientOf, type Client, isSessionStore, type SessionStore } from '../../context/cell'
import type { LoginRecord, StoredLogin } from './login-record'

type Callback = (error?: Error) => void

/** The parts of an express-session session that the organelle uses. */
interface ExpressSession extends StoredLogin {
  readonly id: string
  readonly cookie: Cookie
  readonly req: ExpressRequest
  save(callback: Callback): unknown
  destroy(callback: Callback): unknown
}

interface ExpressRequest {
  session?: ExpressSession
  sessionID: string
  ip?: unknown
  headers?: unknown
  readonly sessionStore: {
    generate(req: object): void
    regenerate(req: object, callback: Callback): void
    destroy(id: string, callback: Callback): void
  }
}

/**
 * Where a login is written: an express-session session, which gets a new id at every login, or a plain object.
 * A session that was replaced or destroyed is found again through its request.
 */
export class LoginStorage {
  readonly #given: StoredLogin
  /** The request of an express-session session, or nothing for a plain object. */
  readonly request: ExpressRequest | undefined

  /** @throws {StoreUnavailable} without a storage. A request has none while the store of express-session is disconnected */
  constructor(given: object | undefined) {
    if (typeof given !== 'object' || (given as object | null) === null)
      throw new StoreUnavailable('There is no session storage.')
    this.#given = given
    this.request = isExpressSession(given) ? given.req : undefined
  }

  /** What is stored about the login. Empty if nobody is logged in. */
  get stored(): StoredLogin {
    return this.request ? (this.request.session ?? {}) : this.#given
  }

  /** The client that made the request, if there is one. */
  get client(): Client {
    return this.request ? clientOf(this.request) : {}
  }

  /** The session's handle, if its store knows owners. */
  get handle(): string | undefined {
    const session = this.request?.session
    return session && this.store?.handleOf(session)
  }

  /** The session's store, if it knows owners. */
  get store(): SessionStore | undefined {
    const store: object | undefined = this.request?.sessionStore
    return isSessionStore(store) ? store : undefined
  }

  /**
   * Stores a login, at once. An express-session session has a new id at once; the old one becomes invalid (OWASP ASVS 7.2.4).
   *
   * @returns a promise that resolves when the old session has ended and the new one is saved. If either fails, nobody is
   * logged in
   * @throws {StoreUnavailable} if the session store makes no session
   */
  writeLogin(ownerId: unknown, record: LoginRecord | undefined): Promise<void> {
    const { request } = this
    if (!request) {
      setLogin(this.#given, ownerId, record)
      return Promise.resolve()
    }
    const oldId = request.sessionID
    const session = generateSession(request)
    this.#fill(session, ownerId, record)
    return replace(request, oldId, session)
  }

  /**
   * Continues under a new id, in place of the session that was loaded.
   *
   * @returns whether that session still existed. If not, nobody is logged in
   */
  async replaceSession(store: SessionStore, ownerId: unknown, record: LoginRecord | undefined): Promise<boolean> {
    const { request } = this
    const former = request?.session
    if (!request || !former) return false
    const session = generateSession(request)
    this.#fill(session, ownerId, record)
    let isReplaced = false
    try {
      isReplaced = await store.replace(former, session)
    } finally {
      // express-session would save it at the end of the response.
      if (!isReplaced) delete request.session
    }
    return isReplaced
  }

  /** Replaces what is stored about the login, if this owner is still logged in. */
  updateLogin(ownerId: unknown, record: LoginRecord | undefined): void {
    if (this.stored.ownerId === ownerId) setLogin(this.stored, ownerId, record)
  }

  /** Forgets this owner, if they are still logged in, and nothing else in the session. */
  forgetOwner(ownerId: unknown): void {
    if (this.stored.ownerId === ownerId) clearLogin(this.stored)
  }

  /** Ends an express-session session in its store, or forgets the owner in a plain object. */
  async endSession(): Promise<void> {
    const session = this.request?.session
    if (session) await settled((done) => session.destroy(done))
    clearLogin(this.#given)
  }

  /** Writes a login to a new session. If the owner asked to be remembered, its cookie outlives the browser. */
  #fill(session: ExpressSession, ownerId: unknown, record: LoginRecord | undefined): void {
    setLogin(session, ownerId, record)
    const rememberedFor = this.store?.rememberedFor
    if (record?.remember && rememberedFor !== undefined) session.cookie.maxAge = rememberedFor
  }
}

function isExpressSession(storage: object): storage is ExpressSession {
  const { req, save, destroy } = storage as Record<string, unknown>
  const { generate, regenerate } = Object((Object(req) as Partial<ExpressRequest>).sessionStore) as Record<
    string,
    unknown
  >
  return [save, destroy, generate, regenerate].every((method) => typeof method === 'function')
}

/** Gives the request a new session under a new id, not saved yet. */
function generateSession(request: ExpressRequest): ExpressSession {
  request.sessionStore.generate(request)
  if (!request.session) throw new StoreUnavailable('The session store gave no session.')
  return request.session
}

/** Ends the old session and saves the new one, which ends as well if that fails. */
async function replace(request: ExpressRequest, oldId: string, session: ExpressSession): Promise<void> {
  try {
    await settled((done) => request.sessionStore.destroy(oldId, done))
    await settled((done) => session.save(done))
  } catch (error) {
    // It may have been saved anyway, here or at the end of the response, and either of these may fail too.
    clearLogin(session)
    await Promise.all([
      new Promise((resolve) => session.save(resolve)),
      new Promise((resolve) => session.destroy(resolve)),
    ])
    throw error
  }
}

function setLogin(stored: StoredLogin, ownerId: unknown, record: LoginRecord | undefined): void {
  stored.ownerId = ownerId
  if (record) stored.login = record
  else delete stored.login
}

function clearLogin(stored: StoredLogin): void {
  delete stored.ownerId
  delete stored.login
}

function settled(work: (done: Callback) => unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    work((error) => {
      if (error) reject(error)
      else resolve()
    })
  })
}
