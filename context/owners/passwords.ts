import { hash, verify } from '@node-rs/argon2'
import { availableParallelism } from 'node:os'
import pLimit from 'p-limit'
import { Problem } from '../cell'

/** The fewest and the most characters of a password (OWASP ASVS 6.2.1, 6.2.9; bounded so that hashing is). */
export const PASSWORD_LENGTH = { min: 8, max: 256 }

/** argon2id, 19 MiB, two passes, one lane (OWASP ASVS 11.4.2). The package's default algorithm is argon2id. */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/** How a hash with these begins, in PHC format. */
const PREFIX = `$argon2id$v=19$m=${PARAMETERS.memoryCost},t=${PARAMETERS.timeCost},p=${PARAMETERS.parallelism}$`

/** Hashes at work at once: one thread of Node's pool of four stays free for files and names. */
const limit = pLimit(Math.min(availableParallelism(), 3))
/** Hashes that may wait: at about 30 ms each the last waits for a few seconds. */
const LONGEST_QUEUE = 200

/** What an unknown owner's password is compared with, so that the answer takes as long as a known one's. */
const DUMMY_HASH = hash(crypto.randomUUID(), PARAMETERS)

/** @returns the argon2id hash in PHC format. The password is taken exactly as received (OWASP ASVS 6.2.8). */
export function hashPassword(password: string): Promise<string> {
  return bounded(() => hash(password, PARAMETERS))
}

/**
 * Whether the password is the one that was hashed. Without a hash it never is, and finding out takes as long.
 *
 * @throws {Problem} 503 when too many wait already
 */
export function verifyPassword(passwordHash: string | null | undefined, password: string): Promise<boolean> {
  return bounded(async () => {
    const matches = await verify(passwordHash ?? (await DUMMY_HASH), password)
    return matches && typeof passwordHash === 'string'
  })
}

/** Whether a hash was made with other parameters than today's. */
export function isOutdated(passwordHash: string): boolean {
  return !passwordHash.startsWith(PREFIX)
}

function bounded<T>(work: () => Promise<T>): Promise<T> {
  if (limit.pendingCount >= LONGEST_QUEUE) {
    return Promise.reject(new Problem(503, 'TOO_BUSY', 'Too many logins at once.', { retryAfter: 5 }))
  }
  return limit(work)
}
