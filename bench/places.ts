import { sql, SqliteAdapter, type RawBuilder } from 'kysely'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { Redis, Script } from '../context/redis'
import { Database } from '../context/sql'
import type { SessionStore } from '../context/cell'
import { RedisStore } from '../plasma/express-sessions/stores/redis'
import { SqlStore } from '../plasma/express-sessions/stores/sql'
import { cellFolder } from '../test/support/cell'
import { canStartPostgres, PostgresServer, queryPostgres } from '../test/support/postgres'
import { commandAt, RedisServer } from '../test/support/redis-server'

/** Long enough that no session of a run expires by itself. */
const LIFETIMES = { idle: 12 * 3600 * 1000, absolute: 24 * 3600 * 1000, touch: 0 }
/** DNA of cells that are measured. */
const SESSIONS = {
  secret: '{$COOKIE_SECRET}',
  idleSeconds: LIFETIMES.idle / 1000,
  absoluteSeconds: LIFETIMES.absolute / 1000,
  // A request that writes "last used" costs more. How many do depends on how the load is made, not on the store.
  touchSeconds: LIFETIMES.idle / 1000 - 1,
  cleanupSeconds: 24 * 3600,
}
/** Copies the session under the key, and names the copies in their owners' sets, as the store does. */
const COPY = new Script(`
local row, ttl = redis.call('HGETALL', KEYS[1]), redis.call('PTTL', KEYS[1])
for _, copy in ipairs(cjson.decode(ARGV[2])) do
  local key, set, hash, owner, age = unpack(copy)
  local expires
  redis.call('HSET', key, unpack(row))
  for index = 1, #row, 2 do
    local column, value = row[index], row[index + 1]
    if column == 'family' then redis.call('HSET', key, column, hash)
    elseif column == 'owner_id' then redis.call('HSET', key, column, owner)
    elseif column == 'data' then redis.call('HSET', key, column, (value:gsub(ARGV[1]:gsub('-', '%%-'), owner)))
    elseif column:sub(-3) == '_at' then
      redis.call('HSET', key, column, string.format('%d', tonumber(value) - age))
      if column == 'expires_at' then expires = tonumber(value) - age end
    end
  end
  redis.call('PEXPIRE', key, ttl)
  redis.call('ZADD', set, expires, hash)
  redis.call('PEXPIRE', set, ttl)
end`)

/** Where the data of a cell is, in its folder. */
const DATA = 'data'

/** The kinds of session stores, by the names that the reports give them. */
export type PlaceKind = 'SQLite' | 'PostgreSQL' | 'Redis'

/** Where the sessions and owners of some cells are: empty at first, and for nobody else. */
export interface Place {
  readonly kind: PlaceKind
  /** Working directory of the cells, with their DNA. */
  readonly folder: string
  readonly env: Record<string, string>
  /** The processes of its servers. */
  readonly pids: number[]
  /** Opens it, beside the cells. One of them must have started before. */
  open(): Promise<OpenPlace>
}

/** A session that a cell has written. */
export interface Template {
  ownerId: string
  idHash: string
  /** Milliseconds since 1970. */
  expiresAt: number
}

/** What a copy of a session has of its own. */
export interface Copy {
  idHash: string
  ownerId: string
  /** Of the owner. */
  name: string
  /** Milliseconds by which the copy is older. */
  age: number
}

/** The connections of a {@link Place}. */
export interface OpenPlace {
  readonly database: Database
  readonly sessions: SessionStore
  /** Copies a session and its owner. */
  copy(template: Template, copies: Copy[]): Promise<void>
  /** Does what a server does by itself some time after many rows were written. */
  settle(): Promise<void>
  close(): Promise<void>
}

/** The DNA that a place's cells need, by the file below `dna/`. */
type Changes = Record<string, object>

/** The secret that signs the cookies of all cells. */
export const COOKIE_SECRET = 'secret of nobody but the benchmarks'

/** Makes places, on servers that it starts when they are first needed. */
export class Places {
  #postgres: Promise<PostgresServer> | undefined
  #databases = 0

