import { sql } from 'kysely'
import type { Cell } from '../../cell'
import type { Database } from '../../context/sql'

/** The database of a cell in this process. */
export function databaseIn({ plasma }: Cell): Database {
  const database = plasma.get({ type: 'Database' })?.data
  if (!database) throw new Error('the cell has no database')
  return database
}

/** Every row of every table of a cell's database. If it is the same afterwards, nothing was changed. */
export async function tableRows(cell: Cell): Promise<Record<string, unknown[]>> {
  const { query } = databaseIn(cell)
  const tables = sql<{ name: string }>`select name from sqlite_master where type = 'table' order by name`
  const contents: Record<string, unknown[]> = {}
  for (const { name } of (await tables.execute(query)).rows)
    contents[name] = (await sql`select * from ${sql.table(name)} order by 1`.execute(query)).rows
  return contents
}
