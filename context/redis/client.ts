import type { RedisClientOptions, RedisClientType } from 'redis'

/** How to reach a Redis server, or a Redis Cluster. Times are in milliseconds. */
export interface ConnectionOptions {
  /** `redis://…`, `rediss://…` or `unix://…`. Of a cluster, any of its nodes. */
  url: string
  /** Whether it is a Redis Cluster. */
  cluster: boolean
  /** How long opening a connection may take. */
  connectTimeout: number
  /** How long a command may take. */
  commandTimeout: number
}

/** The commands that this cell uses. Each takes one key, or none: a cluster keeps different keys on different machines. */
export type Commands = Pick<
  RedisClientType,
  'del' | 'eval' | 'evalSha' | 'hGet' | 'hGetAll' | 'ping' | 'scan' | 'zRange' | 'zRem'
>

/** The part that a client of a server and one of a cluster have in common. */
export interface Client extends Commands {
  connect(): Promise<unknown>
  destroy(): void
  on(event: string, listener: (error: unknown) => void): unknown
  /** Those of a cluster that are known. */
  readonly masters?: readonly ClusterNode[]
  /** What a cluster has for each slot, as far as it is known. */
  readonly slots?: readonly unknown[]
}

/** Where a node of a cluster is. */
export interface ClusterNode {
  host: string
  port: number
}

/** Longest time between two attempts to connect, in milliseconds. */
export const LONGEST_RETRY = 1000

/**
 * Creates a client, which does not connect yet.
 *
 * @param nodes of a cluster, as last known: the one in the URL may be gone
 */
export function createClient(
  { url, cluster, connectTimeout, commandTimeout }: ConnectionOptions,
  nodes: readonly ClusterNode[],
): Client {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded only if DNA asks for Redis
  const redis = require('redis') as typeof import('redis')
  const { protocol, username, password } = new URL(url)
  const socket = {
    connectTimeout,
    // Bounds what follows the connection, too. Pings keep one that nobody uses from being taken for dead.
    socketTimeout: connectTimeout,
    reconnectStrategy: (retries: number) => Math.min(50 * 2 ** retries, LONGEST_RETRY) * (0.5 + Math.random() / 2),
  }
  const options = {
    disableOfflineQueue: true,
    pingInterval: Math.ceil(connectTimeout / 3),
    commandOptions: { timeout: commandTimeout },
    maintNotifications: 'disabled',
  } satisfies Partial<RedisClientOptions>
  if (!cluster) return redis.createClient({ ...options, url, socket })
  return redis.createCluster({
    rootNodes: [{ url }, ...nodes.map(({ host, port }) => ({ socket: { host, port } }))],
    // The other nodes have the same credentials. Nodes are connected when they are needed: one that is down holds up no other.
    minimizeConnections: true,
    defaults: {
      ...options,
      socket: { ...socket, tls: protocol === 'rediss:' },
      ...(username ? { username: decodeURIComponent(username) } : {}),
      ...(password ? { password: decodeURIComponent(password) } : {}),
    },
    commandOptions: { timeout: commandTimeout },
  })
}

/**
 * The message of an error of the client. Errors of several addresses of one host have none. A server that does not know a
 * command repeats its arguments, and those of the first one are the password.
 */
export function secretFreeMessageOf(error: unknown): string {
  const { message, code } = Object(error) as { message?: string; code?: string }
  return (message || code || String(error)).replace(/,? with args beginning with.*/s, '')
}
