// Only the threads use it, but if it is not installed, the boot must fail, and not the first login.
import '@node-rs/argon2'
import type { Options } from '@node-rs/argon2'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { Piscina } from 'piscina'
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

/** Hashes computed at once, each on a thread of its own. A thread needs about 30 MB. */
const CONCURRENCY = Math.min(availableParallelism(), 8)
/** Hashes that may wait. At about 30 ms each, the last one waits for a few seconds. */
const LONGEST_QUEUE = 200
/** How long an idle thread is kept, in ms. A new one takes about 50 ms to start. */
const IDLE_TIMEOUT = 60_000

/** Work for a thread: to verify a password, or to hash it if there is no `passwordHash`. */
export interface HashTask {
  password: string
  passwordHash?: string
  /** Of a new hash. */
  parameters?: Options
}

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- how chemicals are typed
  namespace Organic {
    interface Chemicals {
      /** The hasher of an owner model, for those who want to know how long its queue is. Stored. */
      PasswordHasher: { data: Pick<PasswordHasher, 'running' | 'waiting'> }
    }
  }
}

/**
 * Hashes and verifies passwords, with a queue and threads of its own: hashes block neither the event loop nor Node's threads
 * for files and DNS.
 */
export class PasswordHasher {
  readonly #plasma: Organic.Plasma | undefined
  #threads: Piscina | undefined
  /** Fails each hash that is being computed or waits. */
  readonly #pending = new Set<(error: Error) => void>()

  /** @param plasma gets the chemical `PasswordHasher`, and ends the threads by `killed` */
  constructor(plasma?: Organic.Plasma) {
    this.#plasma = plasma
    void plasma?.store({ type: 'PasswordHasher', data: this })
  }

  /** Hashes that are being computed. */
  get running(): number {
    return this.#pending.size - this.waiting
  }

  /** Hashes that wait. */
  get waiting(): number {
    return this.#threads?.queueSize ?? 0
  }

  /**
   * Hashes a password exactly as received (OWASP ASVS 6.2.8).
   *
   * @returns the argon2id hash as a PHC string
   * @throws {Problem} 503 if too many wait already
   */
  hash(password: string): Promise<string> {
    return this.#enqueue({ password, parameters: PARAMETERS }) as Promise<string>
  }

  /**
   * Whether this is the password that was hashed. Without a hash it never is, and the answer takes as long
   * (OWASP ASVS 6.3.8).
   *
   * @throws {Problem} 503 if too many wait already
   */
  async verify(passwordHash: string | null | undefined, password: string): Promise<boolean> {
    const matches = await this.#enqueue({ password, passwordHash: passwordHash ?? DUMMY_HASH })
    return matches === true && typeof passwordHash === 'string'
  }

  async #enqueue(task: HashTask): Promise<unknown> {
    const threads = (this.#threads ??= this.#startThreads())
    if (this.waiting >= LONGEST_QUEUE) throw new Problem(503, 'TOO_BUSY', 'Too many logins at once.', { retryAfter: 5 })
    return new Promise((resolve, reject) => {
      this.#pending.add(reject)
      const running = threads.run(task).finally(() => this.#pending.delete(reject))
      running.then(resolve, reject)
    })
  }

  #startThreads(): Piscina {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- the boot does not wait for it
    const { Piscina } = require('piscina') as typeof import('piscina')
    const threads = new Piscina({
      filename: join(__dirname, 'hash-thread.cjs'),
      minThreads: 0,
      maxThreads: CONCURRENCY,
      idleTimeout: IDLE_TIMEOUT,
      execArgv: [],
    })
    // A thread that could not start: the system may have no more threads to give. Without any, hashes would wait forever.
    threads.on('error', (cause: Error) => {
      if (threads.threads.length > 0) return
      const options = { cause, retryAfter: 5 }
      for (const fail of this.#pending) fail(new Problem(503, 'TOO_BUSY', 'No thread can hash passwords.', options))
      void threads.destroy()
    })
    this.#plasma?.on('killed', () => threads.destroy())
    return threads
  }
}

/** Whether a hash has other parameters than today's. */
export function isOutdated(passwordHash: string): boolean {
  return !passwordHash.startsWith(PREFIX)
}
