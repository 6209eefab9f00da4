import { SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, type Dialect } from 'kysely'
import { FileDriver } from './driver'
import type { SqliteFile } from './file'

/** A Kysely dialect on one SQLite file. @param open opens the file, at the first query */
export function createSqliteDialect(open: () => SqliteFile): Dialect {
  return {
    createAdapter: () => new Adapter(),
    createDriver: () => new FileDriver(open),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  }
}

/** Migrates in a transaction, so that two processes that start on a new file wait for each other. */
class Adapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}
