import { z } from 'zod'
import { organelleDna, urlPrefix } from '../../context/cell'
import { parseRange } from './ranges'

const seconds = z.int('expected whole seconds').min(1)

const limits = z
  .strictObject({
    /** From this failure on, each one is followed by a wait. */
    failures: z.int().min(1),
    /** The first wait. Each further wait is twice as long as the last. */
    firstWaitSeconds: seconds,
    /** The longest wait. */
    longestWaitSeconds: seconds,
    /** How long a count lasts: from its first failure, or from the last one that was followed by a wait. */
    forgetSeconds: seconds,
  })
  .refine(({ firstWaitSeconds, longestWaitSeconds }) => firstWaitSeconds <= longestWaitSeconds, {
    path: ['longestWaitSeconds'],
    error: 'must not be less than firstWaitSeconds',
  })
  .refine(({ longestWaitSeconds, forgetSeconds }) => longestWaitSeconds < forgetSeconds, {
    path: ['forgetSeconds'],
    error: 'must be more than longestWaitSeconds: a wait would not be longer than the one before',
  })

/** How many failures are free, and how long to wait after the others. */
export type Limits = z.output<typeof limits>

const range = z.string().transform((text, context) => {
  const parsed = parseRange(text)
  if (!parsed) context.addIssue('expected an IP address, or a range as in "10.0.0.0/8"')
  return parsed ?? z.NEVER
})

const atLeastOne = <T extends z.ZodType<Record<string, unknown>>>(record: T): T => {
  return record.refine((entries) => Object.values(entries).some(Boolean), 'expected at least one')
}

const KINDS = ['credentials', 'owner', 'registration'] as const
const kind = z.union(
  [z.enum(KINDS), z.literal(false)],
  `expected ${KINDS.map((name) => `"${name}"`).join(', ')} or false`,
)

/** What clients post to a throttled route. */
export type Kind = (typeof KINDS)[number]

/** DNA of the throttle organelle. */
export const throttleDna = z
  .strictObject({
    ...organelleDna,
    /** Where attempts are counted: the cell's database, or its Redis. */
    counts: z.enum(['sql', 'redis']).default('sql'),
    /** URL prefix of the routes. In the shipped DNA, a reference to that of `api-routes`. */
    mount: urlPrefix.default(''),
    /**
     * What clients post to each route: `credentials` that name their account, a password of the session's `owner`, or a
     * `registration`. `false` removes a route. An object, because modes merge lists by index.
     */
    routes: atLeastOne(z.record(z.string().startsWith('/', 'must begin with /'), kind)),
    /** Fields of credentials that name an account. */
    nameFields: atLeastOne(z.record(z.string().min(1), z.boolean())),
    /** Per account, across all addresses that have never logged in to it, and separately for each address that has. */
    account: limits,
    /** Per address, across all accounts that it has never logged in to. */
    address: limits.safeExtend({
      /** Attempts that one address may have in progress at once, whether known or not. */
      underWay: z.int().min(1),
    }),
    /** Registrations per address, successful or not. */
    registration: limits,
    /** How long an address stays known to an account after a login. */
    knownSeconds: seconds,
    /** Addresses and ranges that are exempt from all limits. */
    exempt: z.array(range).default([]),
    /** How often expired counts are deleted. */
    cleanupSeconds: seconds.max(24 * 60 * 60).default(5 * 60),
  })
  .refine((dna) => dna.counts !== 'redis' || [dna.reactOn].flat().includes('Redis'), {
    path: ['reactOn'],
    error: 'must have "Redis" to keep counts there, and plasma/redis must be on',
  })

/** Checked DNA of the throttle organelle. */
export type ThrottleDna = z.output<typeof throttleDna>
