import {
  SqliteAdapter,
  SqliteDriver,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type QueryResult,
} from 'kysely'
import { setTimeout as wait } from 'node:timers/promises'
import { rootOf } from '../../cell'
import { SqliteFile } from './file'

const SQLITE_BUSY = 5
/** How long a query waits for a database that another process has locked, in ms. */
const LOCKED_TIMEOUT = 2000
const RETRY_INTERVAL = 5

/** A Kysely dialect on one SQLite file. The first query opens it, or creates it with its folder. */
export function createSqliteDialect(file: string): Dialect {
  return {
    createAdapter: () => new Adapter(),
    createDriver: () => new RetryingDriver({ database: () => Promise.resolve(new SqliteFile(file)) }),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  }
}

/** Whether an error was caused by another process that has locked the database. */
export function isLocked(error: unknown): boolean {
  const { errcode, message } = Object(rootOf(error)) as { errcode?: number; message?: unknown }
  // On Node 20, errors of statements that return rows have no code.
  return errcode === undefined ? message === 'database is locked' : (errcode & 0xff) === SQLITE_BUSY
}

/** Migrates in a transaction, so that two processes that start on a new file wait for each other. */
class Adapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

/** Waits for other processes without blocking the event loop, as SQLite itself would. */
class RetryingDriver extends SqliteDriver {
  override async acquireConnection(): Promise<DatabaseConnection> {
    // Waiting for the connection counts: whoever has it waits for the same lock.
    const deadline = performance.now() + LOCKED_TIMEOUT
    const connection = await super.acquireConnection()
    return {
      executeQuery: (query) => executeWithRetries(connection, query, deadline),
      streamQuery: (query, chunkSize) => connection.streamQuery(query, chunkSize),
    }
  }
}

async function executeWithRetries<Row>(
  connection: DatabaseConnection,
  query: CompiledQuery,
  deadline: number,
): Promise<QueryResult<Row>> {
  for (;;) {
    try {
      return await connection.executeQuery<Row>(query)
    } catch (error) {
      // A query that meets a lock has changed nothing.
      if (!isLocked(error) || performance.now() >= deadline) throw error
      await wait(RETRY_INTERVAL)
    }
  }
}
