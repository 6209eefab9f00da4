import { Kysely, Migrator, type Compilable, type CompiledQuery } from 'kysely'
import { StoreUnavailable } from '../errors'
import { migrations } from './migrations'
import type { Schema } from './schema'
import { sqliteDialect } from './sqlite'

export type { SessionRow, UserRow } from './schema'

let open: Kysely<Schema> | undefined

/**
 * Opens the process's one database and brings its schema up to date.
 *
 * @throws {Error} when it cannot be opened or migrated: its message names the file
 */
export async function openDatabase(file: string): Promise<void> {
  if (open) throw new Error('a database is open in this process already')
  let db: Kysely<Schema> | undefined
  try {
    db = new Kysely<Schema>({ dialect: sqliteDialect(file) })
    const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(migrations) } })
    const { error } = await migrator.migrateToLatest()
    if (error) throw error as Error
  } catch (cause) {
    await db?.destroy()
    throw new Error(`${file} cannot be used: ${rootMessage(cause)}`, { cause })
  }
  open = db
}

/** Closes the database. Whoever asks for it afterwards gets {@link StoreUnavailable}. */
export async function closeDatabase(): Promise<void> {
  const closing = open
  open = undefined
  await closing?.destroy()
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

function rootMessage(error: unknown): string {
  let root = error
  while (root instanceof Error && root.cause) root = root.cause
  return root instanceof Error ? root.message : String(root)
}
