import {
  LoginRequired,
  callBack,
  clientOf,
  codeOf,
  emitEvent,
  idOf,
  ownerKeyOf,
  type Callback,
  type RequestFacts,
} from '../../context/cell'
import type { Authenticator } from './authenticator'
import type { SessionChemicals } from './chemicals'
import { refuseClientInput } from './client-input'
import { readCredentials } from './credentials'
import type { Actor, LoginRecords } from './login-record'
import { callModel, isKeptElsewhere, type AnyCredentials, type AnyModel, type Owner } from './owner-model'
import { createSessionList, type SessionList } from './session-list'
import { LoginStorage } from './storage'
import type { OwnSession, SessionApi } from './session-api'

/** What all storages of one organelle share. */
export interface Shared {
  plasma: Organic.Plasma
  ownerModel: AnyModel
  authenticator: Authenticator
  records: LoginRecords
}

/** The login in one storage: begins it, checks it and ends it. */
export class Authentication {
  readonly #shared: Shared
  readonly #given: object | undefined

  /** @param given the storage. Without one, every method fails with {@link StoreUnavailable} */
  constructor(shared: Shared, given: object | undefined) {
    this.#shared = shared
    this.#given = given
  }

  get #storage(): LoginStorage {
    return new LoginStorage(this.#given)
  }

  /** The application that acts for the owner, if one does. */
  get actor(): Actor | undefined {
    return this.#storage.stored.login?.actor
  }

  /** Whether a login may ask to be remembered. */
  get canRemember(): boolean {
    return this.#storage.store?.rememberedFor !== undefined
  }

  /**
   * Finds the owner of the credentials and logs them in.
   *
   * @param credentials as received
   * @returns nothing if no owner has them
   */
  async authenticate(credentials: unknown): Promise<Owner | undefined> {
    const { ownerModel, authenticator, records } = this.#shared
    let given
    try {
      const storage = this.#storage
      given = readCredentials(credentials)
      const found = await authenticator.authenticate(given, clientOf(storage.request).address)
      if (found) {
        const { owner, record } = found
        const ownerId = idOf(owner)
        await storage.writeLogin(ownerId, records.create(owner, record))
        this.#emit('SessionLogin', { ownerId, actor: record.actor })
        return owner
      }
    } catch (error) {
      this.#emit('SessionLoginFailed', { reason: codeOf(error) })
      throw error
    }
    // The name itself stays secret: it may be a password, typed into the wrong field.
    const ownerId = await findClaimedId(ownerModel, given.fields)
    this.#emit('SessionLoginFailed', { ownerId, reason: 'INVALID_CREDENTIALS' })
    return undefined
  }

  /**
   * Logs in an owner without waiting until the session is saved.
   *
   * @throws {TypeError} for credentials, and for anything else that the client sent
   * @throws {Error} if the owner has no id, or the session store makes no session
   */
  logInAtOnce(owner: Owner): void {
    refuseClientInput(owner, this.#storage.request)
    // The failure is reported as a chemical.
    this.logIn(owner).catch(() => undefined)
  }

  /**
   * Logs in an owner. The promise rejects if the session cannot be saved.
   *
   * @throws {Error} at once, if the owner has no id or the session store makes no session
   */
  logIn(owner: Owner): Promise<void> {
    const ownerId = idOf(owner)
    return this.#storage.writeLogin(ownerId, this.#shared.records.create(owner)).then(
      () => this.#emit('SessionLogin', { ownerId }),
      (error: unknown) => {
        this.#emit('SessionLoginFailed', { ownerId, reason: 'STORE_UNAVAILABLE' })
        throw error
      },
    )
  }

  /** Finds the owner who is logged in. If the login is no longer valid, the storage forgets the owner. */
  async findOwner(): Promise<Owner | undefined> {
    const { ownerModel, records } = this.#shared
    const storage = this.#storage
    const { ownerId, login } = storage.stored
    if (ownerId === undefined || ownerId === null || ownerId === '') return undefined
    const owner = await callModel(ownerModel, 'findById', ownerId)
    const lapse = records.findLapse(login, owner)
    if (lapse !== undefined) {
      storage.forgetOwner(ownerId)
      this.#emit('SessionDenied', { ownerId, actor: login?.actor, reason: lapse })
      return undefined
    }
    // `login(owner)` with only an id could not know that a trust point keeps this owner.
    if (owner && isKeptElsewhere(owner) && login?.trustedUntil === undefined)
      storage.updateLogin(ownerId, records.create(owner, login))
    return owner
  }

