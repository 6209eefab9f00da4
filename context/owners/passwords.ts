import { hash, verify } from '@node-rs/argon2'
import { availableParallelism } from 'node:os'
import pLimit from 'p-limit'
import { Problem } from '../cell'

/**
 * Minimum and maximum characters of a password (OWASP ASVS 6.2.1, 6.2.9). The maximum keeps strangers from having megabytes
 * hashed.
 */
export const PASSWORD_LENGTH = { min: 8, max: 256 }

/** argon2id, 19 MiB, two passes, one lane (OWASP ASVS 11.4.2). argon2id is the package's default. */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/** How a hash with these parameters begins (PHC string format). */
const PREFIX = `$argon2id$v=19$m=${PARAMETERS.memoryCost},t=${PARAMETERS.timeCost},p=${PARAMETERS.parallelism}$`

/** Compared with the passwords of unknown owners, so that they take as long as known ones. Nobody knows its password. */
export const DUMMY_HASH = `${PREFIX}Uxib1GDq5vIwTfu4pvpnCg$R2+dcOL4kT8cVWXdQYVDzS3DxsX9Xd8wYGTethfCkIg`

/** Hashes computed at once. Leaves one of Node's four threads for files and DNS. */
const CONCURRENCY = Math.min(availableParallelism(), 3)
/** Hashes that may wait. At about 30 ms each, the last one waits for a few seconds. */
const LONGEST_QUEUE = 200

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- how chemicals are typed
  namespace Organic {
    interface Chemicals {
      /** The hasher of an owner model, for those who want to know how long its queue is. Stored. */
      PasswordHasher: { data: Pick<PasswordHasher, 'running' | 'waiting'> }
    }
  }
}

/** Hashes and verifies passwords, in a queue of its own. */
export class PasswordHasher {
  readonly #limit = pLimit(CONCURRENCY)

  /** @param plasma gets the chemical `PasswordHasher` */
  constructor(plasma?: Organic.Plasma) {
    void plasma?.store({ type: 'PasswordHasher', data: this })
  }

  /** Hashes that are being computed. */
  get running(): number {
    return this.#limit.activeCount
  }

  /** Hashes that wait. */
  get waiting(): number {
    return this.#limit.pendingCount
  }

  /**
   * Hashes a password exactly as received (OWASP ASVS 6.2.8).
   *
   * @returns the argon2id hash as a PHC string
   * @throws {Problem} 503 if too many wait already
   */
  hash(password: string): Promise<string> {
    return this.#enqueue(() => hash(password, PARAMETERS))
  }

  /**
   * Whether this is the password that was hashed. Without a hash it never is, and the answer takes as long
   * (OWASP ASVS 6.3.8).
   *
   * @throws {Problem} 503 if too many wait already
   */
  verify(passwordHash: string | null | undefined, password: string): Promise<boolean> {
    return this.#enqueue(async () => {
      const matches = await verify(passwordHash ?? DUMMY_HASH, password)
      return matches && typeof passwordHash === 'string'
    })
  }

  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    if (this.#limit.pendingCount < LONGEST_QUEUE) return this.#limit(work)
    return Promise.reject(new Problem(503, 'TOO_BUSY', 'Too many logins at once.', { retryAfter: 5 }))
  }
}

/** Whether a hash has other parameters than today's. */
export function isOutdated(passwordHash: string): boolean {
  return !passwordHash.startsWith(PREFIX)
}
