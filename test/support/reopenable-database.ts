import { Database } from '../../context/sql'
import { newFile, type Place } from './database-places'

/** A database that a test can close and open again, while whoever uses it keeps it. */
export type ReopenableDatabase = Database & { readonly file: string; reopen(): Promise<void> }

/** Opens a new database, on a file of its own if it is not told where. */
export async function openReopenableDatabase(place: Place = newFile()): Promise<ReopenableDatabase> {
  const file = typeof place === 'string' ? place : ''
  let database = await Database.open(place)
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
    transaction: (work, isolation) => database.transaction(work, isolation),
    close: () => database.close(),
    reopen: async () => {
      database = await Database.open(place, clock)
    },
  }
  return reopenable as ReopenableDatabase
}
