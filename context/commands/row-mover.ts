import type { Database, OwnerRow, CellTables } from '../sql'
import { PRIMARY_KEYS } from '../sql/row-target'
import type { SqliteSource } from '../sql/sqlite/source'
import type { MoveTarget } from './move-target'

/** The order in which tables are copied. */
const TABLES = Object.keys(PRIMARY_KEYS) as (keyof CellTables)[]
/** The most owners that an error names. */
const MOST_NAMED = 20

/**
 * Copies the rows of a cell's SQLite database to a target, and leaves those that are newer there.
 *
 * @param report is called after each batch
 * @returns how many rows of each table are at the target, out of those that should be
 * @throws {Error} before anything is written, if the target has other owners with the same names
 */
export async function moveRows(
  source: SqliteSource,
  target: MoveTarget,
  report: (table: keyof CellTables, copied: number, all: number) => void,
): Promise<Record<keyof CellTables, { found: number; expected: number }>> {
  await checkOwners(source, target.database)
  for (const table of TABLES) await copyTable(source, target, table, report)
  const count = { found: 0, expected: 0 }
  const counts = { owners: count, sessions: count, throttles: count }
  for (const table of TABLES) counts[table] = await verifyTable(source, target, table)
  return counts
}

async function copyTable<Table extends keyof CellTables>(
  source: SqliteSource,
  { database, tables }: MoveTarget,
  table: Table,
  report: (table: Table, copied: number, all: number) => void,
): Promise<void> {
  const now = database.clock.now()
  const all = source.count(table, now)
  let copied = 0
  for (const rows of source.read(table, now)) {
    await tables[table].importRows(rows.map(complete))
    copied += rows.length
    report(table, copied, all)
  }
  if (copied === 0) report(table, 0, all)
}

/** Expired sessions may be deleted meanwhile, so that only those that have not expired are looked for. */
async function verifyTable(
  source: SqliteSource,
  { database, tables }: MoveTarget,
  table: keyof CellTables,
): Promise<{ found: number; expected: number }> {
  let [found, expected] = [0, 0]
  for (const rows of source.read(table, database.clock.now())) {
    found += await tables[table].countImported(rows as never[])
    expected += rows.length
  }
  return { found, expected }
}

/** Sessions of older versions have no family, which Redis needs. */
function complete<Row extends object>(row: Row): Row {
  if (!('family' in row && 'id_hash' in row)) return row
  return { ...row, family: row.family ?? row.id_hash }
}

/** @throws {Error} that names the owners that have the name or the id of somebody else at the target */
async function checkOwners(source: SqliteSource, { query, clock }: Database): Promise<void> {
  const conflicts: string[] = []
  for (const rows of source.read('owners', clock.now())) {
    const [ids, names] = [rows.map(({ id }) => id), rows.map(({ name_key }) => name_key)]
    const found = await query
      .selectFrom('owners')
      .select(['id', 'kind', 'name_key'])
      .where((eb) => eb.or([eb('id', 'in', ids), eb('name_key', 'in', names)]))
      .execute()
    const byId = new Map(rows.map((row) => [row.id, row]))
    const byName = new Map(rows.map((row) => [nameOf(row), row]))
    for (const other of found) {
      const namesake = byName.get(nameOf(other))
      const same = byId.get(other.id)
      if (namesake && namesake.id !== other.id) conflicts.push(describe(namesake, other))
      else if (same && same.kind !== other.kind) conflicts.push(describe(same, other))
    }
  }
  if (conflicts.length === 0) return
  const more = conflicts.length > MOST_NAMED ? ` and ${conflicts.length - MOST_NAMED} more` : ''
  const named = conflicts.slice(0, MOST_NAMED).join(', ')
  throw new Error(`nothing was moved: the target has other owners with the same name or id: ${named}${more}`)
}

function nameOf({ kind, name_key }: Pick<OwnerRow, 'kind' | 'name_key'>): string {
  return JSON.stringify([kind, name_key])
}

function describe({ kind, own_name, id }: OwnerRow, there: Pick<OwnerRow, 'id' | 'kind'>): string {
  return `${kind} ${JSON.stringify(own_name)} (id ${JSON.stringify(id)} here, ${there.kind} ${JSON.stringify(there.id)} there)`
}
