import { sql } from 'kysely'
import type { Database } from '../sql'

/**
 * Refuses a database that a complete move has filled before: cells may have used it since.
 *
 * @throws {Error} that says when, and what to do
 */
export async function refuseMoved({ query }: Database): Promise<void> {
  await createTable(query)
  const { rows } = await sql<{ completed_at: string }>`
    select completed_at from moves order by completed_at desc limit 1`.execute(query)
  const [last] = rows
  if (!last) return
  throw new Error(
    `nothing was moved: a move to this database was complete at ${last.completed_at}, and cells may have used it since. ` +
      'Whoever was logged out or deleted there would come back. Pass --again if no cell has used it, or if you accept that',
  )
}

/** Notes that a move to a database is complete. */
export async function markMoved({ query, clock }: Database): Promise<void> {
  await createTable(query)
  await sql`insert into moves values (${new Date(clock.now()).toISOString()})`.execute(query)
}

/** Only a database that was moved to has this table, so it is none of the schema's. */
async function createTable(query: Database['query']): Promise<void> {
  await sql`create table if not exists moves (completed_at text not null)`.execute(query)
}
