import { Migrator, type Kysely, type Migration } from 'kysely'
import { migrateFolder, type MigrationFolder } from './migration-folder'

/**
 * Every change of the schema, in the order of the names. Never edit a released one: some database has run it. Never drop
 * `owners`, not even to recreate it: other tables may refer to its rows with `on delete cascade`.
 */
export const migrations: Record<string, Migration> = {
  '0001-owners': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('owners')
        .addColumn('id', 'text', (column) => column.primaryKey().notNull())
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('own_name', 'text', (column) => column.notNull())
        .addColumn('name_key', 'text', (column) => column.notNull())
        .addColumn('name', 'text')
        .addColumn('email', 'text')
        .addColumn('password_hash', 'text')
        .addColumn('trust_point', 'text')
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('updated_at', 'bigint', (column) => column.notNull())
        .addUniqueConstraint('owners_kind_name_key', ['kind', 'name_key'])
        .execute()
    },
  },
  '0002-sessions': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('sessions')
        .addColumn('id_hash', 'text', (column) => column.primaryKey().notNull())
        .addColumn('owner_id', 'text')
        .addColumn('data', 'text', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('seen_at', 'bigint', (column) => column.notNull())
        .addColumn('expires_at', 'bigint', (column) => column.notNull())
        .execute()
      await db.schema.createIndex('sessions_owner_id').on('sessions').column('owner_id').execute()
      await db.schema.createIndex('sessions_expires_at').on('sessions').column('expires_at').execute()
    },
  },
  '0003-owners-and-sessions-that-end': {
    async up(db: Kysely<unknown>) {
      await db.schema.alterTable('owners').addColumn('disabled_at', 'bigint').execute()
      await db.schema
        .alterTable('owners')
        .addColumn('security_stamp', 'text', (column) => column.notNull().defaultTo(''))
        .execute()
      await db.schema.alterTable('sessions').addColumn('address', 'text').execute()
      await db.schema.alterTable('sessions').addColumn('agent', 'text').execute()
    },
  },
  '0004-throttles': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('throttles')
        .addColumn('key', 'text', (column) => column.primaryKey().notNull())
        .addColumn('points', 'integer', (column) => column.notNull())
        .addColumn('expires_at', 'bigint', (column) => column.notNull())
        .execute()
      await db.schema.createIndex('throttles_expires_at').on('throttles').column('expires_at').execute()
    },
  },
  '0005-throttles-that-block': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .alterTable('throttles')
        .addColumn('blocked_until', 'bigint', (column) => column.notNull().defaultTo(0))
        .execute()
    },
  },
  '0006-session-families': {
    async up(db: Kysely<unknown>) {
      // Without a default: a cell of an older version may still write rows.
      await db.schema.alterTable('sessions').addColumn('family', 'text').execute()
    },
  },
}

/**
 * Brings the schema of a database up to date. Processes that do so at the same time wait for each other.
 *
 * @param folders migrations of tables that are not the cell's own. They run last
 */
export async function migrate<Schema>(db: Kysely<Schema>, folders: MigrationFolder[] = []): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(migrations) } })
  const { error } = await migrator.migrateToLatest()
  if (error) throw error as Error
  for (const folder of folders) await migrateFolder(db, folder)
}
