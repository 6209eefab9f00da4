import { existsSync } from 'node:fs'
import type { DatabaseSyncInstance } from '@photostructure/sqlite'
import { messageOf } from '../../cell'
import { migrations } from '../migrations'
import { PRIMARY_KEYS } from '../row-target'
import type { CellTables } from '../schema'
import { loadSqlite } from './file'

/** How many rows are read at once. */
const BATCH = 200

/**
 * Reads a cell's SQLite database as it is at one moment, and changes nothing in it. Sessions and throttles that have expired
 * are left out.
 */
export class SqliteSource {
  readonly #database: DatabaseSyncInstance
  readonly #file: string
  readonly #version: unknown

  /**
   * @param file absolute path
   * @throws {Error} that names the file, if it is not there, or is not a database with the schema of this version
   */
  constructor(file: string) {
    if (!existsSync(file)) throw new Error(`${file} is not there: there is nothing to move`)
    this.#file = file
    const { DatabaseSync } = loadSqlite()
    try {
      this.#database = new DatabaseSync(file, { readOnly: true, timeout: 2000 })
    } catch (cause) {
      throw new Error(`${file} cannot be read: ${messageOf(cause)}`, { cause })
    }
    try {
      this.#version = this.#readVersion()
      this.#database.exec('begin')
      this.#checkSchema()
    } catch (cause) {
      this.close()
      throw new Error(`${file} cannot be read: ${messageOf(cause)}`, { cause })
    }
  }

  /** Counts the rows of a table that {@link read} gives. */
  count(table: keyof CellTables, now: number): number {
    const counting = this.#database.prepare(`select count(*) as count from ${table} where ${conditionOf(table)}`)
    return (counting.get(now) as { count: number }).count
  }

  /** Reads a table in batches, in the order of its primary key. */
  *read<Table extends keyof CellTables>(table: Table, now: number): Generator<CellTables[Table][]> {
    const key = PRIMARY_KEYS[table]
    const statement = this.#database.prepare(
      `select * from ${table} where ${conditionOf(table)} and ${key} > ? order by ${key} limit ${BATCH}`,
    )
    for (let last: unknown = ''; ;) {
      const rows = statement.all(now, last) as CellTables[Table][]
      const final = rows.at(-1)
      if (!final) return
      yield rows
      last = final[key]
    }
  }

  /**
   * Ends the reading.
   *
   * @throws {Error} if somebody has written to the database meanwhile
   */
  end(): void {
    this.#database.exec('commit')
    if (this.#readVersion() === this.#version) return
    throw new Error(`${this.#file} has been changed during the move: stop the cell that uses it, and move again`)
  }

  close(): void {
    this.#database.close()
  }

  /** Changes when another connection writes. */
  #readVersion(): unknown {
    return (this.#database.prepare('pragma data_version').get() as { data_version: unknown }).data_version
  }

  #checkSchema(): void {
    const tables = this.#database.prepare(`select name from sqlite_master where name = 'kysely_migration'`).all()
    if (tables.length === 0) throw new Error("it is not a cell's database")
    const rows = this.#database.prepare('select name from kysely_migration order by name').all()
    const found = rows.map((row) => (row as { name: string }).name)
    const newer = found.find((name) => !(name in migrations))
    if (newer !== undefined) throw new Error(`it has the schema of a newer version, with ${newer}`)
    const missing = Object.keys(migrations).find((name) => !found.includes(name))
    if (missing === undefined) return
    throw new Error(
      `it has the schema of an older version, without ${missing}: start a cell of this version on it once`,
    )
  }
}

function conditionOf(table: keyof CellTables): string {
  return table === 'owners' ? '? is not null' : 'expires_at > ?'
}
