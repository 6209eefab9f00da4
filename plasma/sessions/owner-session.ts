import { emitEvent } from '../../context/cell/chemicals'
import { clientOf } from '../../context/cell/client'
import { LoginRequired, codeOf } from '../../context/cell'
import { ownerKeyOf } from '../../context/cell/session-store'
import type { CredentialsFinder } from './credentials'
import { checkFoundElsewhere } from './found-elsewhere'
import { isKeptElsewhere, lapseOf, loginOf } from './login'
import { OwnSessions } from './own-sessions'
import { ask, idOf, type AnyModel } from './owner-model'
import { readCredentials } from './shape'
import { LoginStorage } from './storage'
import type { Actor, Login, Owner, OwnSession } from './types'

/** What the organelle has for all its sessions. */
export interface Shared {
  plasma: Organic.Plasma
  model: AnyModel
  finder: CredentialsFinder
  /** How long a login of an owner whom a trust point keeps lasts, in milliseconds. */
  trustedFor: number
}

/** What a chemical says besides its type, the time, and the client. */
interface Facts {
  ownerId?: unknown
  actor?: Actor | undefined
  reason?: unknown
  session?: string | undefined
}

/** One storage's session: who is logged in there, and how that begins, holds and ends. */
export class OwnerSession {
  readonly #shared: Shared
  readonly #given: object | undefined

  /** @param given the storage; where there is none, everything that needs it fails */
  constructor(shared: Shared, given: object | undefined) {
    this.#shared = shared
    this.#given = given
  }

  get #storage(): LoginStorage {
    return new LoginStorage(this.#given)
  }

  get actor(): Actor | undefined {
    return this.#storage.stored.login?.actor
  }

  get remembers(): boolean {
    return this.#storage.store?.rememberedFor !== undefined
  }

  /** @param credentials as received */
  async login(credentials: unknown): Promise<Owner | undefined> {
    let given
    try {
      const storage = this.#storage
      given = readCredentials(credentials)
      const found = await this.#shared.finder.find(given, clientOf(storage.request).address)
      if (found) {
        const ownerId = idOf(found.owner)
        await storage.enter(ownerId, this.#loginOf(found.owner, found.login))
        this.#tell('SessionLogin', { ownerId, actor: found.login.actor })
        return found.owner
      }
    } catch (error) {
      this.#tell('SessionLoginFailed', { reason: codeOf(error) })
      throw error
    }
    // What was given as a name is not told: it may be a password, in the wrong field.
    const ownerId = await claimedId(this.#shared.model, given.fields)
    this.#tell('SessionLoginFailed', { ownerId, reason: 'INVALID_CREDENTIALS' })
    return undefined
  }

  /** @throws {TypeError} for credentials, and for anything else that the client sent */
  loginNow(owner: Owner): void {
    const storage = this.#storage
    checkFoundElsewhere(owner, storage.request)
    const ownerId = idOf(owner)
    storage.enterNow(ownerId, this.#loginOf(owner), (error) => {
      if (error) this.#tell('SessionLoginFailed', { ownerId, reason: 'STORE_UNAVAILABLE' })
      else this.#tell('SessionLogin', { ownerId })
    })
  }

  /** @throws {Error} if the owner has no id, or the session cannot be saved */
  async loginAs(owner: Owner): Promise<void> {
    const storage = this.#storage
    const ownerId = idOf(owner)
    try {
      await storage.enter(ownerId, this.#loginOf(owner))
    } catch (error) {
      this.#tell('SessionLoginFailed', { ownerId, reason: 'STORE_UNAVAILABLE' })
      throw error
    }
    this.#tell('SessionLogin', { ownerId })
  }

  async owner(): Promise<Owner | undefined> {
    const storage = this.#storage
    const { ownerId, login } = storage.stored
    if (ownerId === undefined || ownerId === null || ownerId === '') return undefined
    const owner = await ask(this.#shared.model, 'findById', ownerId)
    const lapse = lapseOf(login, owner)
    if (owner && lapse === undefined) {
      // `login(owner)` with only an id could not know that a trust point keeps this owner.
      if (isKeptElsewhere(owner) && login?.trustedUntil === undefined)
        storage.keep(ownerId, this.#loginOf(owner, login))
      return owner
    }
    storage.forget(ownerId)
    this.#tell('SessionDenied', { ownerId, actor: login?.actor, reason: lapse })
    return undefined
  }

  async logout(): Promise<undefined> {
    const storage = this.#storage
    const { ownerId, login } = storage.stored
    const { store, seen } = storage
    await storage.leave()
    if (ownerId === undefined) return
    const { session } = seen
    this.#tell('SessionLogout', { ownerId, actor: login?.actor, session })
    // A request in flight may have replaced the session: its successor has the same handle (OWASP ASVS 7.4.1).
    const owner = ownerKeyOf(ownerId)
    if (store && owner !== null && session !== undefined) await store.endOfOwner(owner, { only: session })
  }

  async list(): Promise<OwnSession[]> {
    return (await this.#own()).list()
  }

  async end(id: string): Promise<boolean> {
    const own = await this.#own()
    if (own.isCurrent(id)) {
      await this.logout()
      return true
    }
    const ended = await own.end(id)
    this.#tellEnded(ended, 'ENDED_BY_OWNER')
    return ended.length > 0
  }

  async endOthers(): Promise<void> {
    this.#tellEnded(await (await this.#own()).endOthers(), 'ENDED_BY_OWNER')
  }

  async renew(owner: Owner): Promise<void> {
    const storage = this.#storage
    const { ownerId, login } = storage.stored
    // What a store has kept is what JSON has made of it.
    if (ownerId === undefined || JSON.stringify(ownerId) !== JSON.stringify(idOf(owner))) throw new LoginRequired()
    const { store } = storage
    if (!store) {
      await storage.enter(ownerId, this.#loginOf(owner, login))
      return
    }
    // Who was logged out while his credentials were changed stays out (OWASP ASVS 7.4.1).
    if (!(await storage.replace(store, ownerId, this.#loginOf(owner, login)))) throw new LoginRequired()
    this.#tellEnded(await new OwnSessions(storage, owner).endOthers(), 'CREDENTIALS_CHANGED')
  }

  #loginOf(owner: Owner, how: Login = {}): Login | undefined {
    return loginOf(owner, how, this.#shared.trustedFor)
  }

  async #own(): Promise<OwnSessions> {
    const owner = await this.owner()
    if (!owner) throw new LoginRequired()
    return new OwnSessions(this.#storage, owner)
  }

  #tellEnded(ended: string[], reason: string): void {
    const { ownerId } = this.#storage.stored
    for (const session of ended) this.#tell('SessionLogout', { ownerId, reason, session })
  }

  #tell(type: string, { ownerId, actor, reason, session }: Facts): void {
    const { session: current, ...client } = this.#given ? this.#storage.seen : {}
    // Who fails to log in has no session yet.
    const handle = type === 'SessionLoginFailed' ? undefined : (session ?? current)
    emitEvent(this.#shared.plasma, {
      type,
      ownerId,
      actor,
      reason,
      ...client,
      ...(handle !== undefined && { session: handle }),
    })
  }
}

/** Whose name the credentials have, where the model can say. */
async function claimedId(model: AnyModel, fields: Record<string, string>): Promise<unknown> {
  try {
    return await model.claimedId?.(fields)
  } catch {
    return undefined
  }
}
