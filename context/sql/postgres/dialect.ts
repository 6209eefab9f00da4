import {
  PostgresDialect,
  PostgresQueryCompiler,
  type DataTypeNode,
  type Driver,
  type QueryCompiler,
  type TransactionSettings,
} from 'kysely'
import type { Connection } from './connection'
import type { Pool } from './pool'

/**
 * Kysely's PostgreSQL dialect on a {@link Pool}. Text columns are compared byte by byte (`collate "C"`), as on SQLite: the
 * indexes of other collations break when the server's operating system changes them.
 */
export class Dialect extends PostgresDialect {
  readonly #pool: Pool

  constructor(pool: Pool) {
    super({ pool: () => Promise.reject(new Error('not used')) })
    this.#pool = pool
  }

  override createDriver(): Driver {
    return new PoolDriver(this.#pool)
  }

  override createQueryCompiler(): QueryCompiler {
    return new Compiler()
  }
}

/** Does not end the pool: the database does. */
class PoolDriver implements Driver {
  readonly #pool: Pool

  constructor(pool: Pool) {
    this.#pool = pool
  }

  init(): Promise<void> {
    return Promise.resolve()
  }

  acquireConnection(): Promise<Connection> {
    return this.#pool.connect()
  }

  beginTransaction(connection: Connection, { isolationLevel }: TransactionSettings): Promise<void> {
    return connection.begin(isolationLevel)
  }

  async commitTransaction(connection: Connection): Promise<void> {
    await connection.end('commit')
  }

  async rollbackTransaction(connection: Connection): Promise<void> {
    await connection.end('rollback')
  }

  releaseConnection(connection: Connection): Promise<void> {
    connection.release()
    return Promise.resolve()
  }

  destroy(): Promise<void> {
    return Promise.resolve()
  }
}

class Compiler extends PostgresQueryCompiler {
  protected override visitDataType(node: DataTypeNode): void {
    super.visitDataType(node)
    if (node.dataType === 'text' && this.parentNode?.kind === 'ColumnDefinitionNode') this.append(' collate "C"')
  }
}