  /** @param sessionsDna changes to that of `plasma/express-sessions` */
  async create(kind: PlaceKind, sessionsDna: object = {}): Promise<Place> {
    const changes = { 'dna/_bench/plasma/express-sessions.json': { ...SESSIONS, ...sessionsDna } }
    if (kind === 'SQLite') return createSqlite(changes)
    const postgres = await (this.#postgres ??= startPostgres())
    this.#databases += 1
    const url = await createDatabase(postgres, `bench_${this.#databases}`)
    return kind === 'PostgreSQL' ? createPostgres(url, changes) : createRedis(url, changes)
  }
}

/** Whether this machine has what a place needs. */
export function canCreate(kind: PlaceKind): boolean {
  return kind === 'SQLite' || (canStartPostgres() && (kind === 'PostgreSQL' || RedisServer.canStart()))
}

function createSqlite(changes: Changes): Place {
  const folder = cellFolder(changes)
  return {
    kind: 'SQLite',
    folder,
    env: envOf('_test+_bench'),
    pids: [],
    open: async () => {
      const database = await Database.open(join(folder, DATA, 'cell.db'))
      // For what is written here, not in the cells.
      await sql`pragma synchronous = off`.execute(database.query)
      return openSql(database, () => Promise.resolve())
    },
  }
}

async function createPostgres(url: string, changes: Changes): Promise<Place> {
  const folder = cellFolder({ ...changes, 'dna/_bench/plasma/database.json': { url: '{$DATABASE_URL}' } })
  return {
    kind: 'PostgreSQL',
    folder,
    env: { ...envOf('_test+_bench'), DATABASE_URL: url },
    pids: [await postmasterOf(url)],
    open: async () => openSql(await Database.open({ url, statementSeconds: 600 }), () => settlePostgres(url)),
  }
}

/** Owners are in PostgreSQL, as under `_cluster`. */
async function createRedis(databaseUrl: string, changes: Changes): Promise<Place> {
  // A server of its own: a server has one table of all keys, whatever they begin with.
  const { url } = await RedisServer.start()
  return {
    kind: 'Redis',
    folder: cellFolder(changes),
    env: { ...envOf('_cluster+_test+_bench'), DATABASE_URL: databaseUrl, REDIS_URL: url },
    pids: [await postmasterOf(databaseUrl), await processOf(url)],
    open: async () => {
      const database = await Database.open({ url: databaseUrl, statementSeconds: 600 })
      const times = { connectTimeout: 60_000, commandTimeout: 60_000, waitSeconds: 60 }
      const redis = await Redis.open({ url, cluster: false, prefix: 'cell:', ...times })
      const store = new RedisStore(redis, LIFETIMES)
      return {
        database,
        sessions: store,
        copy: async (template, copies) => {
          await copyOwners(database, template, copies)
          const keys = copies.map(({ idHash, ownerId, age }) => [
            redis.key('session', idHash),
            redis.key('owner', createHash('sha256').update(ownerId).digest('base64url')),
            ...[idHash, ownerId, age],
          ])
          const given = [template.ownerId, JSON.stringify(keys)]
          await redis.runScript(COPY, redis.key('session', template.idHash), given)
        },
        settle: () => settlePostgres(databaseUrl),
        close: async () => {
          redis.close()
          await database.close()
        },
      }
    },
  }
}

function openSql(database: Database, settle: () => Promise<void>): OpenPlace {
  return {
    database,
    sessions: new SqlStore(database, LIFETIMES),
    copy: async (template, copies) => {
      await copyOwners(database, template, copies)
      await copyRows(database, template, copies)
    },
    settle,
    close: () => database.close(),
  }
}

async function copyOwners(database: Database, { ownerId }: Template, copies: Copy[]): Promise<void> {
  await sql`
    insert into owners (id, kind, own_name, name_key, name, email, password_hash, trust_point, disabled_at,
      security_stamp, created_at, updated_at)
    select copy.owner_id, kind, copy.own_name, copy.own_name, name, email, password_hash, trust_point, disabled_at,
      security_stamp, created_at, updated_at
    from owners one, ${asTable(database, copies)} copy where one.id = ${ownerId}`.execute(database.query)
}

async function copyRows(database: Database, { idHash }: Template, copies: Copy[]): Promise<void> {
  await sql`
    insert into sessions (id_hash, family, owner_id, data, address, agent, created_at, seen_at, expires_at)
    select copy.id_hash, copy.id_hash, copy.owner_id, replace(data, one.owner_id, copy.owner_id), address, agent,
      created_at - age, seen_at - age, expires_at - age
    from sessions one, ${asTable(database, copies)} copy where one.id_hash = ${idHash}`.execute(database.query)
}

/** One parameter, however many copies. */
function asTable({ query }: Database, copies: Copy[]): RawBuilder<unknown> {
  const list = JSON.stringify(copies.map(({ idHash, ownerId, name, age }) => [idHash, ownerId, name, age]))
  const isSqlite = query.getExecutor().adapter instanceof SqliteAdapter
  const rows = isSqlite ? sql`json_each(${list})` : sql`json_array_elements(${list}::json)`
  const age = isSqlite ? sql`integer` : sql`bigint`
  return sql`(select value->>0 as id_hash, value->>1 as owner_id, value->>2 as own_name, cast(value->>3 as ${age}) as age
    from ${rows})`
}

function envOf(mode: string): Record<string, string> {
  return { CELL_MODE: mode, CELL_DATA: DATA, COOKIE_SECRET }
}

/** With `fsync`, which the tests go without: writes must cost what they cost. */
async function startPostgres(): Promise<PostgresServer> {
  const server = await PostgresServer.start()
  await server.stop()
  await server.start('fsync=on')
  return server
}

async function createDatabase(server: PostgresServer, name: string): Promise<string> {
  await queryPostgres(server.url(), `create database ${name}`)
  return server.url(name)
}

async function settlePostgres(url: string): Promise<void> {
  await queryPostgres(url, 'vacuum analyze')
  await queryPostgres(url, 'checkpoint')
}

async function postmasterOf(url: string): Promise<number> {
  const [row] = (await queryPostgres(url, "select pg_read_file('postmaster.pid') as lines")) as { lines: string }[]
  return parseInt(row?.lines ?? '')
}

async function processOf(url: string): Promise<number> {
  const info = String(await commandAt(url, 'INFO', 'server'))
  return Number(/^process_id:(\d+)/m.exec(info)?.[1])
}
