import type { DatabaseSyncInstance, SqliteModule, StatementSyncInstance } from '@photostructure/sqlite'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { SqliteAdapter, SqliteDialect, type SqliteDatabase, type SqliteStatement } from 'kysely'
import { StoreUnavailable } from '../errors'

/** Milliseconds to wait for another process that holds the database. The event loop stands still meanwhile. */
const BUSY_TIMEOUT = 2000
/** Prepared statements that are kept. Only a query of variable length can make more. */
const KEPT_STATEMENTS = 100

/**
 * A Kysely dialect on one SQLite file, made with its folder where it does not exist.
 *
 * `synchronous=FULL`: what was answered survives a crash of the machine, not of the process only.
 *
 * @throws {Error} that names the file, when it cannot be opened or is no database
 */
export function sqliteDialect(file: string): SqliteDialect {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  // SQLite gives its journals the mode of the file, and the file itself whatever the umask leaves.
  closeSync(openSync(file, 'a', 0o600))
  const { DatabaseSync } = sqlite()
  const database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT })
  try {
    database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on')
  } catch (error) {
    database.close()
    throw error
  }
  return new Dialect({ database: asKyselyDatabase(database) })
}

/** Migrates inside a transaction, so that of two processes that begin on a new file one waits for the other. */
class Dialect extends SqliteDialect {
  override createAdapter(): SqliteAdapter {
    return new (class extends SqliteAdapter {
      override get supportsTransactionalDdl(): boolean {
        return true
      }
    })()
  }
}

/** Node's own SQLite where the runtime has it (22.13), else the same API from a package. */
function sqlite(): Pick<SqliteModule, 'DatabaseSync'> {
  const own = process.getBuiltinModule('node:sqlite' as 'node:module') as unknown
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded only where it is needed
  return (own ?? require('@photostructure/sqlite')) as SqliteModule
}

function asKyselyDatabase(database: DatabaseSyncInstance): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>()
  return {
    close() {
      statements.clear()
      database.close()
    },
    prepare(sql) {
      // A transaction that reads first and writes later would lose to another writer and could not be repeated.
      if (sql === 'begin') sql = 'begin immediate'
      let statement = statements.get(sql)
      if (!statement) {
        if (statements.size >= KEPT_STATEMENTS) statements.clear()
        statement = asKyselyStatement(failing(() => database.prepare(sql)))
        statements.set(sql, statement)
      }
      return statement
    },
  }
}

function asKyselyStatement(statement: StatementSyncInstance): SqliteStatement {
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => failing(() => statement.all(...whole(parameters)) as unknown[]),
    run: (parameters) => failing(() => statement.run(...whole(parameters))),
    iterate: (parameters) => failing(() => statement.iterate(...whole(parameters))),
  }
}

/** Texts that SQLite would take to their end: on Node 20, a NUL is one. */
function whole(parameters: readonly unknown[]): readonly unknown[] {
  if (parameters.some((value) => typeof value === 'string' && value.includes('\0'))) throw new Error('a text has a NUL in it')
  return parameters
}

function failing<T>(work: () => T): T {
  try {
    return work()
  } catch (cause) {
    throw new StoreUnavailable('The database cannot be used right now.', { cause })
  }
}
