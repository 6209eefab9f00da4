import { join } from 'node:path'
import { Database } from '../../context/sql'
import { temporaryFolder } from './temporary-folder'

/** A database that a test can close and open again, while whoever uses it keeps it. */
export type ReopenableDatabase = Database & { readonly file: string; reopen(): Promise<void> }

/** Opens a new database, on a file of its own. */
export async function openReopenableDatabase(): Promise<ReopenableDatabase> {
  const file = join(temporaryFolder(), 'cell.db')
  let database = await Database.open(file)
  const { clock } = database
  const reopenable: Pick<ReopenableDatabase, keyof ReopenableDatabase> = {
    file,
    clock,
    get query() {
      return database.query
    },
    prepare:
      (build) =>
      async (...parameters) =>
        database.prepare(build)(...parameters),
    close: () => database.close(),
    reopen: async () => {
      database = await Database.open(file, clock)
    },
  }
  return reopenable as ReopenableDatabase
}
