import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { Redis, type RedisOptions } from '../../context/redis'
import { findFreePort } from './listening'
import { temporaryFolder } from './temporary-folder'
import { until } from './until'

/** Why tests that need Redis are pending, if they are. */
export const NO_REDIS = 'pending without TEST_REDIS_URL, redis-server or valkey-server'

/** The same for tests that start servers of their own. */
export const NO_REDIS_SERVER = 'pending without redis-server or valkey-server'

const running = new Set<RedisServer>()
let program: string | undefined

/** The server's program, if this machine has one. */
function findProgram(): string | undefined {
  program ??= ['redis-server', 'valkey-server'].find((name) => !spawnSync(name, ['--version']).error)
  return program
}

/** A Redis server of the tests, on a free port, with its data in a temporary folder. */
export class RedisServer {
  #child: ChildProcess | undefined
  #end: Promise<unknown> = Promise.resolve()

  private constructor(
    readonly port: number,
    readonly folder: string,
    readonly settings: string[],
  ) {}

  /** Whether this machine has the program. */
  static canStart(): boolean {
    return findProgram() !== undefined
  }

  /** @param settings as on the command line of `redis-server` */
  static async start(...settings: string[]): Promise<RedisServer> {
    for (;;) {
      const server = new RedisServer(await findFreePort(), temporaryFolder(), settings)
      // Another process may have taken the port.
      if (await server.start()) return server
    }
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`
  }

  /** Starts it again, with what it has saved. @returns whether it runs */
  async start(): Promise<boolean> {
    const found = findProgram()
    if (!found) throw new Error(NO_REDIS)
    const own = ['--port', String(this.port), '--dir', this.folder, '--bind', '127.0.0.1', '--save', '']
    const child = spawn(found, [...own, ...this.settings], { stdio: 'ignore' })
    this.#child = child
    this.#end = new Promise((resolve) => child.once('close', resolve))
    running.add(this)
    const hasEnded = (): boolean => child.exitCode !== null
    // Another server may answer at this port.
    const isOwn = (answer: unknown): boolean => JSON.stringify(answer).includes(this.folder)
    await until(() => hasEnded() || this.command('CONFIG', 'GET', 'dir').then(isOwn, () => false))
    return !hasEnded()
  }

  /** Sends a signal: `SIGSTOP` freezes the server, `SIGCONT` lets it go on. */
  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal)
  }

  /** Ends the server. What it has not saved is lost. */
  async stop(): Promise<void> {
    this.#child?.kill('SIGKILL')
    await this.#end
    running.delete(this)
  }

  /** Runs a command of an administrator. */
  command(...parts: string[]): Promise<unknown> {
    return commandAt(this.url, ...parts)
  }
}

/** Runs a command at a server, on a connection of its own. */
export async function commandAt(url: string, ...parts: string[]): Promise<unknown> {
  // Every test process loads this file.
  const { createClient } = await import('redis')
  const client = createClient({ url, socket: { reconnectStrategy: false } })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await client.sendCommand(parts)
  } finally {
    client.destroy()
  }
}

let shared: Promise<string> | undefined

/** Skips the tests of this block where there is no Redis. Begin their title with what they need, end it with {@link NO_REDIS}. */
export function needRedis(): void {
  before(function () {
    if (!process.env['TEST_REDIS_URL'] && !findProgram()) this.skip()
  })
}

/** Skips the tests of this block where they cannot start servers of their own. */
export function needRedisServer(): void {
  before(function () {
    if (!findProgram()) this.skip()
  })
}

/** The URL of a Redis for all tests of this process: `TEST_REDIS_URL`, or a server that ends with them. */
export function redisUrl(): Promise<string> {
  shared ??= process.env['TEST_REDIS_URL']
    ? Promise.resolve(process.env['TEST_REDIS_URL'])
    : RedisServer.start().then(({ url }) => url)
  return shared
}

/** How tests open a Redis: keys of their own, and times that a busy machine needs. */
export async function redisOptions(changes: Partial<RedisOptions> = {}): Promise<RedisOptions> {
  const url = changes.url ?? (await redisUrl())
  const times = { connectTimeout: 30_000, commandTimeout: 30_000, waitSeconds: 30 }
  return { url, cluster: false, prefix: `test-${crypto.randomUUID()}:`, ...times, ...changes }
}

/** A Redis that a test can close and open again, while whoever uses it keeps it. */
export type ReopenableRedis = Redis & { reopen(): Promise<void> }

/** Opens a Redis, with keys of its own. */
export async function openReopenableRedis(changes: Partial<RedisOptions> = {}): Promise<ReopenableRedis> {
  const options = await redisOptions(changes)
  let redis = await Redis.open(options)
  const { clock } = redis
  const reopenable: Pick<ReopenableRedis, keyof ReopenableRedis> = {
    clock,
    key: (kind, id) => redis.key(kind, id),
    run: (command) => redis.run(command),
    runScript: (script, key, parameters) => redis.runScript(script, key, parameters),
    readFields: (keys, field) => redis.readFields(keys, field),
    findKeys: (kind) => redis.findKeys(kind),
    close: () => redis.close(),
    reopen: async () => {
      redis = await Redis.open(options, { clock })
    },
  }
  return reopenable as ReopenableRedis
}

/** Ends whatever the tests have started. */
export async function endRedisServers(): Promise<void> {
  shared = undefined
  await Promise.all([...running].map((server) => server.stop()))
}
