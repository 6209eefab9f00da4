import type { DatabaseSyncInstance, SqliteModule, StatementSyncInstance } from '@photostructure/sqlite'
import { closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { SqliteDatabase, SqliteStatement } from 'kysely'
import { StoreUnavailable } from '../../cell'
import { migrations } from '../migrations'

/** Prepared statements that are kept. Only a query of variable length can make more. */
const KEPT_STATEMENTS = 100
/** Milliseconds within which a reader notices that the file is another one. A writer notices at once. */
const LOOK_AGAIN = 100

/**
 * One connection to a SQLite file. A file that is deleted would go on taking whatever is written to it, to lose it when
 * the process ends: this connection answers with errors instead, until a file is back in its place.
 *
 * `synchronous=FULL`: what was answered survives a crash of the machine, not of the process only.
 */
export class SqliteFile implements SqliteDatabase {
  readonly #file: string
  readonly #timeout: number
  readonly #statements = new Map<string, SqliteStatement>()
  #database: DatabaseSyncInstance
  /** Which file was opened. */
  #opened: string | undefined
  /** The write-ahead log that belongs to it. */
  #log: string | undefined
  #lookedAt = performance.now()
  #isInTransaction = false

  /**
   * @param file is made, with its folder, where it does not exist
   * @param timeout milliseconds for which the event loop may stand still while another process has locked it
   * @throws {Error} when it cannot be opened or is no database
   */
  constructor(file: string, timeout = 0) {
    this.#file = file
    this.#timeout = timeout
    makeFile(file)
    this.#database = open(file, timeout)
    this.#opened = identityOf(file)
  }

  close(): void {
    this.#statements.clear()
    this.#database.close()
  }

  prepare(sql: string): SqliteStatement {
    // A transaction that reads first and writes later would lose to another writer and could not be repeated.
    if (sql === 'begin') sql = 'begin immediate'
    const isRead = sql.startsWith('select')
    if (!this.#isInTransaction && (!isRead || performance.now() - this.#lookedAt >= LOOK_AGAIN))
      failing(() => this.#follow())
    let statement = this.#statements.get(sql)
    if (!statement) {
      if (this.#statements.size >= KEPT_STATEMENTS) this.#statements.clear()
      const prepared = failing(() => this.#database.prepare(sql))
      statement = isRead ? asKyselyStatement(prepared) : this.#checked(sql, asKyselyStatement(prepared))
      this.#statements.set(sql, statement)
    }
    return statement
  }

  /** What is written is only then done when it is in the file that is there now. */
  #checked(sql: string, statement: SqliteStatement): SqliteStatement {
    const checked = <T>(work: () => T): T => {
      // A transaction that cannot be ended is over as well.
      if (sql === 'commit' || sql === 'rollback') this.#isInTransaction = false
      const result = work()
      if (sql === 'begin immediate') this.#isInTransaction = true
      if (!this.#isInTransaction && identityOf(this.#file) !== this.#opened)
        throw unavailable(new Error(`${this.#file} is gone`))
      return result
    }
    return {
      ...statement,
      all: (parameters) => checked(() => statement.all(parameters)),
      run: (parameters) => checked(() => statement.run(parameters)),
    }
  }

  /** Goes on with the file that is there now, if it is a database with the same schema. */
  #follow(): void {
    const found = identityOf(this.#file)
    const log = identityOf(`${this.#file}-wal`)
    if (found === this.#opened) {
      this.#lookedAt = performance.now()
      this.#log = log
      return
    }
    if (found === undefined) throw new Error(`${this.#file} is gone`)
    // It would be played into the new one, and spoil it.
    if (log !== undefined && log === this.#log) throw new Error(`${this.#file}-wal is the former database's: remove it`)
    const next = open(this.#file, this.#timeout)
    try {
      if (!isUpToDate(next)) throw new Error(`${this.#file} is of another version: restart the cell`)
    } catch (error) {
      next.close()
      throw error
    }
    this.close()
    this.#database = next
    this.#opened = found
  }
}

/** SQLite gives its journals the mode of the file, and the file itself whatever the umask leaves. */
function makeFile(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  // To close any file of a database that is open gives up its locks.
  if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600))
}

function open(file: string, timeout: number): DatabaseSyncInstance {
  const { DatabaseSync } = sqlite()
  const database = new DatabaseSync(file, { timeout })
  try {
    database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on')
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** Node's own SQLite where the runtime has it (22.13), else the same API from a package. */
function sqlite(): Pick<SqliteModule, 'DatabaseSync'> {
  const own = process.getBuiltinModule('node:sqlite' as 'node:module') as unknown
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded only where it is needed
  return (own ?? require('@photostructure/sqlite')) as SqliteModule
}

function identityOf(file: string): string | undefined {
  const found = statSync(file, { bigint: true, throwIfNoEntry: false })
  return found && `${found.dev}:${found.ino}`
}

function isUpToDate(database: DatabaseSyncInstance): boolean {
  const done = database.prepare('select name from kysely_migration order by name').all() as { name: string }[]
  return done.map(({ name }) => name).join() === Object.keys(migrations).sort().join()
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
  if (parameters.some((value) => typeof value === 'string' && value.includes('\0')))
    throw new Error('a text has a NUL in it')
  return parameters
}

function failing<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw unavailable(error)
  }
}

function unavailable(cause: unknown): StoreUnavailable {
  return new StoreUnavailable('The database cannot be used right now.', { cause, retryAfter: 5 })
}
