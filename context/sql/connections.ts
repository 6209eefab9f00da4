import type { IsolationLevel, Kysely, Transaction } from 'kysely'
import type { Schema } from './schema'

/** The open connections of a database, of whichever kind. They fail with {@link StoreUnavailable} only. */
export interface Connections {
  /** For everything but prepared reads. */
  readonly db: Kysely<Schema>
  /** Prepares a read, which waits for no writer and gives the first row. */
  prepare(sql: string): (parameters: unknown[]) => unknown
  /** Runs queries that succeed or fail together. */
  transaction<T>(work: (db: Transaction<Schema>) => Promise<T>, isolation?: IsolationLevel): Promise<T>
  close(): Promise<void>
}
