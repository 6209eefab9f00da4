import {
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type DataTypeNode,
  type Dialect,
  type Driver,
} from 'kysely'
import type { Connection } from './connection'
import type { Pool } from './pool'

/**
 * Kysely's PostgreSQL dialect on a {@link Pool}. Text columns are compared byte by byte (`collate "C"`), as on SQLite: the
 * indexes of other collations break when the server's operating system changes them.
 */
export function createPostgresDialect(pool: Pool): Dialect {
  return {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => createDriver(pool),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new Compiler(),
  }
}

/** Does not end the pool: the database does. */
function createDriver(pool: Pool): Driver {
  return {
    init: () => Promise.resolve(),
    acquireConnection: () => pool.connect(),
    beginTransaction: (connection: Connection, { isolationLevel }) => connection.begin(isolationLevel),
    commitTransaction: (connection: Connection) => connection.end('commit'),
    rollbackTransaction: (connection: Connection) => connection.end('rollback'),
    releaseConnection: (connection: Connection) => Promise.resolve(connection.release()),
    destroy: () => Promise.resolve(),
  }
}

class Compiler extends PostgresQueryCompiler {
  protected override visitDataType(node: DataTypeNode): void {
    super.visitDataType(node)
    if (node.dataType === 'text' && this.parentNode?.kind === 'ColumnDefinitionNode') this.append(' collate "C"')
  }
}
