import { setTimeout as wait } from 'node:timers/promises'
import { Log, StoreUnavailable } from '../cell'
import {
  LONGEST_RETRY,
  createClient,
  secretFreeMessageOf,
  type Client,
  type ClusterNode,
  type Commands,
  type ConnectionOptions,
} from './client'

/** A command took too long. */
class NoAnswer extends Error {}

/** No known node of a cluster has the slot of a key. */
class NoNode extends Error {
  constructor(cause: unknown) {
    super('no node of the cluster has the slot of this key', { cause })
  }
}

/** Errors of a client that has no connection. It has said before why. */
const OFFLINE = ['ClientOfflineError', 'ClientClosedError']

/**
 * A connection to Redis that comes back by itself, and on which no command takes longer than its options say.
 *
 * The client alone bounds only the time until a command is sent: on a server that hangs, or is gone without a word, commands
 * would wait for minutes.
 */
export class Connection {
  /** What the connection leads to, without a password. */
  readonly place: string
  readonly #options: ConnectionOptions
  readonly #log: Log
  #client: Client | undefined
  /** Clients of a cluster that are being opened, or closing after their last answers. */
  readonly #standbyClients = new Set<Client>()
  /** The nodes of a cluster, when they were last known: the one in the URL may be gone. */
  #nodes: readonly ClusterNode[] = []
  /** How many commands have been answered so far. */
  #answers = 0
  /** Why the server cannot be used now. */
  #lastError: unknown
  #isReplacing = false

  /** Begins to connect. */
  constructor(options: ConnectionOptions, log = new Log()) {
    const { protocol, host, pathname } = new URL(options.url)
    this.place = `${protocol}//${host}${pathname}`
    this.#options = options
    this.#log = log
    this.#connect()
  }

  /**
   * Runs a command.
   *
   * @throws {StoreUnavailable} whatever happens, with the cause
   */
  async run<T>(command: (commands: Commands) => Promise<T>): Promise<T> {
    try {
      return await this.#try(command)
    } catch (cause) {
      // Clients are told nothing of the inside, only the log is.
      throw new StoreUnavailable('Sessions cannot be read or written right now.', {
        cause: new Error(`${this.place}: ${secretFreeMessageOf(cause)}`),
        retryAfter: 5,
      })
    }
  }

