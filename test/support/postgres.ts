import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { chownSync, copyFileSync, chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { Client, type QueryResult } from 'pg'
import { findFreePort } from './listening'
import { ROOT } from './project'
import { temporaryFolder } from './temporary-folder'

const run = promisify(execFile)

/** The user of every server that tests start, with a password that nothing else contains. */
const USER = 'cell'
export const POSTGRES_PASSWORD = 'pass/word@of:PostgreSQL'
const CERTIFICATES = join(ROOT, 'test/support/certificates')
/** The authority of the servers' certificate, which is for `localhost`. */
export const AUTHORITY = join(CERTIFICATES, 'authority.pem')

const running = new Set<PostgresServer>()
let shared: Promise<PostgresServer> | undefined
const databases: string[] = []

/** Whether tests have a server: `TEST_DATABASE_URL`, or the programs to start one. */
export function hasPostgres(): boolean {
  return process.env['TEST_DATABASE_URL'] !== undefined || canStartPostgres()
}

/** Whether tests can start servers of their own, which they stop and break. */
export function canStartPostgres(): boolean {
  return findProgram('postgres') !== undefined && userOfServers() !== undefined
}

/** Creates a database on the server of this process. @returns its URL */
export async function newPostgresUrl(): Promise<string> {
  const url = process.env['TEST_DATABASE_URL'] ?? (await (shared ??= PostgresServer.start())).url('postgres')
  const name = `test_${process.pid}_${Date.now()}_${databases.length}`
  databases.push(name)
  await queryPostgres(url, `create database ${name}`)
  return Object.assign(new URL(url), { pathname: `/${name}` }).href
}

/** Runs SQL on a connection of its own. */
export async function queryPostgres(url: string, sql: string): Promise<QueryResult['rows']> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

/** Ends the servers that tests have started, and drops the databases on the one that was there. */
export async function endPostgres(): Promise<void> {
  const url = process.env['TEST_DATABASE_URL']
  for (const name of databases.splice(0)) if (url) await queryPostgres(url, `drop database ${name} with (force)`)
  shared = undefined
  await Promise.all([...running].map((server) => server.stop('SIGQUIT')))
}

/** A server in a temporary folder, on a free port. */
export class PostgresServer {
  readonly #folder: string
  #process: ChildProcess | undefined
  #ended: Promise<unknown> | undefined

  private constructor(
    folder: string,
    readonly port: number,
  ) {
    this.#folder = folder
  }

  static async start(): Promise<PostgresServer> {
    const folder = temporaryFolder()
    const { uid, gid } = userOfServers() ?? { uid: 0, gid: 0 }
    writeFileSync(join(folder, 'password'), POSTGRES_PASSWORD)
    for (const path of [folder, join(folder, 'password')]) chownSync(path, uid, gid)
    copyCertificate(folder, uid, gid)
    await createCluster(folder)
    for (;;) {
      const server = new PostgresServer(folder, await findFreePort())
      try {
        await server.start()
        return server
      } catch (error) {
        // Another process may have taken the port.
        if (!String(error).includes('Address already in use')) throw error
      }
    }
  }

  /** Starts a hot standby of this server, which follows it until it is promoted. */
  async startStandby(): Promise<PostgresServer> {
    const owner = userOfServers() ?? { uid: 0, gid: 0 }
    const folder = temporaryFolder()
    chownSync(folder, owner.uid, owner.gid)
    copyCertificate(folder, owner.uid, owner.gid)
    const from = ['--dbname', this.url(), '--wal-method', 'stream', '--checkpoint', 'fast', '--no-sync']
    const parameters = ['--pgdata', join(folder, 'data'), '--write-recovery-conf', ...from]
    await run(findProgram('pg_basebackup') ?? '', parameters, { cwd: folder, ...owner })
    const standby = new PostgresServer(folder, await findFreePort())
    await standby.start()
    return standby
  }

  /** Makes a standby the primary. */
  async promote(): Promise<void> {
    await queryPostgres(this.url(), 'select pg_promote()')
  }

  /** Starts it, again if it was stopped. */
  async start(...settings: string[]): Promise<void> {
    const { uid, gid } = userOfServers() ?? { uid: 0, gid: 0 }
    const all = [
      ...['listen_addresses=127.0.0.1', `unix_socket_directories=${this.#folder}`, 'fsync=off', 'max_connections=200'],
      ...['ssl=on', `ssl_cert_file=${this.#folder}/localhost.pem`, `ssl_key_file=${this.#folder}/localhost.key.pem`],
      ...settings,
    ]
    const parameters = [
      '-D',
      join(this.#folder, 'data'),
      '-p',
      String(this.port),
      ...all.flatMap((each) => ['-c', each]),
    ]
    const child = spawn(findProgram('postgres') ?? '', parameters, {
      uid,
      gid,
      cwd: this.#folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    this.#process = child
    running.add(this)
    this.#ended = new Promise((resolve) => child.once('close', resolve))
    let log = ''
    await new Promise<void>((resolve, reject) => {
      child.stderr.on('data', (text) => {
        log += text
        if (/ready to accept (read-only )?connections/.test(log)) resolve()
      })
      child.once('close', () => {
        running.delete(this)
        reject(new Error(`PostgreSQL has ended: ${log}`))
      })
    })
  }

  /** Ends it: orderly by `SIGINT`, as in a crash by `SIGQUIT`. */
  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<void> {
    this.#process?.kill(signal)
    await this.#ended
    running.delete(this)
  }

  url(database = 'postgres', host = `127.0.0.1:${this.port}`): string {
    return `postgres://${USER}:${encodeURIComponent(POSTGRES_PASSWORD)}@${host}/${database}`
  }

  /** By its Unix socket. */
  socketUrl(database = 'postgres'): string {
    return `${this.url(database, '')}?host=${encodeURIComponent(this.#folder)}&port=${this.port}`
  }
}

/** Creates the files of a server in a folder. That takes a second, so one set is kept for all tests, and copied. */
async function createCluster(folder: string): Promise<void> {
  const initdb = findProgram('initdb') ?? ''
  const version = spawnSync(initdb, ['--version']).stdout.toString().replace(/\W+/g, '-')
  const kept = join(ROOT, 'node_modules/.cache/postgres', `${version}small-`)
  const data = join(folder, 'data')
  if (existsSync(kept)) {
    await run('cp', ['-a', kept, data])
    return
  }
  const parameters = [
    ...['--pgdata', data, '--username', USER, '--pwfile', join(folder, 'password')],
    ...['--auth', 'scram-sha-256', '--encoding', 'UTF8', '--locale', 'C', '--no-sync', '--no-instructions'],
    // A server begins with one segment, of 16 MB otherwise.
    ...['--wal-segsize', '1'],
  ]
  await run(initdb, parameters, { cwd: folder, ...userOfServers() })
  const own = `${kept}${process.pid}`
  mkdirSync(dirname(kept), { recursive: true })
  await run('cp', ['-a', data, own])
  // Another process may have been faster.
  await rename(own, kept).catch(() => rm(own, { recursive: true }))
}

/** Debian keeps its servers out of the way. */
function findProgram(name: string): string | undefined {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian).map((version) => join(debian, version, 'bin')) : []
  const folders = [...versions, ...(process.env['PATH'] ?? '').split(delimiter)]
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file))
}

/** Copies the certificate and its key for the server's user, who may be unable to read the project's folder. */
function copyCertificate(folder: string, uid: number, gid: number): void {
  for (const name of ['localhost.pem', 'localhost.key.pem']) {
    const copy = join(folder, name)
    copyFileSync(join(CERTIFICATES, name), copy)
    chownSync(copy, uid, gid)
    chmodSync(copy, 0o600)
  }
}

/** PostgreSQL refuses to run as root. */
function userOfServers(): { uid: number; gid: number } | undefined {
  const [uid = 0, gid = 0] = [process.getuid?.(), process.getgid?.()]
  if (uid !== 0) return { uid, gid }
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = ['-u', '-g'].map((option) => Number(spawnSync('id', [option, name]).stdout.toString() || NaN))
    if (uid && gid) return { uid, gid }
  }
  return undefined
}
