import { z } from 'zod'
import { organelleDna, urlPrefix } from '../../context/cell'
import { parseRange } from './ranges'

const seconds = z.int('expected whole seconds').min(1)

const limits = z
  .strictObject({
    failures: z.int().min(1).describe('From this failure on, each one is followed by a wait.'),
    firstWaitSeconds: seconds.describe('The first wait, in seconds. Each further one is twice as long.'),
    longestWaitSeconds: seconds.describe('The longest wait, in seconds.'),
    forgetSeconds: seconds.describe(
      'Seconds until a count is forgotten: after its first failure, or the last one that was followed by a wait.',
    ),
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
    counts: z
      .enum(['sql', 'redis'])
      .default('sql')
      .describe("Where attempts are counted: sql is the cell's database; redis needs plasma/redis."),
    mount: urlPrefix.default('').describe('Prefix of its routes; empty if they are complete paths.'),
    routes: atLeastOne(z.record(z.string().startsWith('/', 'must begin with /'), kind)).describe(
      "What clients post to each URL: credentials that name their account, a password of the session's owner, or a registration. Add logins of your own. Set routes that you do not have to false: the boot stops at one that nothing answers.",
    ),
    nameFields: atLeastOne(z.record(z.string().min(1), z.boolean())).describe(
      'Credential fields that name an account. Add those of your own owner model.',
    ),
    account: limits.describe(
      'Limit per account, across all addresses that have never logged in to it, and separately for each address that has. Attempts count while they are being judged; right ones do not count afterwards.',
    ),
    address: limits
      .safeExtend({
        underWay: z.int().min(1).describe('Attempts, at any accounts, that one address may have in progress at once.'),
      })
      .describe('Limit per address (an IPv6 /64 counts as one), across accounts that it has never logged in to.'),
    registration: limits.describe('Limit per address on registrations, whether they succeed or the name is taken.'),
    knownSeconds: seconds.describe(
      'How many seconds an address stays known to an account after a login. It has a separate count there.',
    ),
    exempt: z.array(range).default([]).meta({
      description:
        "Addresses and ranges without limits: for cells that ask this one, do not send their clients' addresses, and throttle clients themselves.",
      // Zod cannot say it of what it transforms.
      default: [],
    }),
    cleanupSeconds: seconds
      .max(24 * 60 * 60)
      .default(5 * 60)
      .describe('How often expired counts are deleted, in seconds.'),
  })
  .refine((dna) => dna.counts !== 'redis' || [dna.reactOn].flat().includes('Redis'), {
    path: ['reactOn'],
    error: 'must have "Redis" to keep counts there, and plasma/redis must be on',
  })

/** Checked DNA of the throttle organelle. */
export type ThrottleDna = z.output<typeof throttleDna>
