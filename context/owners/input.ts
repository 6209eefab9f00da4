import { z } from 'zod'
import type { ProblemOptions } from '../cell'
import { PASSWORD_LENGTH } from './passwords'

/** `abort`: no other check sees a string that is too long. */
const text = (max: number): z.ZodString =>
  z.string('must be a string').max(max, { error: `must have at most ${String(max)} characters`, abort: true })

/** Without control characters. SQLite takes a NUL as the end of a string, which could make two names the same. */
export const line = (max: number): z.ZodString =>
  text(max).refine((given) => !/\p{C}/u.test(given), { error: 'must not have control characters', abort: true })

/** Any password, also one set under older rules. Lone surrogates all encode to U+FFFD and would hash alike. */
export const password = text(PASSWORD_LENGTH.max).refine((given) => !/\p{Cs}/u.test(given), 'must be well-formed')
/** A password to set (OWASP ASVS 6.2.1, 6.2.4, 6.2.9). */
export const newPassword = password
  .min(PASSWORD_LENGTH.min, `must have at least ${String(PASSWORD_LENGTH.min)} characters`)
  .refine((given) => !isCommonPassword(given), 'is one of the most common passwords')
/** What an operator sets. */
export const passwordReset = z.strictObject({ password: newPassword })
/** What owners send to change their password. */
export const passwordChange = z.strictObject({ currentPassword: password, newPassword })

/** The list of common passwords takes a tenth of a cell's boot to load. The first password to be set loads it. */
function isCommonPassword(given: string): boolean {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- only when it is needed
  const common = require('./common-passwords') as typeof import('./common-passwords')
  return common.isCommonPassword(given)
}

/** Makes the error of an input from a message, and from the field and its rule where one field is at fault. */
export type Refusal = (detail: string, at?: Pick<ProblemOptions, 'field' | 'rule'>) => Error

/**
 * Checks what somebody sent against a shape.
 *
 * @param expected what the object should hold, for a message
 * @param refuse makes the error from a message about the first field at fault, which never repeats a value
 */
export function parseInput<T>(shape: z.ZodType<T>, value: unknown, expected: string, refuse: Refusal): T {
  const result = shape.safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  if (issue?.code === 'unrecognized_keys') throw refuse('There are unexpected fields.')
  const field = issue?.path.join('.')
  if (!field) throw refuse(`Send an object with ${expected}.`)
  throw refuse(`${field} ${issue?.message ?? 'is invalid'}.`, { field, rule: issue?.message })
}
