import { z } from 'zod'
import { line, newPassword, password } from './input'
import { LONGEST_CLAIM } from './name-key'
import { LONGEST_NAME, findNameFault } from './name-rules'

/** A kind of owner: what distinguishes it from others, and the shapes of what clients and trust points send. */
export interface OwnerKind {
  /** As in `user`. Two kinds may have owners of the same name. */
  name: string
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
 * @param name as in `user`
 * @param nameKey as in `username`
 * @example createOwnerKind('member', 'email')
 */
export function createOwnerKind(name: string, nameKey: string): OwnerKind {
  const withName = <T extends object>(given: T): T & { ownName: string } => {
    return { ...given, ownName: (given as Record<string, unknown>)[nameKey] as string }
  }
  return {
    name,
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
