import { SqliteDriver, type CompiledQuery, type DatabaseConnection, type QueryResult } from 'kysely'
import { setTimeout as wait } from 'node:timers/promises'
import { rootOf } from '../../cell'
import type { SqliteFile } from './file'

const SQLITE_BUSY = 5
/** How long a query waits for a database that another process has locked, in ms. */
const LOCKED_TIMEOUT = 2000
const RETRY_INTERVAL = 5

/**
 * Runs queries on one connection, one after the other. Unlike SQLite itself, it never blocks the event loop to wait for other
 * processes or for the disk. The next query runs while a write waits for the disk, so that simultaneous writes share a sync.
 */
export class FileDriver extends SqliteDriver {
  #file: SqliteFile | undefined

  /** @param open opens the file, at the first query */
  constructor(open: () => SqliteFile) {
    super({ database: () => Promise.resolve((this.#file = open())) })
  }

  /** Gives a connection that holds the only real one for one query or one transaction at a time. */
  override acquireConnection(): Promise<DatabaseConnection> {
    const access = {
      acquire: () => super.acquireConnection(),
      release: () => super.releaseConnection(),
      sync: () => this.#file?.sync(),
    }
    return Promise.resolve(new QueuedConnection(access))
  }

  /** Does nothing: each query and each transaction has released the real connection. */
  override releaseConnection(): Promise<void> {
    return Promise.resolve()
  }

  override async destroy(): Promise<void> {
    // Writes that wait for the disk end first. Their callers get its error.
    await this.#file?.idle().catch(() => undefined)
    await super.destroy()
  }
}

/** Whether an error was caused by another process that has locked the database. */
export function isLocked(error: unknown): boolean {
  const { errcode, message } = Object(rootOf(error)) as { errcode?: number; message?: unknown }
  // On Node 20, errors of statements that return rows have no code.
  return errcode === undefined ? message === 'database is locked' : (errcode & 0xff) === SQLITE_BUSY
}

/** How a {@link QueuedConnection} gets the only real connection. */
interface Access {
  acquire(): Promise<DatabaseConnection>
  release(): Promise<void>
  /** As in {@link SqliteFile}. Undefined if the file has not been opened. */
  sync(): Promise<void> | undefined
}

class QueuedConnection implements DatabaseConnection {
  readonly #access: Access
  /** Waiting for the connection counts: whoever has it waits for the same lock. */
  readonly #deadline = performance.now() + LOCKED_TIMEOUT
  /** The real connection, from `begin` to `commit` or `rollback`. */
  #held: DatabaseConnection | undefined

  constructor(access: Access) {
    this.#access = access
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const { sql } = query
    // If the disk fails after a commit, Kysely rolls back a transaction that has ended.
    if (sql === 'rollback' && !this.#held) return { rows: [] }
    const connection = this.#held ?? (await this.#access.acquire())
    let result: QueryResult<Row>
    try {
      result = await this.#executeWithRetries(connection, query)
      if (sql === 'begin') this.#held = connection
      if (sql === 'commit') this.#held = undefined
    } finally {
      if (sql === 'rollback') this.#held = undefined
      if (!this.#held) await this.#access.release()
    }
    if (!this.#held && sql !== 'rollback' && !sql.startsWith('select')) await this.#access.sync()
    return result
  }

  // eslint-disable-next-line @typescript-eslint/require-await, require-yield -- Kysely's interface
  async *streamQuery(): AsyncGenerator<never> {
    throw new Error('a cell does not stream queries')
  }

  async #executeWithRetries<Row>(connection: DatabaseConnection, query: CompiledQuery): Promise<QueryResult<Row>> {
    for (;;) {
      try {
        return await connection.executeQuery<Row>(query)
      } catch (error) {
        // A query that meets a lock has changed nothing.
        if (!isLocked(error) || performance.now() >= this.#deadline) throw error
        await wait(RETRY_INTERVAL)
      }
    }
  }
}
