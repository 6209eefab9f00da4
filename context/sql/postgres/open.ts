import { Kysely } from 'kysely'
import type { PoolConfig } from 'pg'
import { setTimeout as wait } from 'node:timers/promises'
import { isDnaError, messageOf, rootOf } from '../../cell'
import type { Connections } from '../connections'
import type { MigrationFolder } from '../migration-folder'
import { migrate } from '../migrations'
import type { Schema } from '../schema'
import { createPostgresDialect } from './dialect'
import { isTransient } from './errors'
import { Pool } from './pool'
import { repeatWork } from './repeat'
import { parseServer } from './server'

/** Time between attempts to connect at the boot, in ms. */
const RETRY_INTERVAL = 500
/** How much longer than the server's own statement timeout the cell waits for an answer, in ms. */
const ANSWER_TIMEOUT = 1000
/** After this time, in ms, the server rolls back the transaction of a cell that has vanished. */
const ABANDONED_TIMEOUT = 10_000
/** Longest wait for a connection, in ms, however long a query may take. */
const CONNECTION_TIMEOUT = 10_000

/** A database on a PostgreSQL server. */
export interface PostgresOptions {
  /** As {@link parseServer} takes it. */
  url: string
  /** Certificates of the authority that the server's certificate must come from, in PEM. @default Node's authorities */
  ca?: string | undefined
  /** The most connections at once, at least 2. @default 10 */
  poolSize?: number | undefined
  /** How long a query may take, and how long to wait for a connection, at most 10 s. @default 5 */
  statementSeconds?: number | undefined
  /** How long to wait for a server that cannot be reached yet. @default 30 */
  waitSeconds?: number | undefined
  /** Stops the opening. */
  signal?: AbortSignal | undefined
}

/**
 * Waits for a PostgreSQL server, brings the schema of the database up to date, and opens two pools. Prepared reads have their
 * own, so that they do not wait while all other connections wait for a lock.
 *
 * @throws {Error} that names the server, without its user and password
 */
export async function openPostgres(options: PostgresOptions, folders: MigrationFolder[] = []): Promise<Connections> {
  const { url, ca, poolSize = 10, statementSeconds = 5 } = options
  const { name, isTls, ...address } = parseServer(url)
  const config: PoolConfig = {
    ...address,
    ssl: isTls && { ca },
    application_name: 'organic-sessions-cell',
    connectionTimeoutMillis: Math.min(statementSeconds * 1000, CONNECTION_TIMEOUT),
    idle_in_transaction_session_timeout: ABANDONED_TIMEOUT,
  }
  await migrateWhenThere(name, options, (signal) => migrateOnce(config, folders, signal))

  const statement_timeout = statementSeconds * 1000
  const limits = { ...config, statement_timeout, query_timeout: statement_timeout + ANSWER_TIMEOUT }
  const renewal = { at: 0 }
  const reader = new Pool({ ...limits, max: Math.ceil(poolSize / 2) }, renewal)
  const writer = new Pool({ ...limits, max: Math.floor(poolSize / 2) }, renewal)
  const db = new Kysely<Schema>({ dialect: createPostgresDialect(writer) })
  return {
    db,
    prepare: (sql) => reader.prepare(sql),
    transaction: (work, isolation) => {
      const transaction = isolation ? db.transaction().setIsolationLevel(isolation) : db.transaction()
      return repeatWork(() => transaction.execute(work), isolation === 'serializable')
    },
    close: async () => {
      await db.destroy()
      await Promise.all([reader.end(), writer.end()])
    },
  }
}

async function migrateWhenThere(
  name: string,
  { waitSeconds = 30, signal }: PostgresOptions,
  migrateNow: (signal: AbortSignal | undefined) => Promise<void>,
): Promise<void> {
  const deadline = performance.now() + waitSeconds * 1000
  for (let isFirst = true; ; isFirst = false) {
    try {
      return await migrateNow(signal)
    } catch (cause) {
      const message = messageOf(rootOf(cause))
      if (!isTransient(cause) || performance.now() >= deadline || signal?.aborted)
        throw isDnaError(cause) ? cause : new Error(`PostgreSQL at ${name} cannot be used: ${message}`, { cause })
      if (isFirst) process.emitWarning(`waiting up to ${waitSeconds} s for PostgreSQL at ${name}: ${message}`)
      await wait(RETRY_INTERVAL, undefined, { signal }).catch(() => undefined)
    }
  }
}

/** Without a statement timeout, because a migration may take long, and other cells wait for it. The boot is limited as a whole. */
async function migrateOnce(
  config: PoolConfig,
  folders: MigrationFolder[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const pool = new Pool({ ...config, max: 1 })
  const db = new Kysely<Schema>({ dialect: createPostgresDialect(pool) })
  const end = (): void => void pool.end()
  signal?.addEventListener('abort', end)
  try {
    await migrate(db, folders)
  } finally {
    signal?.removeEventListener('abort', end)
    await pool.end()
    await db.destroy()
  }
}
