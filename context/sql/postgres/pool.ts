import { Pool as Driver, types, type Client, type Connection as Wire, type PoolClient, type PoolConfig } from 'pg'
import { createHash } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { Connection } from './connection'
import { asUnavailable, isReadOnly } from './errors'

/** How long closing waits for the server, in ms. */
const LONGEST_END = 1000
/** While a server is read-only, connections are reopened at most this often, in ms. */
const RENEWAL_INTERVAL = 1000

/** Shared by the pools of one server. */
export interface Renewal {
  /** Connections opened before this time (`performance.now()`) are closed: they may lead to a former primary. */
  at: number
}

/** Connections to one server. Every failure is a {@link StoreUnavailable}, within the timeouts of the configuration. */
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
    // The pool replaces connections that fail while idle. Without a listener, their errors would end the process.
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

  /** Takes a connection. The caller must release it. */
  async connect(): Promise<Connection> {
    for (;;) {
      const connection = await this.#connect()
      if (connection.openedAt >= this.#renewal.at) return connection
      connection.release(true)
    }
  }

  /** Prepares a read, which gives the first row. */
  prepare(text: string): (parameters: unknown[]) => Promise<unknown> {
    const query = { name: nameOf(text), text }
    return async (parameters) => {
      const connection = await this.connect()
      try {
        return (await connection.read(query, parameters))[0]
      } finally {
        connection.release()
      }
    }
  }

  async end(): Promise<void> {
    const ended = this.#driver.end().catch(() => undefined)
    await Promise.race([ended, wait(LONGEST_END, undefined, { ref: false })])
    // A server that hangs does not close its side.
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

/** The same in every cell, because a connection pooler may share connections between cells. */
function nameOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

function streamOf(client: PoolClient): Wire['stream'] {
  return (client as unknown as Client & { connection: Wire }).connection.stream
}

type TypeParser = typeof types.getTypeParser

/** The driver's parsers, but numbers of 8 bytes are numbers: times in milliseconds, and counts. */
const parserOf: TypeParser = (...[id, format]: Parameters<TypeParser>): unknown =>
  id === types.builtins.INT8 ? Number : types.getTypeParser(id, format)
