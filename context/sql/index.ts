import { Kysely, Migrator, sql, type Compilable, type CompiledQuery } from 'kysely'
import { StoreUnavailable } from '../cell'
import { migrations } from './migrations'
import type { Schema } from './schema'
import { isLocked, rootMessageOf, sqliteDialect } from './sqlite/dialect'
import { SqliteFile } from './sqlite/file'

export type { OwnerRow, Schema, SessionRow } from './schema'

/** The process's one database. */
interface Connections {
  /** For everything. One query at a time, and while another process writes, none. */
  db: Kysely<Schema>
  /** For what every request reads, straight from the file: it waits for nobody who writes. */
  reader: SqliteFile
}

let open: Connections | undefined
let opening: Promise<Connections> | undefined

/**
 * Opens the process's one database and brings its schema up to date.
 *
 * @throws {Error} when it cannot be opened or migrated: its message names the file
 */
export async function openDatabase(file: string): Promise<void> {
  if (open || opening) throw new Error('a database is open in this process already')
  opening = connect(file)
  try {
    open = await opening
  } finally {
    opening = undefined
  }
}

/** Closes the database. Whoever asks for it afterwards gets {@link StoreUnavailable}. */
export async function closeDatabase(): Promise<void> {
  // One that fails to open has nothing to close.
  await opening?.catch(() => undefined)
  const closing = open
  open = undefined
  closing?.reader.close()
  // On Node 20, closing leaves everything in the write-ahead log. A file that is locked or gone must still be closed.
  if (closing) await sql`pragma wal_checkpoint(truncate)`.execute(closing.db).catch(() => undefined)
  await closing?.db.destroy()
}

/** Milliseconds for which the event loop may stand still until it can be read: others lock it against that for less than one. */
const READER_TIMEOUT = 100
/** Milliseconds for which a database that another process is making, too, may be locked. */
const LOCKED_TIMEOUT = 3000

async function connect(file: string): Promise<Connections> {
  const deadline = Date.now() + LOCKED_TIMEOUT
  for (;;) {
    try {
      return await migrated(file)
    } catch (cause) {
      // SQLite's own waiting does not cover the change to its write-ahead log.
      if (isLocked(cause) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50))
      else throw new Error(`${file} cannot be used: ${rootMessageOf(cause)}`, { cause })
    }
  }
}

async function migrated(file: string): Promise<Connections> {
  const db = new Kysely<Schema>({ dialect: sqliteDialect(file) })
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

/** @throws {StoreUnavailable} while no database is open */
export function database(): Kysely<Schema> {
  return connections().db
}

/**
 * A query that is compiled once and then only run, for those that every request makes.
 *
 * @param build makes the query, which only reads; its parameters' values do not matter, only their order
 * @returns runs it with the parameters given
 */
export function prepare<Row>(
  build: (db: Kysely<Schema>) => Compilable<Row>,
): (...parameters: unknown[]) => Promise<Row[]> {
  let compiled: CompiledQuery<Row> | undefined
  return async (...parameters) => {
    const { db, reader } = connections()
    compiled ??= build(db).compile()
    return Promise.resolve(reader.prepare(compiled.sql).all(parameters) as Row[])
  }
}

function connections(): Connections {
  if (!open) throw new StoreUnavailable('No database is open.')
  return open
}
