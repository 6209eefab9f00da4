import { Kysely, Migrator, type Compilable, type CompiledQuery } from 'kysely'
import { StoreUnavailable, messageOf } from '../errors'
import { migrations } from './migrations'
import type { Schema } from './schema'
import { sqliteDialect } from './sqlite'

export type { OwnerRow, Schema, SessionRow } from './schema'

const SQLITE_BUSY = 5

let open: Kysely<Schema> | undefined
let opening: Promise<Kysely<Schema>> | undefined

/**
 * Opens the process's one database and brings its schema up to date.
 *
 * @throws {Error} when it cannot be opened or migrated: its message names the file
 */
export async function openDatabase(file: string): Promise<void> {
  if (open || opening) throw new Error('a database is open in this process already')
  opening = migrated(file)
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
  await closing?.destroy()
}

/** Milliseconds for which a database that another process is making, too, may be locked. */
const LOCKED_TIMEOUT = 3000

async function migrated(file: string): Promise<Kysely<Schema>> {
  const deadline = Date.now() + LOCKED_TIMEOUT
  for (;;) {
    try {
      return await migrate(file)
    } catch (cause) {
      const root = rootOf(cause)
      // SQLite's own waiting does not cover the change to its write-ahead log.
      if ((root as { errcode?: unknown }).errcode === SQLITE_BUSY && Date.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 50))
      } else {
        throw new Error(`${file} cannot be used: ${messageOf(root)}`, { cause })
      }
    }
  }
}

async function migrate(file: string): Promise<Kysely<Schema>> {
  let db: Kysely<Schema> | undefined
  try {
    db = new Kysely<Schema>({ dialect: sqliteDialect(file) })
    const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(migrations) } })
    const { error } = await migrator.migrateToLatest()
    if (error) throw error as Error
    return db
  } catch (error) {
    await db?.destroy()
    throw error
  }
}

/** @throws {StoreUnavailable} while no database is open */
export function database(): Kysely<Schema> {
  if (!open) throw new StoreUnavailable('No database is open.')
  return open
}

/**
 * A query that is compiled once and then only run, for those that every request makes.
 *
 * @param build makes the query; its parameters' values do not matter, only their order
 * @returns runs it with the parameters given
 */
export function prepare<Row>(build: (db: Kysely<Schema>) => Compilable<Row>): (...parameters: unknown[]) => Promise<Row[]> {
  let compiled: CompiledQuery<Row> | undefined
  return async (...parameters) => {
    const db = database()
    compiled ??= build(db).compile()
    return (await db.executeQuery<Row>({ ...compiled, parameters })).rows
  }
}

function rootOf(error: unknown): unknown {
  let root = error
  while (root instanceof Error && root.cause) root = root.cause
  return root
}
