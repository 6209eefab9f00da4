import { sql } from 'kysely'
import { join } from 'node:path'
import { Database } from '../../context/sql'
import { cellFolder } from '../../test/support/cell'
import { DATA, environmentOf, type Backend, type DnaFiles } from './backend'
import { openSqlBackend } from './sql-copies'

/** A file in the folder of the cells. */
export function createSqliteBackend(changes: DnaFiles): Backend {
  const folder = cellFolder(changes)
  return {
    kind: 'SQLite',
    folder,
    env: environmentOf('_test+_bench'),
    pids: [],
    open: async () => {
      const database = await Database.open(join(folder, DATA, 'cell.db'))
      // For what is written here, not in the cells.
      await sql`pragma synchronous = off`.execute(database.query)
      return openSqlBackend(database, () => Promise.resolve())
    },
  }
}
