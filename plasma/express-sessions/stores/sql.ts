import { sql } from 'kysely'
import type { Database, SessionRow } from '../../../context/sql'
import type { Lifetimes } from '../lifetime'
import { LONGEST_LIST, RowStore, type LoadedRow } from './row-store'

/** The handle of a session: a cell of an older version writes no family. */
const FAMILY = sql<string>`coalesce(family, id_hash)`

/** Keeps sessions in the cell's database. */
export class SqlStore extends RowStore {
  readonly #database: Database
  readonly #findRow

  constructor(database: Database, lifetimes: Lifetimes) {
    super(database.clock, lifetimes)
    this.#database = database
    this.#findRow = database.prepare((db) =>
      db
        .selectFrom('sessions')
        .select(['data', 'family', 'created_at', 'seen_at'])
        .where('id_hash', '=', '')
        .where('expires_at', '>', 0),
    )
  }

  async endOwnerSessions(
    ownerId: string,
    { only, except }: { only?: string; except?: string } = {},
  ): Promise<string[]> {
    // SQLite on Node 20 takes no string with a NUL in it, and no handle has one.
    if (only?.includes('\0')) return []
    let ending = this.#database.query
      .deleteFrom('sessions')
      .where('owner_id', '=', ownerId)
      .where('expires_at', '>', this.now())
    if (only !== undefined) ending = ending.where(FAMILY, '=', only)
    if (except !== undefined) ending = ending.where(FAMILY, '!=', except)
    return (await ending.returning(FAMILY.as('handle')).execute()).map(({ handle }) => handle)
  }

  async count(): Promise<number> {
    const { count } = await this.#database.query
      .selectFrom('sessions')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('expires_at', '>', this.now())
      .executeTakeFirstOrThrow()
    return count
  }

  async endAll(): Promise<void> {
    await this.#database.query.deleteFrom('sessions').execute()
  }

  async deleteExpired(limit: number): Promise<number> {
    const { query } = this.#database
    const expired = query.selectFrom('sessions').select('id_hash').where('expires_at', '<=', this.now()).limit(limit)
    const { numDeletedRows } = await query.deleteFrom('sessions').where('id_hash', 'in', expired).executeTakeFirst()
    return Number(numDeletedRows)
  }

  protected findRow(idHash: string): Promise<LoadedRow | undefined> {
    return this.#findRow(idHash, this.now())
  }

  protected async createRow(row: SessionRow): Promise<void> {
    const { owner_id, data, address, agent, seen_at, expires_at } = row
    await this.#database.query
      .insertInto('sessions')
      .values(row)
      .onConflict((conflict) =>
        conflict.column('id_hash').doUpdateSet({ owner_id, data, address, agent, seen_at, expires_at }),
      )
      .execute()
  }

  protected async updateRow(idHash: string, change: Partial<SessionRow>): Promise<void> {
    await this.#database.query
      .updateTable('sessions')
      .set(change)
      .where('id_hash', '=', idHash)
      .where('expires_at', '>', this.now())
      .execute()
  }

  protected async deleteRow(idHash: string): Promise<void> {
    await this.#database.query.deleteFrom('sessions').where('id_hash', '=', idHash).execute()
  }

  /** One update of the row, not two rows: what ends the session meanwhile waits for it, and ends what it has become. */
  protected async replaceRow(idHash: string, row: SessionRow): Promise<boolean> {
    const { numUpdatedRows } = await this.#database.query
      .updateTable('sessions')
      .set(row)
      .where('id_hash', '=', idHash)
      .where('expires_at', '>', this.now())
      .executeTakeFirst()
    return numUpdatedRows === 1n
  }

  protected findOwnerRows(ownerId: string): Promise<SessionRow[]> {
    return this.#database.query
      .selectFrom('sessions')
      .selectAll()
      .where('owner_id', '=', ownerId)
      .where('expires_at', '>', this.now())
      .orderBy('seen_at', 'desc')
      .limit(LONGEST_LIST)
      .execute()
  }
}