  /** Ends the session, or forgets the owner in a plain object. */
  async logOut(): Promise<undefined> {
    const storage = this.#storage
    const { ownerId, login } = storage.stored
    const { store, handle } = storage
    await storage.endSession()
    if (ownerId === undefined) return
    this.#emit('SessionLogout', { ownerId, actor: login?.actor, ...(handle !== undefined && { session: handle }) })
    // A request in flight may have replaced the session. Its successor has the same handle (OWASP ASVS 7.4.1).
    const ownerKey = ownerKeyOf(ownerId)
    if (store && ownerKey !== null && handle !== undefined) await store.endOwnerSessions(ownerKey, { only: handle })
  }

  /** Lists the sessions of the owner who is logged in, the last used first. */
  async listSessions(): Promise<OwnSession[]> {
    return (await this.#sessionList()).list()
  }

  /** Ends one of the owner's sessions. @returns whether the owner had a session with this handle */
  async endSession(handle: string): Promise<boolean> {
    const sessions = await this.#sessionList()
    if (handle === sessions.current) {
      await this.logOut()
      return true
    }
    const ended = await sessions.end(handle)
    this.#emitEnded(ended, 'ENDED_BY_OWNER')
    return ended.length > 0
  }

  /** Ends all of the owner's sessions but the current one. */
  async endOtherSessions(): Promise<void> {
    this.#emitEnded(await (await this.#sessionList()).endOthers(), 'ENDED_BY_OWNER')
  }

  /** Continues under a new session id after the owner's credentials have changed, and ends their other sessions. */
  async renew(owner: Owner): Promise<void> {
    const { records } = this.#shared
    const storage = this.#storage
    const { ownerId, login } = storage.stored
    // A store may have converted the id to JSON.
    if (ownerId === undefined || JSON.stringify(ownerId) !== JSON.stringify(idOf(owner))) throw new LoginRequired()
    const { store } = storage
    if (!store) {
      await storage.writeLogin(ownerId, records.create(owner, login))
      return
    }
    // An owner who was logged out while the credentials were being changed stays logged out (OWASP ASVS 7.4.1).
    if (!(await storage.replaceSession(store, ownerId, records.create(owner, login)))) throw new LoginRequired()
    this.#emitEnded(await createSessionList(storage, owner, records).endOthers(), 'CREDENTIALS_CHANGED')
  }

  /** @throws {LoginRequired} if nobody is logged in */
  async #sessionList(): Promise<SessionList> {
    const owner = await this.findOwner()
    if (!owner) throw new LoginRequired()
    return createSessionList(this.#storage, owner, this.#shared.records)
  }

  #emitEnded(handles: string[], reason: 'ENDED_BY_OWNER' | 'CREDENTIALS_CHANGED'): void {
    const { ownerId } = this.#storage.stored
    for (const session of handles) this.#emit('SessionLogout', { ownerId, reason, session })
  }

  #emit<T extends keyof SessionChemicals>(type: T, facts: Omit<SessionChemicals[T], keyof RequestFacts>): void {
    const storage = this.#given && this.#storage
    // A failed login has no session yet.
    const session = type === 'SessionLoginFailed' ? undefined : storage?.handle
    const about = { ...storage?.client, ...(session !== undefined && { session }) }
    const event: { type: string } = { type, ...about, ...facts }
    emitEvent(this.#shared.plasma, event)
  }
}

/** The id of the owner whose name the credentials have, if the model can tell. */
async function findClaimedId(model: AnyModel, fields: Record<string, string>): Promise<unknown> {
  try {
    return await model.claimedId?.(fields)
  } catch {
    return undefined
  }
}

/** Creates the documented functions of one storage. None of them needs `this`. */
export function createSessionApi(authentication: Authentication): SessionApi<Owner, AnyCredentials> {
  const owner = (callback?: Callback<Owner>): Promise<Owner | undefined> =>
    callBack(authentication.findOwner(), callback)
  return {
    login(subject: AnyCredentials, callback?: Callback<Owner>): void {
      const misuse = 'login(credentials, callback) takes a function. For a promise, call authenticate(credentials)'
      if (callback === undefined) authentication.logInAtOnce(subject)
      else if (typeof callback === 'function') void callBack(authentication.authenticate(subject), callback)
      else throw new TypeError(misuse)
    },
    loginAs: async (owner: Owner) => authentication.logIn(owner),
    authenticate: (credentials: AnyCredentials) => authentication.authenticate(credentials),
    owner,
    user: owner,
    actor: () => authentication.actor,
    logout: (callback?: Callback<never>) => callBack(authentication.logOut(), callback),
    remembers: () => authentication.canRemember,
    list: () => authentication.listSessions(),
    end: (id: string) => authentication.endSession(id),
    endOthers: () => authentication.endOtherSessions(),
    renew: (owner: Owner) => authentication.renew(owner),
  }
}
