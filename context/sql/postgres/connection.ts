import { createHash } from 'node:crypto'
import type { CompiledQuery, DatabaseConnection, IsolationLevel, QueryResult } from 'kysely'
import type { PoolClient, QueryResult as Result } from 'pg'
import type { StoreUnavailable } from '../../cell'
import { asUnavailable, isFatal, isOutdatedPlan } from './errors'
import { repeatWork } from './repeat'

const VALUES = ['string', 'number', 'bigint', 'boolean']
const WRITES = ['INSERT', 'UPDATE', 'DELETE', 'MERGE']

/** One connection of a pool. Fails with {@link StoreUnavailable} only. */
export class Connection implements DatabaseConnection {
  /** Milliseconds, by `performance.now()`. */
  readonly openedAt = performance.now()
  readonly #client: PoolClient
  readonly #onFatal: (error: unknown) => void
  #isInTransaction = false
  /** Why the connection has become useless. */
  #fatal: StoreUnavailable | undefined
  #isOutdated = false

  /** @param onFatal is called with the driver's error when the connection has become useless */
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
    throw new Error('no query of a cell is long enough for a stream')
  }

  /** Runs a query that the server prepares the first time: one round trip, and no planning from then on. */
  async read(text: string, parameters: readonly unknown[]): Promise<unknown[]> {
    const values = checkParameters(parameters)
    try {
      return (await this.#client.query<Record<string, unknown>>({ name: nameOf(text), text, values })).rows
    } catch (error) {
      if (!isOutdatedPlan(error)) throw this.#failure(error)
      this.#isOutdated = true
      return (await this.#run(text, values)).rows
    }
  }

  async begin(isolation: IsolationLevel | undefined): Promise<void> {
    await this.#run(isolation ? `begin isolation level ${isolation}` : 'begin')
    this.#isInTransaction = true
  }

  async end(how: 'commit' | 'rollback'): Promise<void> {
    this.#isInTransaction = false
    const { command } = await this.#run(how)
    // A transaction with a query that failed is undone, and the server calls that no error.
    if (how === 'commit' && command !== 'COMMIT') throw asUnavailable(new Error('the transaction was undone'))
  }

  /** Gives the connection back to its pool, or closes it if it has become useless. */
  release(isUseless = false): void {
    this.#client.release(isUseless || this.#isOutdated || this.#fatal !== undefined)
  }

  async #run(text: string, values: unknown[] = []): Promise<Result<Record<string, unknown>>> {
    // A query that has timed out is still under way, and others would wait behind it.
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

/** The same name for the same query in every cell: a pooler between cells and their server may share connections. */
function nameOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

/** The driver would make a string of anything, and the server refuses a NUL with a message of its own. */
function checkParameters(parameters: readonly unknown[]): unknown[] {
  return parameters.map((value) => {
    if (typeof value === 'string' && value.includes('\0')) throw asUnavailable(new Error('a string has a NUL in it'))
    if (value === null || VALUES.includes(typeof value)) return value
    throw asUnavailable(new Error('a parameter is not a value'))
  })
}
