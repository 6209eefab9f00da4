import { Clock, StoreUnavailable, type Log } from '../cell'
import { secretFreeMessageOf, type Commands, type ConnectionOptions } from './client'
import { Connection } from './connection'
import type { Script } from './script'

export { Script } from './script'

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- how chemicals are typed
  namespace Organic {
    interface Chemicals {
      /** Redis answers. Stored. */
      Redis: { data: Redis }
    }
  }
}

/** How to open a {@link Redis}. */
export interface RedisOptions extends ConnectionOptions {
  /** What every key begins with. */
  prefix: string
  /** How long to wait for the server at first, in seconds. */
  waitSeconds: number
}

/** How many keys are asked for at once. */
const BATCH = 500
/**
 * For how long Redis is told to keep what has expired, in milliseconds. The cells, whose clocks may differ, decide what has
 * expired; Redis only cleans up.
 */
export const KEPT = 5 * 60 * 1000

/**
 * A cell's Redis. The organelle that opens it hands it over in the chemical `Redis`.
 *
 * @example
 * plasma.on('Redis', ({ data: redis }) => redis.run((commands) => commands.hGetAll(redis.key('session', hash))))
 */
export class Redis {
  /** The cell's clock. */
  readonly clock: Clock
  readonly #connection: Connection
  readonly #prefix: string

  private constructor(connection: Connection, prefix: string, clock: Clock) {
    this.#connection = connection
    this.#prefix = prefix
    this.clock = clock
  }

  /**
   * Opens a connection, and waits until the server answers.
   *
   * @param clock the cell's
   * @param signal closes the connection, also while it is being opened
   * @throws {Error} that names the server, if it does not answer in time
   */
  static async open(
    { prefix, waitSeconds, ...options }: RedisOptions,
    { clock = new Clock(), signal, log }: { clock?: Clock; signal?: AbortSignal; log?: Log } = {},
  ): Promise<Redis> {
    const connection = new Connection(options, log)
    signal?.addEventListener('abort', () => connection.close())
    try {
      await connection.waitForAnswer(waitSeconds * 1000)
      return new Redis(connection, prefix, clock)
    } catch (cause) {
      connection.close()
      // eslint-disable-next-line preserve-caught-error -- it may repeat the password
      throw new Error(`${connection.place} has not answered within ${waitSeconds} s: ${secretFreeMessageOf(cause)}`)
    }
  }

  /** The key of one thing of a kind. */
  key(kind: string, id: string): string {
    return `${this.#prefix}${kind}:${id}`
  }

  /**
   * Runs a command.
   *
   * @throws {StoreUnavailable} if it fails, or takes longer than DNA allows
   */
  run<T>(command: (commands: Commands) => Promise<T>): Promise<T> {
    return this.#connection.run(command)
  }

  /** Runs a script on one key, with further arguments. */
  runScript(script: Script, key: string, parameters: (string | number)[]): Promise<unknown> {
    const given = { keys: [key], arguments: parameters.map(String) }
    return this.run(async (commands) => {
      try {
        return await commands.evalSha(script.sha1, given)
      } catch (error) {
        if (!(error as Error).message.startsWith('NOSCRIPT')) throw error
        return await commands.eval(script.text, given)
      }
    })
  }

  /** Reads a field of each of these hashes: null where there is none. */
  readFields(keys: string[], field: string): Promise<(string | null)[]> {
    return Promise.all(keys.map((key) => this.run((commands) => commands.hGet(key, field))))
  }

  /**
   * Finds all keys of a kind, in batches, on every node of a cluster. Those that come or go meanwhile may be missing, or be
   * found twice.
   */
  async *findKeys(kind: string): AsyncGenerator<string[]> {
    // Letters in brackets have no meaning of their own in a pattern.
    const MATCH = `${this.#prefix.replace(/[\\*?[\]^]/g, '\\$&')}${kind}:*`
    let cursor = '0'
    do {
      const batch = await this.run((commands) => commands.scan(cursor, { MATCH, COUNT: BATCH }))
      yield batch.keys
      cursor = batch.cursor
    } while (cursor !== '0')
  }

  /** Closes the connection. From then on, every command fails with {@link StoreUnavailable}. */
  close(): void {
    this.#connection.close()
  }
}

/**
 * The Redis of the cell with this plasma, for parts that are built before it is open.
 *
 * @returns gives it, or throws {@link StoreUnavailable} before it is open
 */
export function redisOf(plasma: Organic.Plasma): () => Redis {
  return () => {
    const opened = plasma.get({ type: 'Redis' })
    if (!opened) throw new StoreUnavailable('No Redis is open.')
    return opened.data
  }
}
