import ipaddr from 'ipaddr.js'
import { z } from 'zod'
import { organelleDna } from '../../context/errors'

const seconds = z.int('expected whole seconds').min(1)

const limits = z
  .strictObject({
    /** As many are free. Each further one is followed by a wait. */
    failures: z.int().min(1),
    /** The first wait. Each is twice as long as the one before it. */
    firstWaitSeconds: seconds,
    /** No wait is longer. */
    longestWaitSeconds: seconds,
    /** Forgotten this long after the first, or after the last that was followed by a wait. */
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

/** How many attempts are free, and what follows the others. */
export type Limits = z.output<typeof limits>

const atLeastOne = <T extends z.ZodType<Record<string, unknown>>>(record: T): T => {
  return record.refine((entries) => Object.values(entries).some(Boolean), 'expected at least one')
}

const KINDS = ['credentials', 'owner', 'registration'] as const
const kind = z.union([z.enum(KINDS), z.literal(false)], `expected ${KINDS.map((name) => `"${name}"`).join(', ')} or false`)

/** What a route does with what is posted to it. */
export type Kind = (typeof KINDS)[number]

/** DNA of the throttle organelle. */
export const throttleDna = z.strictObject({
  ...organelleDna,
  /** Prefix of the routes. In the shipped DNA, a reference to that of `api-routes`. */
  mount: z.string().regex(/^(\/[\w.~-]+)*$/, 'expected a prefix as in "/api", or ""').default(''),
  /**
   * What is posted there: `credentials`, whose account the body names; a password of the session's `owner`; or a
   * `registration`. An object, because modes merge lists by index.
   */
  routes: atLeastOne(z.record(z.string().startsWith('/', 'must begin with /'), kind)),
  /** Fields of credentials that name an account. */
  nameFields: atLeastOne(z.record(z.string().min(1), z.boolean())),
  /** Per account, across addresses that have never logged in to it; and for each address that has. */
  account: limits,
  /** Per address, across accounts that it has never logged in to. */
  address: limits.safeExtend({
    /** Attempts that one address may have under way at once, known or not. */
    underWay: z.int().min(1),
  }),
  /** Registrations per address, successful or not. */
  registration: limits,
  /** How long after a login the account knows the address. */
  knownSeconds: seconds,
  /** Addresses and ranges that are neither counted nor bounded. */
  exempt: z.array(z.string().refine(isRange, 'expected an IP address, or a range as in "10.0.0.0/8"')).default([]),
  /** How often expired counts are deleted. */
  cleanupSeconds: seconds.max(24 * 60 * 60).default(5 * 60),
})

export type ThrottleDna = z.output<typeof throttleDna>

/** A shortened address would be read as another one: `10.1` is 10.0.0.1. */
function isRange(text: string): boolean {
  const [address = ''] = text.split('/')
  const isWhole = ipaddr.IPv4.isValidFourPartDecimal(address) || ipaddr.IPv6.isValid(address)
  return isWhole && (address === text || ipaddr.isValidCIDR(text))
}
