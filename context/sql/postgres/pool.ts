import { Pool as Driver, types, type Client, type Connection as Wire, type PoolClient, type PoolConfig } from 'pg'
import { setTimeout as wait } from 'node:timers/promises'
import { Connection } from './connection'
import { asUnavailable, isReadOnly } from './errors'

/** How long the end waits for the server, in ms. */
const LONGEST_END = 1000
/** After another server has taken over, connections are opened again no more often than this, in ms. */
const RENEWAL_INTERVAL = 1000

/** What the pools of one server have in common. */
export interface Renewal {
  /** Connections that were opened earlier lead to a server that only reads. By `performance.now()`. */
  at: number
}

/** Connections to one server. Fails with {@link StoreUnavailable} only, and within the times of its configuration. */
export class Pool {
  readonly #driver: Driver
  readonly #renewal: Renewal
  readonly #connections = new WeakMap<PoolClient, Connection>()
  readonly #open = new Set<PoolClient>()

  constructor(config: PoolConfig, renewal: Renewal = { at: 0 }) {
    this.#renewal = renewal
    this.#driver = new Driver({
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      // Long enough that a quiet cell does not connect for each request.
      idleTimeoutMillis: 300_000,
      ...config,
      types: { getTypeParser: parserOf },
    })
    // A connection that fails while nobody uses it is replaced when somebody needs one. Without listeners, it would end the process.
    this.#driver.on('error', () => undefined)
    this.#driver.on('connect', (client) => {
      client.on('error', () => undefined)
      this.#open.add(client)
      client.once('end', () => this.#open.delete(client))
      const onFatal = (error: unknown): void => {
        if (isReadOnly(error)) this.#renew()
      }
      this.#connections.set(client, new Connection(client, onFatal))
    })
  }

  /** Takes a connection, which must be released. */
  async connect(): Promise<Connection> {
    for (;;) {
      const connection = await this.#connect()
      if (connection.openedAt >= this.#renewal.at) return connection
      connection.release(true)
    }
  }

  /** Runs a prepared read. */
  async read(sql: string, parameters: unknown[]): Promise<unknown[]> {
    const connection = await this.connect()
    try {
      return await connection.read(sql, parameters)
    } finally {
      connection.release()
    }
  }

  async end(): Promise<void> {
    const ended = this.#driver.end().catch(() => undefined)
    await Promise.race([ended, wait(LONGEST_END, undefined, { ref: false })])
    // A server that does not answer does not close its side either.
    for (const client of this.#open) streamOf(client).destroy()
  }

  async #connect(): Promise<Connection> {
    try {
      const client = await this.#driver.connect()
      return this.#connections.get(client) as Connection
    } catch (error) {
      throw asUnavailable(error)
    }
  }

  #renew(): void {
    const now = performance.now()
    if (now - this.#renewal.at > RENEWAL_INTERVAL) this.#renewal.at = now
  }
}

function streamOf(client: PoolClient): Wire['stream'] {
  return (client as unknown as Client & { connection: Wire }).connection.stream
}

type TypeParser = typeof types.getTypeParser

/** The driver's parsers, but numbers of 8 bytes are numbers: times in milliseconds, and counts. */
const parserOf: TypeParser = (...[id, format]: Parameters<TypeParser>): unknown =>
  id === types.builtins.INT8 ? Number : types.getTypeParser(id, format)
