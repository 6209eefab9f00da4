import { sql } from 'kysely'
import type { Database } from '.'
import type { CellTables } from './schema'

/** Takes rows of a table from another database. */
export interface RowTarget<Row> {
  /** Where it keeps them, for messages. Without passwords. */
  readonly place: string
  /** Writes rows. Where it has a newer row under the same key, or an equally old one, that row stays. */
  importRows(rows: Row[]): Promise<void>
  /** Counts those of the rows for which it has a row under the same key. */
  countImported(rows: Row[]): Promise<number>
}

/** The column with the primary key of each table. */
export const PRIMARY_KEYS: { readonly [Table in keyof CellTables]: keyof CellTables[Table] & string } = {
  owners: 'id',
  sessions: 'id_hash',
  throttles: 'key',
}

/** Whether a row, `excluded`, is newer than the one that is there. Of two counts of attempts, the one that refuses more stays. */
const IS_NEWER: Record<keyof CellTables, ReturnType<typeof sql>> = {
  owners: sql`excluded.updated_at > owners.updated_at`,
  sessions: sql`excluded.seen_at > sessions.seen_at`,
  throttles: sql`(excluded.expires_at, excluded.points) > (throttles.expires_at, throttles.points)`,
}

/** Whether a store or other counts take rows themselves, because they do not keep them in the database. */
export function isRowTarget<Row>(target: object | undefined): target is RowTarget<Row> {
  return target !== undefined && 'importRows' in target
}

/** A table of a database that takes rows. */
export class SqlTarget<Table extends keyof CellTables> implements RowTarget<CellTables[Table]> {
  readonly #database: Database
  readonly #table: Table
  readonly place: string

  constructor(database: Database, table: Table, place: string) {
    this.#database = database
    this.#table = table
    this.place = place
  }

  async importRows(rows: CellTables[Table][]): Promise<void> {
    const key = PRIMARY_KEYS[this.#table]
    const columns = Object.keys(rows[0] ?? {}) as (keyof CellTables[Table] & string)[]
    const values = rows.map((row) => sql`(${sql.join(columns.map((column) => row[column]))})`)
    const changes = columns.filter((column) => column !== key)
    await sql`
      insert into ${sql.table(this.#table)} (${sql.join(columns.map((column) => sql.ref(column)))})
      values ${sql.join(values)}
      on conflict (${sql.ref(key)}) do update
      set ${sql.join(changes.map((column) => sql`${sql.ref(column)} = ${sql.ref(`excluded.${column}`)}`))}
      where ${IS_NEWER[this.#table]}`.execute(this.#database.query)
  }

  async countImported(rows: CellTables[Table][]): Promise<number> {
    const key = PRIMARY_KEYS[this.#table]
    const keys = rows.map((row) => row[key])
    const found = await sql<{ count: number }>`
      select count(*) as count from ${sql.table(this.#table)}
      where ${sql.ref(key)} in (${sql.join(keys)})`.execute(this.#database.query)
    return found.rows[0]?.count ?? 0
  }
}
