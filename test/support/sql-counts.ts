import { Database } from '../../context/sql'
import { SqlCounts } from '../../plasma/throttle/sql-counts'
import type { Place } from './database-places'
import type { TestedCounts } from './throttle-attempts'

/** Counts in a database. */
export async function openSqlCounts(place: Place): Promise<TestedCounts & { database: Database }> {
  const database = await Database.open(place)
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
