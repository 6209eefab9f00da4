import { join } from 'node:path'
import { closeDatabase, database, openDatabase } from '../../context/sql'

/** How many users and sessions the cell of this process has. */
export async function countRows(): Promise<{ users: number; sessions: number }> {
  const [users, sessions] = await Promise.all(
    (['owners', 'sessions'] as const).map(async (table) => {
      const { count } = await database()
        .selectFrom(table)
        .select(({ fn }) => fn.countAll().as('count'))
        .executeTakeFirstOrThrow()
      return Number(count)
    }),
  )
  return { users: users ?? 0, sessions: sessions ?? 0 }
}

/** The same of a cell that runs as a process of its own. @param data the folder of its data */
export async function countRowsOf(data: string): Promise<{ users: number; sessions: number }> {
  await openDatabase(join(data, 'cell.db'))
  try {
    return await countRows()
  } finally {
    await closeDatabase()
  }
}
