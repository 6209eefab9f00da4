import ipaddr from 'ipaddr.js'
import { z } from 'zod'
import { organelleDna } from '../../context/errors'

const seconds = z.int('expected whole seconds').min(1)

const failureLimits = z
  .strictObject({
    /** As many are free. Each further one is followed by a wait. */
    failures: z.int().min(1),
    /** The first wait. Each is twice as long as the one before it. */
    firstWaitSeconds: seconds,
    /** No wait is longer. */
    longestWaitSeconds: seconds,
    /** Failures are forgotten so long after the first, or after the last that was followed by a wait. */
    forgetSeconds: seconds,
  })
  .refine((limits) => limits.firstWaitSeconds <= limits.longestWaitSeconds, {
    path: ['longestWaitSeconds'],
    error: 'must not be less than firstWaitSeconds',
  })
  .refine((limits) => limits.longestWaitSeconds < limits.forgetSeconds, {
    path: ['forgetSeconds'],
    error: 'must be more than longestWaitSeconds: a wait would not be longer than the one before',
  })

/** How failures are counted, and what follows from them. */
export type FailureLimits = z.output<typeof failureLimits>

const atLeastOne = <T extends z.ZodType<Record<string, unknown>>>(record: T): T => {
  return record.refine((entries) => Object.values(entries).some(Boolean), 'expected at least one')
}

const range = z.string().refine(isRange, 'expected an IP address, or a range as in "10.0.0.0/8"')

/** DNA of the throttle organelle. */
export const throttleDna = z.strictObject({
  ...organelleDna,
  /**
   * URLs that judge a password when something is posted to them: that of the account in the `credentials`, or that of
   * the session's `owner`. Objects, since modes fold lists by their places.
   */
  routes: atLeastOne(z.record(z.string().startsWith('/', 'must begin with /'), z.union([z.enum(['credentials', 'owner']), z.literal(false)], 'expected "credentials", "owner" or false'))),
  /** Fields of credentials that name an account. */
  nameFields: atLeastOne(z.record(z.string().min(1), z.boolean())),
  /** Of one account, from all the addresses that have never logged in to it, and from each that has. */
  account: failureLimits,
  /** Of one address, at any accounts that do not know it. */
  address: failureLimits,
  /** How long after a login an address is known to the account. */
  knownSeconds: seconds,
  /** Addresses and ranges that are not counted: cells that throttle for themselves and ask this one. */
  exempt: z.array(range).default([]),
  /** How often what is forgotten is deleted. */
  cleanupSeconds: seconds.max(24 * 60 * 60).default(5 * 60),
})

export type ThrottleDna = z.output<typeof throttleDna>

/** What is left out of an address would be taken for zeros, or for another part of it. */
function isRange(text: string): boolean {
  const [address = ''] = text.split('/')
  const isWhole = ipaddr.IPv4.isValidFourPartDecimal(address) || ipaddr.IPv6.isValid(address)
  return isWhole && (address === text || ipaddr.isValidCIDR(text))
}
