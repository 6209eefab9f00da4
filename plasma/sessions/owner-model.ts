import { DnaError, resolvePath, type Callback } from '../../context/cell'
import type { SessionsDna } from './dna'

/** Who can log in. Has an `id`, or the `_id` of a raw document. */
export interface Owner {
  id?: unknown
  _id?: unknown
  /** The trust point that keeps this owner, if any. It checks every login. */
  trustPoint?: unknown
  /** Changing it ends all earlier logins, wherever their sessions are stored. */
  securityStamp?: string | undefined
}

/**
 * Where owners are stored (docs/owner-models.md). Each function answers by callback or returns a
 * promise. "Not found" is a callback without arguments, or a promise of `undefined`. Errors are for exceptional states only.
 *
 * @example
 * module.exports = class User {
 *   static createOrUpdate(ownerData, callback) { users.save(ownerData, callback) }
 *   static async findByCredentials({ username, password }) { return users.check(username, password) }
 *   static async findById(id) { return users.get(id) }
 * }
 */
export interface OwnerModel<O extends Owner, C> {
  /**
   * Creates or updates the owner in a trust point's answer.
   *
   * @param from the endpoint that answered. The same id at another trust point is another owner (OWASP ASVS 6.8.1)
   */
  createOrUpdate(ownerData: Record<string, unknown>, callback: Callback<O>, from?: string): unknown
  findByCredentials(credentials: C, callback: Callback<O>): unknown
  findById(id: unknown, callback: Callback<O>): unknown
  /**
   * Finds the id of the owner whose name the credentials have, right or wrong. Only audit logs of failed logins show it.
   *
   * @param credentials checked: at least one field, every value a string
   */
  claimedId?(credentials: Record<string, string>): Promise<unknown>
  /**
   * Creates an owner for `POST /api/register`, which answers 404 without this function.
   *
   * @param registration as received, unchecked
   * @throws {Problem} with the status and code for the client, such as 400 or 409
   */
  register?(registration: unknown): Promise<O>
  /**
   * Changes an owner's password for `POST /api/password`, which answers 404 without this function.
   *
   * @param id of the owner who is logged in
   * @param change as received, unchecked
   * @returns the changed owner, whose new {@link Owner.securityStamp} ends the other sessions
   * @throws {Problem} with the status and code for the client, such as 400 or 403
   */
  changePassword?(id: unknown, change: unknown): Promise<O>
  /** Names of the credential fields, for pages. @default { nameKey: 'username', passwordKey: 'password' } */
  readonly kind?: { readonly nameKey: string; readonly passwordKey?: string }
}

const INTERFACE = ['createOrUpdate', 'findByCredentials', 'findById'] as const

/** Credentials of whatever shape a model takes. */
export type AnyCredentials = Record<string, unknown>

/** An owner model of any kind. */
export type AnyModel = OwnerModel<Owner, AnyCredentials>

/**
 * Loads the owner model that DNA gives, or names by path: a module with the three documented functions, or a function
 * `(plasma, dna) => model`.
 *
 * @throws {DnaError} if it is not found, does not load, or lacks one of the documented functions
 */
export function loadOwnerModel(plasma: Organic.Plasma, dna: SessionsDna): AnyModel {
  const key = dna.ownerModel === undefined ? 'ownerModelPath' : 'ownerModel'
  const given = dna.ownerModel !== undefined ? dna.ownerModel : load(plasma, dna.ownerModelPath ?? '')
  // A class has the documented functions as statics.
  const isFactory = typeof given === 'function' && missingFrom(given).length === INTERFACE.length
  const model = isFactory ? (given as (...values: unknown[]) => unknown)(plasma, dna) : given
  const [name] = missingFrom(model)
  if (name !== undefined) {
    const instead = 'export the model itself (export = or module.exports =)'
    throw new DnaError(key, `the owner model has no function ${name}: ${instead}`)
  }
  return model as AnyModel
}

/** The documented functions that a model does not have. */
function missingFrom(model: unknown): string[] {
  return INTERFACE.filter((name) => typeof (model as Partial<AnyModel> | null | undefined)?.[name] !== 'function')
}

function load(plasma: Organic.Plasma, path: string): unknown {
  const file = resolvePath(plasma, path)
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- DNA names the module
    return require(file)
  } catch (cause) {
    const error = cause as NodeJS.ErrnoException
    const isMissing = error.code === 'MODULE_NOT_FOUND' && error.message.includes(`'${file}'`)
    const fault = isMissing ? `there is no module ${path}` : `${path} does not load: ${error.message}`
    throw new DnaError('ownerModelPath', fault, { cause })
  }
}

/** Whether a trust point keeps this owner, rather than this cell. */
export function isKeptElsewhere({ trustPoint }: Owner): boolean {
  return trustPoint !== undefined && trustPoint !== null
}

/**
 * Calls a function of the model, which may answer by callback or by promise.
 *
 * @param from the endpoint of the trust point that the subject came from, if any
 * @returns the owner, or nothing if there is none
 * @throws whatever the model fails with, always an object
 */
export async function callModel(
  model: AnyModel,
  name: (typeof INTERFACE)[number],
  subject: unknown,
  from?: string,
): Promise<Owner | undefined> {
  const answered = new Promise<Owner | null | undefined>((resolve, reject) => {
    const callback = (error?: unknown, owner?: Owner): void => {
      // The model's error is passed on as it is.
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
      if (error) reject(error)
      else resolve(owner)
    }
    const call = model[name].bind(model) as (...values: unknown[]) => unknown
    const returned = from === undefined ? call(subject, callback) : call(subject, callback, from)
    if (!isPromise(returned)) return
    returned.then((owner) => {
      // An async function that takes the callback may call it after its promise has resolved.
      if (owner !== undefined || model[name].length < 2) resolve(owner)
    }, reject)
  })
  try {
    return (await answered) ?? undefined
  } catch (error) {
    // In a callback, a falsy error would mean "not found", and Express takes strings such as 'route' as "go on".
    if (typeof error === 'object' && error !== null) throw error as Error
    throw new Error(`the owner model's ${name} failed: ${String(error)}`, { cause: error })
  }
}

function isPromise(value: unknown): value is Promise<Owner | null | undefined> {
  return typeof (value as Promise<unknown> | undefined)?.then === 'function'
}
