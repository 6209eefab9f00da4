import { z } from 'zod'
import { isCommonPassword } from './common-passwords'
import { LONGEST_NAME, findNameFault } from './name-rules'
import { PASSWORD_LENGTH } from './passwords'

/** A kind of owner: what distinguishes it from others, and the shapes of what clients and trust points send. */
export interface OwnerKind {
  /** As in `user`. Two kinds may have owners of the same name. */
  kind: string
  /** Key of an owner's name in credentials and in JSON, as in `username`. */
  nameKey: string
  /** All three give the owner's name as `ownName`. */
  credentials: z.ZodType<{ ownName: string; password: string }>
  registration: z.ZodType<Profile & { ownName: string; password: string }>
  /** What a trust point's answer must have. Other fields are dropped. */
  remote: z.ZodType<Profile & { ownName: string; id: string }>
}

/** What owners may say about themselves. */
export interface Profile {
  name?: string | undefined
  email?: string | undefined
}

/** `abort`: no other check sees a string that is too long. */
const text = (max: number): z.ZodString =>
  z.string('must be a string').max(max, { error: `must have at most ${String(max)} characters`, abort: true })

/** Without control characters. SQLite takes a NUL as the end of a string, which could make two names the same. */
const line = (max: number): z.ZodString =>
  text(max).refine((given) => !/\p{C}/u.test(given), { error: 'must not have control characters', abort: true })

/** Trust points make their own rules for names. */
const remoteName = line(LONGEST_NAME)
  .min(1, 'must not be empty')
  .refine((name) => name.trim() === name, 'must not begin or end with a space')
const newName = line(LONGEST_NAME)
  .min(1, { error: 'must not be empty', abort: true })
  .superRefine((name, context) => {
    const fault = findNameFault(name)
    if (fault) context.addIssue({ code: 'custom', message: fault })
  })
/** Maximum characters of a name at login. More than a new name may have, so that a login does not reveal that rule. */
const LONGEST_CLAIM = 256

/** Lone surrogates all encode to U+FFFD and would hash alike. */
const password = text(PASSWORD_LENGTH.max).refine((given) => !/\p{Cs}/u.test(given), 'must be well-formed')
const newPassword = password
  .min(PASSWORD_LENGTH.min, `must have at least ${String(PASSWORD_LENGTH.min)} characters`)
  .refine((given) => !isCommonPassword(given), 'is one of the most common passwords')
/** What an operator sets. */
export const passwordReset = z.strictObject({ password: newPassword })
/** What owners send to change their password. */
export const passwordChange = z.strictObject({ currentPassword: password, newPassword })
const profile = { name: line(200).optional(), email: line(254).optional() }
const nullable = <T extends z.ZodType>(field: T) => field.nullish().transform((given) => given ?? undefined)
const remoteProfile = { name: nullable(line(200)), email: nullable(line(254)) }
/** Larger numbers lose digits in JSON, so two owners could get the same id. */
const id = z
  .union([line(255).min(1, 'must not be empty'), z.int()], 'must be a string or a safe integer')
  .transform(String)

/**
 * Makes a kind of owner.
 *
 * @param kind as in `user`
 * @param nameKey as in `username`
 */
export function createOwnerKind(kind: string, nameKey: string): OwnerKind {
  const withName = <T extends object>(given: T): T & { ownName: string } => {
    return { ...given, ownName: (given as Record<string, unknown>)[nameKey] as string }
  }
  return {
    kind,
    nameKey,
    credentials: z
      .strictObject({ [nameKey]: line(LONGEST_CLAIM), password })
      .transform((given) => withName(given) as never),
    registration: z
      .strictObject({ [nameKey]: newName, password: newPassword, ...profile })
      .transform((given) => withName(given) as never),
    remote: z.object({ id, [nameKey]: remoteName, ...remoteProfile }).transform((given) => withName(given) as never),
  }
}

/**
 * Names with the same key are the same name: they differ only in case or composition. A string that is too long for a name
 * is its own key, because normalizing takes quadratic time.
 */
export function nameKeyOf(ownName: string): string {
  return canBeName(ownName) ? ownName.normalize('NFKC').toLowerCase() : ownName
}

/** Whether an owner could have this name. */
export function canBeName(name: unknown): name is string {
  return typeof name === 'string' && name.length <= LONGEST_CLAIM && !name.includes('\0')
}

/**
 * Checks what somebody sent against a shape.
 *
 * @param expected what the object should hold, for a message
 * @param refuse makes the error from a message about the first field at fault, which never repeats a value
 */
export function parseInput<T>(
  shape: z.ZodType<T>,
  value: unknown,
  expected: string,
  refuse: (detail: string) => Error,
): T {
  const result = shape.safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  if (issue?.code === 'unrecognized_keys') throw refuse('There are fields that are not expected.')
  const field = issue?.path.join('.')
  throw refuse(field ? `${field} ${issue?.message ?? 'is invalid'}.` : `An object with ${expected} is expected.`)
}
