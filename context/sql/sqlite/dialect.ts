import {
  SqliteAdapter,
  SqliteDialect,
  SqliteDriver,
  type CompiledQuery,
  type DatabaseConnection,
  type QueryResult,
  type SqliteDialectConfig,
} from 'kysely'
import { setTimeout as wait } from 'node:timers/promises'
import { messageOf } from '../../cell'
import { SqliteFile } from './file'

const SQLITE_BUSY = 5
/** Milliseconds that a query waits, from when it is asked, for a database that another process has locked. */
const LOCKED_TIMEOUT = 2000
const TRY_AGAIN = 5

/**
 * A Kysely dialect on one SQLite file, made with its folder where it does not exist. It is opened by the first query,
 * which fails when that cannot be done.
 */
export function sqliteDialect(file: string): SqliteDialect {
  return new Dialect({ database: () => Promise.resolve(new SqliteFile(file)) })
}

/** Whether the error, or one behind it, is that another process has locked the database. */
export function isLocked(error: unknown): boolean {
  const { errcode, message } = Object(rootOf(error)) as { errcode?: number; message?: unknown }
  // The package that stands in on Node 20 gives no code to the errors of statements that return rows.
  return errcode === undefined ? message === 'database is locked' : (errcode & 0xff) === SQLITE_BUSY
}

/** What is behind an error, in SQLite's own words. */
export function rootMessageOf(error: unknown): string {
  return messageOf(rootOf(error))
}

/** Migrates inside a transaction, so that of two processes that begin on a new file one waits for the other. */
class Dialect extends SqliteDialect {
  readonly #config: SqliteDialectConfig

  constructor(config: SqliteDialectConfig) {
    super(config)
    this.#config = config
  }

  override createDriver(): SqliteDriver {
    return new PatientDriver(this.#config)
  }

  override createAdapter(): SqliteAdapter {
    return new (class extends SqliteAdapter {
      override get supportsTransactionalDdl(): boolean {
        return true
      }
    })()
  }
}

/** Waits for other processes without holding up this one: SQLite itself would stop the event loop for it. */
class PatientDriver extends SqliteDriver {
  override async acquireConnection(): Promise<DatabaseConnection> {
    // Those who have waited for one another have waited for the lock.
    const deadline = performance.now() + LOCKED_TIMEOUT
    const connection = await super.acquireConnection()
    return {
      executeQuery: (query) => patiently(connection, query, deadline),
      streamQuery: (query, chunkSize) => connection.streamQuery(query, chunkSize),
    }
  }
}

async function patiently<Row>(
  connection: DatabaseConnection,
  query: CompiledQuery,
  deadline: number,
): Promise<QueryResult<Row>> {
  for (;;) {
    try {
      return await connection.executeQuery<Row>(query)
    } catch (error) {
      // A query that has met a lock has done nothing.
      if (!isLocked(error) || performance.now() >= deadline) throw error
      await wait(TRY_AGAIN)
    }
  }
}

function rootOf(error: unknown): unknown {
  let root = error
  while (root instanceof Error && root.cause) root = root.cause
  return root
}
