import { startTestCell, cellFolder, type TestCell } from './cell'
import { Client, type Answer } from './client'
import { setEnvironment } from './environment'
import { HAS_HAPROXY, Haproxy } from './haproxy'
import { findFreePort } from './listening'
import { ownersHere, type CommandEnd } from './owners-command'
import { hasPostgres, newPostgresUrl } from './postgres'
import { needRedis, redisUrl } from './redis-server'

/** The header in which HAProxy says which cell has answered. */
export const ANSWERED_BY = 'x-answered-by'
/** Why tests with cells that share servers are pending, if they are. */
export const NO_CLUSTER = 'pending without HAProxy, PostgreSQL or Redis'

const MODE = '_production+_cluster+_test+_shared'

/** Skips the tests of this block where the machine has not all of the servers. */
export function needCluster(): void {
  needRedis()
  before(function () {
    if (!HAS_HAPROXY || !hasPostgres()) this.skip()
  })
}

/** A client of a cell itself, as the proxy is: over HTTPS, as far as the cell knows. */
export class ProxiedClient extends Client {
  override copy(address = this.address): ProxiedClient {
    const copy = new ProxiedClient(address)
    for (const [name, value] of this.cookies) copy.cookies.set(name, value)
    return copy
  }

  override send(method: string, path: string, body?: string, headers: Record<string, string> = {}): Promise<Answer> {
    return super.send(method, path, body, { 'x-forwarded-proto': 'https', ...headers })
  }
}

/** Starts the HAProxy of `deploy/haproxy.cfg` before several cells, whose ports are given in the order of its `cell1`, `cell2`, … */
export async function startBalancer(ports: number[]): Promise<Haproxy> {
  const hosts = ports.map((port) => `127.0.0.1:${port}`)
  const haproxy = await Haproxy.start(hosts, await findFreePort(), `  http-response set-header ${ANSWERED_BY} %s`)
  await haproxy.ready()
  return haproxy
}

/** The environment of cells that share a new database, and keys of Redis, and the root folder that has their DNA. */
export async function sharedServers(files: Record<string, unknown> = {}): Promise<{
  root: string
  env: Record<string, string>
}> {
  const patient = { connectTimeout: 30_000, commandTimeout: 30_000 }
  const root = cellFolder({
    'dna/_shared/plasma/redis.json': { prefix: `test-${crypto.randomUUID()}:`, ...patient },
    'dna/_shared/plasma/request-log.json': { destination: '@{data.folder}/requests.log' },
    'dna/_shared/plasma/database.json': { poolSize: 4, statementSeconds: 30 },
    ...files,
  })
  const servers = { DATABASE_URL: await newPostgresUrl(), REDIS_URL: await redisUrl() }
  return { root, env: { ...servers, COOKIE_SECRET: 'x'.repeat(32), CELL_DATA: 'data', CELL_MODE: MODE } }
}

/** Cells in this process that share a PostgreSQL server and a Redis, in production. */
export class ClusteredCells {
  private constructor(
    readonly cells: TestCell[],
    private readonly shared: Awaited<ReturnType<typeof sharedServers>>,
  ) {}

  static async start(count: number, files: Record<string, unknown> = {}): Promise<ClusteredCells> {
    const shared = await sharedServers(files)
    const restore = setEnvironment(shared.env)
    const starting = Array.from({ length: count }, () => startTestCell({}, shared.root, MODE))
    const cells = await Promise.all(starting).finally(restore)
    return new ClusteredCells(cells, shared)
  }

  get addresses(): string[] {
    return this.cells.map(({ address = '' }) => address)
  }

  get ports(): number[] {
    return this.addresses.map((address) => Number(new URL(address).port))
  }

  /** A new visitor of one cell. */
  client(index = 0): ProxiedClient {
    return new ProxiedClient(this.addresses[index] ?? '')
  }

  /** What each cell answers a client who asks who they are. */
  async statuses(client: Client): Promise<number[]> {
    return Promise.all(this.addresses.map(async (address) => (await client.copy(address).get('/api/me')).status))
  }

  /** Runs a command of the operator. */
  operate(...parameters: string[]): Promise<CommandEnd> {
    return ownersHere(this.shared.env, { root: this.shared.root })(parameters)
  }

  async stop(): Promise<void> {
    await Promise.all(this.cells.map((cell) => cell.stop()))
  }
}
