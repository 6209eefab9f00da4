import type { CompiledQuery, DatabaseConnection, IsolationLevel, QueryResult } from 'kysely'
import type { PoolClient, QueryResult as Result } from 'pg'
import type { StoreUnavailable } from '../../cell'
import { asUnavailable, isFatal, isOutdatedPlan } from './errors'
import { repeatWork } from './repeat'

const VALUES = ['string', 'number', 'bigint', 'boolean']
const WRITES = ['INSERT', 'UPDATE', 'DELETE', 'MERGE']

/** A connection of a pool. Every failure is a {@link StoreUnavailable}. */
export class Connection implements DatabaseConnection {
  /** Milliseconds, by `performance.now()`. */
  readonly openedAt = performance.now()
  readonly #client: PoolClient
  readonly #onFatal: (error: unknown) => void
  #isInTransaction = false
  /** The error after which the connection must be closed. */
  #fatal: StoreUnavailable | undefined
  #isOutdated = false

  /** @param onFatal is called with the driver's error if the connection must be closed */
  constructor(client: PoolClient, onFatal: (error: unknown) => void) {
    this.#client = client
    this.#onFatal = onFatal
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    const values = checkParameters(parameters)
    const run = (): Promise<Result> => this.#run(sql, values)
    const { command, rowCount, rows } = await (this.#isInTransaction ? run() : repeatWork(run))
    const numAffectedRows = WRITES.includes(command) ? BigInt(rowCount ?? 0) : undefined
    return { rows: rows as Row[], ...(numAffectedRows !== undefined && { numAffectedRows }) }
  }

  // eslint-disable-next-line @typescript-eslint/require-await, require-yield -- Kysely's interface
  async *streamQuery(): AsyncGenerator<never> {
    throw new Error('a cell does not stream queries')
  }

  /** Runs a named query, which the server parses once per connection. One round trip. */
  async read(query: { name: string; text: string }, parameters: readonly unknown[]): Promise<unknown[]> {
    const values = checkParameters(parameters)
    try {
      return (await this.#client.query<Record<string, unknown>>({ ...query, values })).rows
    } catch (error) {
      if (!isOutdatedPlan(error)) throw this.#failure(error)
      this.#isOutdated = true
      return (await this.#run(query.text, values)).rows
    }
  }

  async begin(isolation: IsolationLevel | undefined): Promise<void> {
    await this.#run(isolation ? `begin isolation level ${isolation}` : 'begin')
    this.#isInTransaction = true
  }

  async end(how: 'commit' | 'rollback'): Promise<void> {
    this.#isInTransaction = false
    const { command } = await this.#run(how)
    // The server answers a commit after a failed query with a rollback, and not with an error.
    if (how === 'commit' && command !== 'COMMIT') throw asUnavailable(new Error('the transaction was undone'))
  }

  /** Returns the connection to its pool. @param isStale whether to close it instead */
  release(isStale = false): void {
    this.#client.release(isStale || this.#isOutdated || this.#fatal !== undefined)
  }

  async #run(text: string, values: unknown[] = []): Promise<Result<Record<string, unknown>>> {
    // After a timeout, the query is still running, and another one would wait behind it.
    if (this.#fatal) throw this.#fatal
    try {
      return await this.#client.query<Record<string, unknown>>(text, values)
    } catch (error) {
      throw this.#failure(error)
    }
  }

  #failure(error: unknown): StoreUnavailable {
    const failure = asUnavailable(error)
    if (isFatal(error)) {
      this.#fatal ??= failure
      this.#onFatal(error)
    }
    return failure
  }
}

/** Refuses what SQLite refuses. The driver would turn any object into a string. */
function checkParameters(parameters: readonly unknown[]): unknown[] {
  return parameters.map((value) => {
    if (typeof value === 'string' && value.includes('\0')) throw asUnavailable(new Error('a string has a NUL in it'))
    if (value === null || VALUES.includes(typeof value)) return value
    throw asUnavailable(new Error('a parameter is not a value'))
  })
}