  async #try<T>(command: (commands: Commands) => Promise<T>): Promise<T> {
    const client = this.#client
    if (!client) throw new Error('the connection is closed')
    const answers = this.#answers
    let timer: NodeJS.Timeout | undefined
    const tooLate = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(
        () => reject(new NoAnswer(`no answer within ${this.#options.commandTimeout} ms`)),
        this.#options.commandTimeout,
      )
    })
    try {
      const answer = await Promise.race([command(client), tooLate])
      this.#answers += 1
      return answer
    } catch (thrown) {
      const error = this.#options.cluster && isNodeMissing(thrown) ? new NoNode(thrown) : thrown
      // Answers to others mean that a server is slow rather than away, but they may come from other nodes of a cluster.
      const isAway = error instanceof NoAnswer && (this.#options.cluster || this.#answers === answers)
      // A server that has lost its role to another one: the same URL may lead to that one now.
      const isReadOnly = secretFreeMessageOf(error).startsWith('READONLY')
      if (isAway || isReadOnly || error instanceof NoNode) this.#reconnect(client, error)
      throw error
    } finally {
      clearTimeout(timer)
    }
  }

  /**
   * Waits until the server answers.
   *
   * @throws {Error} once the time is up and an attempt to connect has failed, or if the connection is closed
   */
  async waitForAnswer(milliseconds: number): Promise<void> {
    const deadline = AbortSignal.timeout(milliseconds)
    for (;;) {
      try {
        await this.#try((commands) => commands.ping())
        return
      } catch (error) {
        if (!this.#client) throw this.#lastError ?? error
        if (!OFFLINE.includes((error as Error).constructor.name)) this.#noteError(error)
        // Past the deadline, keep waiting until the first connection attempt fails: its error is the cause.
        if (deadline.aborted && this.#lastError !== undefined) throw this.#lastError as Error
        await wait(50)
      }
    }
  }

  /** Closes the connection. From then on, every command fails. */
  close(): void {
    const client = this.#client
    this.#client = undefined
    client?.destroy()
    for (const other of this.#standbyClients) other.destroy()
  }

  #connect(): void {
    const client = createClient(this.#options, this.#nodes)
    this.#use(client)
    void this.#keepConnecting(client)
  }

  #use(client: Client): void {
    this.#client = client
    const onError = (error: unknown): void => {
      if (client === this.#client) this.#noteError(error)
    }
    const onReady = (): void => {
      if (client === this.#client) this.#noteReady()
    }
    // Of a server, and of a cluster and its nodes.
    for (const event of ['error', 'node-error']) client.on(event, onError)
    for (const event of this.#options.cluster ? ['connect', 'node-ready'] : ['ready']) client.on(event, onReady)
  }

  /** A client of a cluster gives up when no node answers. */
  async #keepConnecting(client: Client): Promise<void> {
    while (client === this.#client) {
      try {
        await client.connect()
        return
      } catch (error) {
        // It has said before why no node can be used.
        if (client === this.#client) this.#noteError(this.#lastError ?? error)
        await wait(LONGEST_RETRY, undefined, { ref: false })
      }
    }
  }

  /** Connects anew. Not more often than {@link LONGEST_RETRY}. */
  #reconnect(client: Client, error: unknown): void {
    if (client !== this.#client || this.#isReplacing) return
    this.#isReplacing = true
    void (this.#options.cluster ? this.#reconnectCluster(client, error) : this.#reconnectServer(client, error))
  }

  /**
   * Connects to a cluster anew, and only then drops the former connections: other nodes may answer. The client itself would
   * go on asking a node that is gone without a word.
   */
  async #reconnectCluster(client: Client, error: unknown): Promise<void> {
    if (client.masters && client.masters.length > 0) this.#nodes = client.masters
    const next = createClient(this.#options, this.#nodes)
    this.#standbyClients.add(next)
    next.on('error', () => undefined)
    try {
      await next.connect()
    } catch {
      this.#standbyClients.delete(next)
      next.destroy()
      this.#reconnectServer(client, error)
      return
    }
    this.#standbyClients.delete(next)
    this.#allowReplacement()
    if (client !== this.#client || !(error instanceof NoNode ? knowsMore(next, client) : next.masters?.length)) {
      next.destroy()
      return
    }
    this.#use(next)
    // What the former one has been asked is answered by then, or too late.
    this.#standbyClients.add(client)
    setTimeout(() => {
      this.#standbyClients.delete(client)
      client.destroy()
    }, this.#options.commandTimeout).unref()
  }

  #allowReplacement(): void {
    setTimeout(() => (this.#isReplacing = false), LONGEST_RETRY).unref()
  }

  /** Drops a connection with all that waits on it, and opens a new one. */
  #reconnectServer(client: Client, error: unknown): void {
    this.#allowReplacement()
    if (client !== this.#client) return
    this.#noteError(error)
    this.#connect()
    client.destroy()
  }

  #noteError(error: unknown): void {
    const isFirst = this.#lastError === undefined
    this.#lastError = error
    if (!isFirst) return
    this.#log.error(`redis: ${this.place} cannot be used, and is tried again and again: ${secretFreeMessageOf(error)}`)
  }

  #noteReady(): void {
    if (this.#lastError === undefined) return
    this.#lastError = undefined
    this.#log.warn(`redis: ${this.place} answers again`)
  }
}

/** Whether one client of a cluster knows the node of a slot that another one does not. A node that was reset knows none. */
function knowsMore(one: Client, other: Client): boolean {
  return one.slots?.some((_node, slot) => !other.slots?.[slot]) ?? false
}

/** Whether the client of a cluster found no node for a command. It fails so, and does not ask for the nodes again. */
function isNodeMissing(error: unknown): boolean {
  return /reading '(master|replicas)'\)$|no target nodes$/.test(secretFreeMessageOf(error))
}
