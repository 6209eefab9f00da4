import { sql } from 'kysely'
import { open } from 'node:fs/promises'
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
      const file = join(folder, DATA, 'cell.db')
      const database = await Database.open(file)
      // Speeds up filling: checkpoints do not wait for the disk. The cells' own connections sync everything.
      await sql`pragma synchronous = off`.execute(database.query)
      const backend = openSqlBackend(database, () => Promise.resolve())
      return { ...backend, close: () => backend.close().then(() => syncFile(file)) }
    },
  }
}

/** Flushes the file; otherwise the first cell to write would wait for the disk. */
async function syncFile(file: string): Promise<void> {
  const handle = await open(file)
  await handle.sync()
  await handle.close()
}
