import type { DatabaseSyncInstance, SqliteModule, StatementSyncInstance } from '@photostructure/sqlite'
import { closeSync, existsSync, mkdirSync, openSync, realpathSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { SqliteDatabase, SqliteStatement } from 'kysely'
import { StoreUnavailable } from '../../cell'
import { WriteAheadLog } from './write-ahead-log'

/** Prepared statements that are cached. Only queries of variable length can make more. */
const MOST_STATEMENTS = 100
/** How soon a reader notices that the file is gone, in ms. A writer notices at once. */
const CHECK_INTERVAL = 100

/** A prepared statement, as Kysely takes it. */
interface Statement extends SqliteStatement {
  /** Gives the first row. */
  get(parameters: readonly unknown[]): unknown
}

/**
 * One connection to a SQLite file. SQLite would go on reading and writing a file that has been deleted or replaced, and lose
 * all of it. This connection fails instead, until the file is back or the cell is restarted.
 *
 * A write survives a crash of the machine, not only of the process, once {@link sync} has resolved. With `synchronous=FULL`
 * SQLite would sync each commit itself, and block the event loop.
 */
export class SqliteFile implements SqliteDatabase {
  readonly #file: string
  readonly #database: DatabaseSyncInstance
  /** Device and inode of the open file. */
  readonly #identity: string | undefined
  /** Device and inode of its write-ahead log. */
  readonly #logIdentity: string | undefined
  /** Undefined where SQLite cannot have a write-ahead log. It syncs each commit itself then. */
  readonly #log: WriteAheadLog | undefined
  readonly #statements = new Map<string, Statement>()
  #checkedAt = performance.now()
  #isInTransaction = false
  /** Why nothing more is written. */
  #failure: Error | undefined

  /**
   * @param file created with its folder if it does not exist
   * @param timeout how long to wait if another process has locked the file, in ms. Blocks the event loop
   * @param syncLog syncs the open write-ahead log
   * @throws {Error} if it cannot be opened or is not a database
   */
  constructor(file: string, timeout = 0, syncLog?: (descriptor: number) => Promise<void>) {
    this.#file = file
    createFile(file)
    this.#database = open(file, timeout)
    this.#identity = identityOf(file)
    // SQLite follows links: beside one, there may be a log that is not this file's.
    const log = logFileOf(realpathSync(file))
    this.#logIdentity = identityOf(log)
    if (this.#logIdentity === undefined) return
    try {
      this.#log = new WriteAheadLog(log, syncLog)
      this.#database.exec('pragma synchronous = normal')
    } catch (error) {
      this.#database.close()
      throw error
    }
  }

  /**
   * Resolves when everything committed before this call is on the disk.
   *
   * @throws {StoreUnavailable} if the disk fails. From then on, this connection fails as if the file were gone
   */
  async sync(): Promise<void> {
    try {
      await this.#log?.sync()
    } catch (error) {
      this.#failure ??= new Error(`${this.#file} could not be written to the disk: restart the cell`, { cause: error })
      throw unavailable(this.#failure)
    }
  }

  /**
   * Lets nobody read what may not be on the disk.
   *
   * @throws {StoreUnavailable} if a {@link sync} has failed
   */
  checkDisk(): void {
    if (this.#failure) throw unavailable(this.#failure)
  }

  /**
   * Resolves when everything is on the disk and nobody waits for {@link sync}.
   *
   * @throws {Error} if the disk fails
   */
  async idle(): Promise<void> {
    await this.sync()
    await this.#log?.idle()
  }

  close(): void {
    this.#statements.clear()
    this.#log?.close()
    const isCheckpointed = this.#checkpoint()
    this.#database.close()
    // SQLite leaves the log of a file that was replaced, and would play it into the new one.
    const found = identityOf(this.#file)
    const isReplaced = found !== undefined && found !== this.#identity
    const isLeft = isReplaced && identityOf(logFileOf(this.#file)) === this.#logIdentity
    if (isLeft && isCheckpointed) rmSync(logFileOf(this.#file), { force: true })
  }

  /**
   * Moves everything in the write-ahead log to the open file, wherever that has been moved. On Node 20, closing does not.
   *
   * @returns whether the log is empty now
   */
  #checkpoint(): boolean {
    try {
      const [result] = this.#database.prepare('pragma wal_checkpoint(truncate)').all() as { busy: number }[]
      return result?.busy === 0
    } catch {
      return false
    }
  }

  prepare(sql: string): Statement {
    // A transaction that reads first and writes later could lose to another writer, and could not be retried.
    if (sql === 'begin') sql = 'begin immediate'
    const isRead = sql.startsWith('select')
    if (!this.#isInTransaction && (!isRead || performance.now() - this.#checkedAt >= CHECK_INTERVAL)) this.#checkFile()
    let statement = this.#statements.get(sql)
    if (!statement) {
      if (this.#statements.size >= MOST_STATEMENTS) this.#statements.clear()
      const prepared = asKyselyStatement(translateErrors(() => this.#database.prepare(sql)))
      statement = isRead ? prepared : this.#checkedStatement(sql, prepared)
      this.#statements.set(sql, statement)
    }
    return statement
  }

  /** A write counts only if the open file is still the one on disk. */
  #checkedStatement(sql: string, statement: Statement): Statement {
    const check = <T>(work: () => T): T => {
      // A transaction that cannot be ended has ended as well.
      if (sql === 'commit' || sql === 'rollback') this.#isInTransaction = false
      const result = work()
      if (sql === 'begin immediate') this.#isInTransaction = true
      if (!this.#isInTransaction) this.#checkFile()
      return result
    }
    return {
      ...statement,
      all: (parameters) => check(() => statement.all(parameters)),
      run: (parameters) => check(() => statement.run(parameters)),
    }
  }

  #checkFile(): void {
    this.checkDisk()
    const found = identityOf(this.#file)
    if (found === undefined) throw unavailable(new Error(`${this.#file} is gone`))
    if (found !== this.#identity) throw unavailable(new Error(`${this.#file} was replaced: restart the cell`))
    this.#checkedAt = performance.now()
  }
}

/** The file and its folder are for their owner only. SQLite gives its journals the mode of the file. */
function createFile(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  // Opening and closing the file of an open database would release its locks.
  if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600))
}

function open(file: string, timeout: number): DatabaseSyncInstance {
  const { DatabaseSync } = loadSqlite()
  const database = new DatabaseSync(file, { timeout })
  try {
    database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on')
    // The log of a new file is created by the first read.
    database.exec('select 1 from sqlite_master')
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** Node's own SQLite if the runtime has it (22.13), else the same API from a package. */
export function loadSqlite(): Pick<SqliteModule, 'DatabaseSync'> {
  const own = process.getBuiltinModule('node:sqlite' as 'node:module') as unknown
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded only if it is needed
  return (own ?? require('@photostructure/sqlite')) as SqliteModule
}

function identityOf(file: string): string | undefined {
  const found = statSync(file, { bigint: true, throwIfNoEntry: false })
  return found && `${found.dev}:${found.ino}`
}

function logFileOf(file: string): string {
  return `${file}-wal`
}

function asKyselyStatement(statement: StatementSyncInstance): Statement {
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => translateErrors(() => statement.all(...refuseNul(parameters)) as unknown[]),
    get: (parameters) => translateErrors(() => statement.get(...refuseNul(parameters)) as unknown),
    run: (parameters) => translateErrors(() => statement.run(...refuseNul(parameters))),
    iterate: (parameters) => translateErrors(() => statement.iterate(...refuseNul(parameters))),
  }
}

/** SQLite on Node 20 would take only what is before the NUL. */
function refuseNul(parameters: readonly unknown[]): readonly unknown[] {
  if (parameters.some((value) => typeof value === 'string' && value.includes('\0')))
    throw new Error('a string has a NUL in it')
  return parameters
}

function translateErrors<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw unavailable(error)
  }
}

function unavailable(cause: unknown): StoreUnavailable {
  return new StoreUnavailable('The database cannot be used right now.', { cause, retryAfter: 5 })
}
