import { Kysely } from 'kysely'
import { isDnaError, messageOf, rootOf } from '../../cell'
import type { Connections } from '../connections'
import type { MigrationFolder } from '../migration-folder'
import { migrate } from '../migrations'
import type { Schema } from '../schema'
import { createSqliteDialect } from './dialect'
import { isLocked } from './driver'
import { SqliteFile } from './file'

/** Busy timeout for reads, in ms. Blocks the event loop, but others lock out readers for less than 1 ms. */
const READER_TIMEOUT = 100
/** How long to wait for another process that creates the same database, in ms. */
const CREATION_TIMEOUT = 3000

/**
 * Opens a SQLite file and brings its schema up to date.
 *
 * @param syncLog syncs its open write-ahead log
 * @throws {Error} that names the file
 */
export async function openSqlite(
  file: string,
  folders: MigrationFolder[] = [],
  syncLog?: (descriptor: number) => Promise<void>,
): Promise<Connections> {
  const deadline = Date.now() + CREATION_TIMEOUT
  for (;;) {
    try {
      return await openAndMigrate(file, folders, syncLog)
    } catch (cause) {
      // SQLite's busy timeout does not cover the switch to a write-ahead log.
      if (isLocked(cause) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50))
      else if (isDnaError(cause)) throw cause
      else throw new Error(`${file} cannot be used: ${messageOf(rootOf(cause))}`, { cause })
    }
  }
}

async function openAndMigrate(
  file: string,
  folders: MigrationFolder[],
  syncLog?: (descriptor: number) => Promise<void>,
): Promise<Connections> {
  let writer: SqliteFile | undefined
  // One query at a time, and none while another process writes.
  const db = new Kysely<Schema>({ dialect: createSqliteDialect(() => (writer = new SqliteFile(file, 0, syncLog))) })
  try {
    await migrate(db, folders)
    const reader = new SqliteFile(file, READER_TIMEOUT)
    return {
      db,
      prepare: (sql) => (parameters) => {
        writer?.checkDisk()
        return reader.prepare(sql).get(parameters)
      },
      // Every transaction begins as the only writer.
      transaction: (work) => db.transaction().execute(work),
      close: () => {
        reader.close()
        return db.destroy()
      },
    }
  } catch (error) {
    await db.destroy()
    throw error
  }
}
