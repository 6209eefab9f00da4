import { Kysely, Migrator, type Compilable } from 'kysely'
import { StoreUnavailable } from '../cell'
import { Clock } from '../cell/clock'
import { migrations } from './migrations'
import type { Schema } from './schema'
import { createSqliteDialect, isLocked, rootMessageOf } from './sqlite/dialect'
import { SqliteFile } from './sqlite/file'

export type { OwnerRow, Schema, SessionRow } from './schema'

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- how chemicals are typed
  namespace Organic {
    interface Chemicals {
      /** The database is open, and its schema up to date. Stored. */
      Database: { data: Database }
    }
  }
}

/**
 * A cell's database. The organelle that opens it hands it over in the chemical `Database`.
 *
 * @example
 * plasma.on('Database', ({ data: database }) => {
 *   const findOwner = database.prepare((db) => db.selectFrom('owners').selectAll().where('id', '=', ''))
 * })
 */
export class Database {
  /** The cell's clock. */
  readonly clock: Clock
  #connections: Connections | undefined

  private constructor(connections: Connections, clock: Clock) {
    this.#connections = connections
    this.clock = clock
  }

  /**
   * Opens a database and brings its schema up to date.
   *
   * @param file absolute path of the SQLite file. Created with its folder if it does not exist
   * @throws {Error} that names the file, if it cannot be opened or migrated
   */
  static async open(file: string, clock = new Clock()): Promise<Database> {
    return new Database(await connect(file), clock)
  }

  /**
   * For queries and transactions. They run one at a time, and wait while another process writes.
   *
   * @throws {StoreUnavailable} once the database is closed
   */
  get query(): Kysely<Schema> {
    return this.#open().db
  }

  /**
   * Prepares a read that every request makes: compiled once, on a connection that waits for no writer.
   *
   * @param build builds the query. The values in it are placeholders: only their order matters
   * @returns runs the query with these values
   */
  prepare<Row>(build: (db: Kysely<Schema>) => Compilable<Row>): (...parameters: unknown[]) => Promise<Row[]> {
    const { sql } = build(this.query).compile()
    // Async, so that errors are rejections.
    // eslint-disable-next-line @typescript-eslint/require-await -- SQLite answers at once
    return async (...parameters) => this.#open().reader.prepare(sql).all(parameters) as Row[]
  }

  /** Closes the connections. From then on, every query fails with {@link StoreUnavailable}. */
  async close(): Promise<void> {
    const closing = this.#connections
    if (!closing) return
    this.#connections = undefined
    closing.reader.close()
    await closing.db.destroy()
  }

  #open(): Connections {
    if (!this.#connections) throw notOpen()
    return this.#connections
  }
}

/**
 * The database of the cell with this plasma, for parts that are built before it is open.
 *
 * @returns gives the database, or throws {@link StoreUnavailable} before it is open
 */
export function databaseOf(plasma: Organic.Plasma): () => Database {
  let database: Database | undefined
  plasma.on('Database', ({ data }) => {
    database = data
  })
  return () => {
    if (!database) throw notOpen()
    return database
  }
}

/** {@link Database.prepare} for parts that are built before the database is open: prepares the query when it is first run. */
export function prepareLazily<Row>(
  database: () => Database,
  build: (db: Kysely<Schema>) => Compilable<Row>,
): (...parameters: unknown[]) => Promise<Row[]> {
  let run: ((...parameters: unknown[]) => Promise<Row[]>) | undefined
  return async (...parameters) => {
    run ??= database().prepare(build)
    return run(...parameters)
  }
}

function notOpen(): StoreUnavailable {
  return new StoreUnavailable('No database is open.')
}

interface Connections {
  /** For everything. One query at a time, and none while another process writes. */
  db: Kysely<Schema>
  /** For prepared reads. Waits for no writer. */
  reader: SqliteFile
}

/** Busy timeout for reads, in ms. Blocks the event loop, but others lock out readers for less than 1 ms. */
const READER_TIMEOUT = 100
/** How long to wait for another process that creates the same database, in ms. */
const LOCKED_TIMEOUT = 3000

async function connect(file: string): Promise<Connections> {
  const deadline = Date.now() + LOCKED_TIMEOUT
  for (;;) {
    try {
      return await openAndMigrate(file)
    } catch (cause) {
      // SQLite's busy timeout does not cover the switch to a write-ahead log.
      if (isLocked(cause) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50))
      else throw new Error(`${file} cannot be used: ${rootMessageOf(cause)}`, { cause })
    }
  }
}

async function openAndMigrate(file: string): Promise<Connections> {
  const db = new Kysely<Schema>({ dialect: createSqliteDialect(file) })
  try {
    const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(migrations) } })
    const { error } = await migrator.migrateToLatest()
    if (error) throw error as Error
    return { db, reader: new SqliteFile(file, READER_TIMEOUT) }
  } catch (error) {
    await db.destroy()
    throw error
  }
}
