import { Migrator, type Kysely, type Migration } from 'kysely'
import { readdirSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { DnaError, blameKey, messageOf, rootOf } from '../cell'

/** The migrations in a folder that DNA names, for tables that are not the cell's own. */
export interface MigrationFolder {
  /** The folder's name in DNA. The table `<name>_migration` records which of them a database has run. */
  name: string
  /** Each migration by the name of its file, without the extension. */
  migrations: Record<string, Migration>
  /** The path of each file, relative to the cell's root, for messages. */
  files: Record<string, string>
}

const MIGRATION_FILE = /^[^.][^]*\.(ts|js)$/
const BESIDE = /\.(d|test|spec)\.(ts|js)$/
/** Files that somebody could take for migrations. */
const OTHER_CODE = /\.([cm][jt]s|[jt]sx|sql)$/

/**
 * Loads the migrations in a folder.
 *
 * @param name in DNA
 * @param folder absolute path
 * @param root of the cell, absolute
 * @throws {DnaError} for a missing or empty folder, and for a file that is no migration
 */
export function loadMigrations(name: string, folder: string, root: string): MigrationFolder {
  const key = `migrations.${name}`
  const path = relative(root, folder) || '.'
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw new DnaError(key, `there is no folder ${path}`)
  const loaded: MigrationFolder = { name, migrations: {}, files: {} }
  for (const entry of readdirSync(folder)) {
    const file = join(path, entry)
    if (OTHER_CODE.test(entry)) throw new DnaError(key, `${file} would not be run, make it a .ts or .js file`)
    if (!MIGRATION_FILE.test(entry) || BESIDE.test(entry)) continue
    const id = entry.replace(/\.(ts|js)$/, '')
    const twin = loaded.files[id]
    if (twin !== undefined) throw new DnaError(key, `${twin} and ${file} have one name, keep one of them`)
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- which files there are, only the folder knows
    const exported: unknown = blameKey(key, (): unknown => require(join(folder, entry)), `${file} does not load: `)
    const migration = Object(exported) as Partial<Migration>
    if (typeof migration.up !== 'function')
      throw new DnaError(key, `${file} does not export a function "up": write export async function up(db) { … }`)
    loaded.migrations[id] = migration as Migration
    loaded.files[id] = file
  }
  if (Object.keys(loaded.files).length === 0) throw new DnaError(key, `there are no migrations in ${path}`)
  return loaded
}

/**
 * Runs the migrations that a database has not run yet: all of them or, if one fails, none.
 *
 * @throws {DnaError} that names the file
 */
export async function migrateFolder<Schema>(db: Kysely<Schema>, folder: MigrationFolder): Promise<void> {
  const { name, files } = folder
  const migrations = Object.fromEntries(
    Object.entries(folder.migrations).map(([id, migration]) => [id, protectCellTables(migration)]),
  )
  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve(migrations) },
    migrationTableName: `${name}_migration`,
    // The order of the files. Kysely's own, of those that ran within one millisecond, depends on the locale.
    nameComparator: (one, other) => (one < other ? -1 : 1),
  })
  const { error, results = [] } = await migrator.migrateToLatest()
  const failed = results.find(({ status }) => status === 'Error')
  // A migration may throw anything, also nothing.
  if (error === undefined && !failed) return
  const file = failed && files[failed.migrationName]
  const what = file === undefined ? '' : `${file} fails: `
  throw new DnaError(`migrations.${name}`, what + messageOf(rootOf(error)), { cause: error })
}

/** Tables that only the cell itself may change. */
const CELL_TABLES = ['owners', 'sessions', 'throttles', 'kysely_migration', 'kysely_migration_lock']

/** Makes a migration fail, and be undone, if it changes a table of the cell. */
function protectCellTables(migration: Migration): Migration {
  return {
    async up(db) {
      const before = await describeCellTables(db)
      await migration.up(db)
      const after = await describeCellTables(db)
      for (const [table, columns] of before)
        if (after.get(table) !== columns) throw new Error(`it changes ${table}, a table of the cell itself`)
    },
  }
}

/** The columns of each of the cell's tables. */
async function describeCellTables(db: Kysely<unknown>): Promise<Map<string, string>> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true })
  const own = tables.filter((table) => CELL_TABLES.includes(table.name))
  return new Map(
    own.map((table) => [[table.schema, table.name].filter(Boolean).join('.'), JSON.stringify(table.columns)]),
  )
}
