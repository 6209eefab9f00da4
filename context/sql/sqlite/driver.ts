import { SqliteDriver, type CompiledQuery, type DatabaseConnection, type QueryResult } from 'kysely'
import { setTimeout as wait } from 'node:timers/promises'
import { rootOf } from '../../cell'
import type { SqliteFile } from './file'

const SQLITE_BUSY = 5
/** How long a query waits for a database that another process has locked, in ms. */
const LOCKED_TIMEOUT = 2000
const RETRY_INTERVAL = 5

/**
 * Runs queries on one connection, one after the other. Nothing waits on the event loop, as SQLite itself would: neither for
 * other processes nor for the disk. The next query runs while a write waits for the disk, so that writes that come at
 * once share a sync.
 */
export class FileDriver extends SqliteDriver {
  #file: SqliteFile | undefined

  /** @param open gives the file, when the first query needs it */
  constructor(open: () => SqliteFile) {
    super({ database: () => Promise.resolve((this.#file = open())) })
  }

  /** What it gives takes the only connection for a query or a transaction at a time. */
  override acquireConnection(): Promise<DatabaseConnection> {
    const access = {
      take: () => super.acquireConnection(),
      free: () => super.releaseConnection(),
      sync: () => this.#file?.sync(),
    }
    return Promise.resolve(new QueuedConnection(access))
  }

  /** Nothing is left to do: each query and each transaction frees the connection. */
  override releaseConnection(): Promise<void> {
    return Promise.resolve()
  }

  override async destroy(): Promise<void> {
    // Those who wait for a sync get their answer. If it fails, they are told.
    await this.#file?.sync().catch(() => undefined)
    await super.destroy()
  }
}

/** Whether an error was caused by another process that has locked the database. */
export function isLocked(error: unknown): boolean {
  const { errcode, message } = Object(rootOf(error)) as { errcode?: number; message?: unknown }
  // On Node 20, errors of statements that return rows have no code.
  return errcode === undefined ? message === 'database is locked' : (errcode & 0xff) === SQLITE_BUSY
}

/** How a {@link QueuedConnection} comes to the only connection there is. */
interface Access {
  take(): Promise<DatabaseConnection>
  free(): Promise<void>
  /** Resolves when everything that has been committed is on the disk. */
  sync(): Promise<void> | undefined
}

class QueuedConnection implements DatabaseConnection {
  readonly #access: Access
  /** Waiting for the connection counts: whoever has it waits for the same lock. */
  readonly #deadline = performance.now() + LOCKED_TIMEOUT
  /** The connection, from `begin` to `commit` or `rollback`. */
  #taken: DatabaseConnection | undefined

  constructor(access: Access) {
    this.#access = access
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const { sql } = query
    // Kysely rolls back a transaction that is committed if the disk fails after that.
    if (sql === 'rollback' && !this.#taken) return { rows: [] }
    const connection = this.#taken ?? (await this.#access.take())
    let result: QueryResult<Row>
    try {
      result = await this.#execute(connection, query)
      if (sql === 'begin') this.#taken = connection
      if (sql === 'commit') this.#taken = undefined
    } finally {
      if (sql === 'rollback') this.#taken = undefined
      if (!this.#taken) await this.#access.free()
    }
    if (!this.#taken && sql !== 'rollback' && !sql.startsWith('select')) await this.#access.sync()
    return result
  }

  // eslint-disable-next-line @typescript-eslint/require-await, require-yield -- Kysely's interface
  async *streamQuery(): AsyncGenerator<never> {
    throw new Error('no query of a cell is long enough for a stream')
  }

  async #execute<Row>(connection: DatabaseConnection, query: CompiledQuery): Promise<QueryResult<Row>> {
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
