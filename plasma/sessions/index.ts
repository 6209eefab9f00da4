import { DnaError, checkDna } from '../../context/errors'
import { CredentialsFinder } from './credentials'
import { sessionsDna } from './dna'
import { ask, idOf, loadOwnerModel } from './owner-model'
import { LoginStorage } from './storage'
import type { Actor, Callback, Owner, SessionApi } from './types'

type Api = SessionApi<Owner, Record<string, unknown>>

/**
 * The sessions organelle: puts `plasma[dna.name](storage)` on the plasma, which logs owners in, tells who is logged
 * in, and logs them out. Every login, failed login, logout and session without an owner is emitted as a chemical:
 * `SessionLogin`, `SessionLoginFailed`, `SessionLogout`, `SessionDenied`, with the time and ids, never a secret.
 *
 * @throws {DnaError} for DNA that it cannot work with
 */
function sessions(plasma: Organic.Plasma, dna: Organic.Dna): void {
  const checked = checkDna(sessionsDna, dna)
  const { name } = checked
  if (name in plasma) throw new DnaError('name', `the plasma has a "${name}" already, choose another name`)
  const model = loadOwnerModel(checked)
  const finder = new CredentialsFinder(checked, model)
  plasma.on('killed', () => finder.close())

  Object.assign(plasma, { [name]: Object.assign(open, { ownerModel: model }) })

  function open(given: object | undefined): Api {
    const owner = (callback?: Callback<Owner>): Promise<Owner | undefined> => answer(currentOwner(given), callback)
    const api = {
      login(subject: Record<string, unknown>, callback?: Callback<Owner>): void {
        if (callback) void answer(loginBy(given, subject), callback)
        else loginAs(given, subject)
      },
      owner,
      user: owner,
      actor: () => new LoginStorage(given).stored.login?.actor,
      logout: (callback?: Callback<never>) => answer(logout(given), callback),
    }
    return api
  }

  async function loginBy(given: object | undefined, credentials: unknown): Promise<Owner | undefined> {
    try {
      const storage = new LoginStorage(given)
      const found = await finder.find(credentials)
      if (found) {
        const ownerId = idOf(found.owner)
        await storage.enter(ownerId, found.login)
        tell('SessionLogin', { ownerId, actor: found.login?.actor })
        return found.owner
      }
    } catch (error) {
      tell('SessionLoginFailed', { reason: (Object(error) as { code?: unknown }).code ?? 'ERROR' })
      throw error
    }
    tell('SessionLoginFailed', { reason: 'OWNER_NOT_FOUND' })
    return undefined
  }

  function loginAs(given: object | undefined, owner: Owner): void {
    const ownerId = idOf(owner)
    new LoginStorage(given).enterNow(ownerId, (error) => {
      if (error) tell('SessionLoginFailed', { ownerId, reason: 'STORE_UNAVAILABLE' })
      else tell('SessionLogin', { ownerId })
    })
  }

  async function currentOwner(given: object | undefined): Promise<Owner | undefined> {
    const storage = new LoginStorage(given)
    const { ownerId, login } = storage.stored
    if (ownerId === undefined || ownerId === null || ownerId === '') return undefined
    const isTrusted = login?.trustedUntil === undefined || Date.now() < login.trustedUntil
    const owner = isTrusted ? await ask(model, 'findById', ownerId) : undefined
    if (!owner) {
      storage.forget(ownerId)
      tell('SessionDenied', { ownerId, actor: login?.actor, reason: isTrusted ? 'OWNER_NOT_FOUND' : 'TRUST_EXPIRED' })
    }
    return owner
  }

  async function logout(given: object | undefined): Promise<undefined> {
    const storage = new LoginStorage(given)
    const { ownerId, login } = storage.stored
    await storage.leave()
    if (ownerId !== undefined) tell('SessionLogout', { ownerId, actor: login?.actor })
  }

  /** A reaction that fails is its organelle's trouble: it must not undo a login. */
  function tell(type: string, { ownerId, actor, reason }: { ownerId?: unknown; actor?: Actor | undefined; reason?: unknown }): void {
    plasma.emit({ type, time: Date.now(), ownerId, actor, reason }).catch((errors: unknown) => {
      process.emitWarning(`a reaction to ${type} failed: ${String(errors)}`)
    })
  }
}

/**
 * Gives a promise's outcome to the callback, once, and outside the promise: what the callback throws is not its answer.
 * Without a callback the promise itself is the answer.
 */
function answer<T>(outcome: Promise<T | undefined>, callback: Callback<T> | undefined): Promise<T | undefined> {
  if (!callback) return outcome
  return outcome.then(
    (value) => {
      if (value === undefined) process.nextTick(callback)
      else process.nextTick(callback, null, value)
      return value
    },
    (error: unknown) => {
      process.nextTick(callback, error)
      return undefined
    },
  )
}

export = sessions
