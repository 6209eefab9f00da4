import { sql } from 'kysely'
import { database } from '../../context/sql'

/** Every row of every table in the database of this process: what is the same afterwards has not been changed. */
export async function tableRows(): Promise<Record<string, unknown[]>> {
  const { rows: tables } = await sql<{
    name: string
  }>`select name from sqlite_master where type = 'table' order by name`.execute(database())
  const contents: Record<string, unknown[]> = {}
  for (const { name } of tables)
    contents[name] = (await sql`select * from ${sql.table(name)} order by 1`.execute(database())).rows
  return contents
}
