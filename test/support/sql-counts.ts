import { join } from 'node:path'
import { Database } from '../../context/sql'
import { SqlCounts } from '../../plasma/throttle/sql-counts'
import type { TestedCounts } from './throttle-attempts'

/** Counts in a SQLite file, in a folder. */
export async function openSqlCounts(folder: string): Promise<TestedCounts & { database: Database }> {
  const database = await Database.open(join(folder, 'cell.db'))
  return {
    database,
    counts: new SqlCounts(() => database),
    countRows: async () => (await database.query.selectFrom('throttles').select('key').execute()).length,
    setPoints: async (points, least) => {
      await database.query.updateTable('throttles').set({ points }).where('points', '>', least).execute()
    },
    keptUntil: async () => {
      const rows = await database.query.selectFrom('throttles').select('expires_at').execute()
      return Math.max(...rows.map(({ expires_at }) => expires_at))
    },
    close: () => database.close(),
  }
}
