import { DnaError, resolvePath } from '../../context/cell'
import type { SessionsDna } from './dna'
import type { Owner, OwnerModel } from './types'

const INTERFACE = ['createOrUpdate', 'findByCredentials', 'findById'] as const

/** An owner model of any kind. */
export type AnyModel = OwnerModel<Owner, Record<string, unknown>>

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
    throw new DnaError(
      key,
      `the owner model has no function ${name}: export the model itself (export = or module.exports =)`,
    )
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
    const missing = error.code === 'MODULE_NOT_FOUND' && error.message.includes(`'${file}'`)
    throw new DnaError(
      'ownerModelPath',
      missing ? `there is no module ${path}` : `${path} does not load: ${error.message}`,
      {
        cause,
      },
    )
  }
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
