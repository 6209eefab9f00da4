import type { Compilable, IsolationLevel, Kysely, Transaction } from 'kysely'
import { StoreUnavailable, Clock } from '../cell'
import type { Connections } from './connections'
import type { MigrationFolder } from './migration-folder'
import type { PostgresOptions } from './postgres/open'
import type { Schema } from './schema'
import { openSqlite } from './sqlite/open'

export type { PostgresOptions } from './postgres/open'
export { loadMigrations, type MigrationFolder } from './migration-folder'
export type { CellTables, OwnerRow, Schema, SessionRow, ThrottleRow } from './schema'

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
   * @param place absolute path of a SQLite file, which is created with its folder if it does not exist; or a PostgreSQL server
   * @param folders migrations of tables that are not the cell's own
   * @throws {Error} that names the file or the server, if it cannot be opened or migrated
   * @throws {DnaError} if one of these migrations fails
   */
  static async open(
    place: string | PostgresOptions,
    clock = new Clock(),
    folders: MigrationFolder[] = [],
  ): Promise<Database> {
    if (typeof place === 'string') return new Database(await openSqlite(place, folders), clock)
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- only if DNA names a server
    const { openPostgres } = require('./postgres/open') as typeof import('./postgres/open')
    return new Database(await openPostgres(place, folders), clock)
  }

  /**
   * For queries. On SQLite they run one at a time, and wait while another process writes.
   *
   * @throws {StoreUnavailable} once the database is closed
   */
  get query(): Kysely<Schema> {
    return this.#open().db
  }

  /**
   * Runs queries that succeed or fail together.
   *
   * @param work does nothing but query: it runs again if others got in its way
   * @param isolation `serializable` for work that decides by what it has read. On SQLite every transaction is
   */
  async transaction<T>(work: (db: Transaction<Schema>) => Promise<T>, isolation?: IsolationLevel): Promise<T> {
    return this.#open().transaction(work, isolation)
  }

  /**
   * Prepares a read of one row that every request makes: compiled once, on a connection that waits for no writer, in one
   * round trip.
   *
   * @param build builds the query. The values in it are placeholders: only their order matters
   * @returns runs the query with these values, and gives the first row
   */
  prepare<Row>(build: (db: Kysely<Schema>) => Compilable<Row>): (...parameters: unknown[]) => Promise<Row | undefined> {
    const read = this.#open().prepare(build(this.query).compile().sql)
    // Async, so that errors are rejections.
    return async (...parameters) => {
      this.#open()
      return read(parameters) as Row | undefined | Promise<Row | undefined>
    }
  }

  /** Closes the connections. From then on, every query fails with {@link StoreUnavailable}. */
  async close(): Promise<void> {
    const closing = this.#connections
    if (!closing) return
    this.#connections = undefined
    await closing.close()
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
 * @example const owners = await databaseOf(plasma)().query.selectFrom('owners').selectAll().execute()
 */
export function databaseOf(plasma: Organic.Plasma): () => Database {
  return () => {
    const opened = plasma.get({ type: 'Database' })
    if (!opened) throw notOpen()
    return opened.data
  }
}

function notOpen(): StoreUnavailable {
  return new StoreUnavailable('No database is open.')
}
