import { createHash } from 'node:crypto'
import { StoreUnavailable } from '../../../context/cell'
import { KEPT, Script, type Redis } from '../../../context/redis'
import type { SessionRow } from '../../../context/sql'
import type { RowTarget } from '../../../context/sql/row-target'
import type { Lifetimes } from '../lifetime'
import { LONGEST_LIST, RowStore } from './row-store'

/** How many sessions are read or ended at once. */
const BATCH = 500

/** Writes `ARGV[2]` pairs of columns and values, deletes the columns after them, and lets the row live for `ARGV[1]` ms. */
const WRITE = `
local last = 2 + 2 * tonumber(ARGV[2])
redis.call('HSET', KEYS[1], unpack(ARGV, 3, last))
if #ARGV > last then redis.call('HDEL', KEYS[1], unpack(ARGV, last + 1)) end
redis.call('PEXPIRE', KEYS[1], ARGV[1])`

/** If there is a row, it keeps its family and creation time. */
const CREATE = new Script(`
local kept = redis.call('HMGET', KEYS[1], 'family', 'created_at')
${WRITE}
if kept[2] then redis.call('HSET', KEYS[1], 'family', kept[1], 'created_at', kept[2]) end`)

/** Returns whether there was no row. */
const ADD = new Script(`
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
${WRITE}
return 1`)

/** Writes a row that was last seen at the last of `ARGV`, unless there is one that was seen later. */
const IMPORT = new Script(`
local seen, found = tonumber(table.remove(ARGV)), redis.call('HGET', KEYS[1], 'seen_at')
if found and tonumber(found) >= seen then return end
${WRITE}`)

/** Returns the owner, if the row exists and has not expired. `ARGV` ends with the time. */
const UPDATE = new Script(`
local expires = redis.call('HGET', KEYS[1], 'expires_at')
if not expires or tonumber(expires) <= tonumber(table.remove(ARGV)) then return false end
${WRITE}
return redis.call('HGET', KEYS[1], 'owner_id')`)

/**
 * Deletes a row that has not expired at `ARGV[1]`. If there are more arguments, only if its owner is `ARGV[2]`, and its family
 * is `ARGV[4]` (`ARGV[3]` is `only`) or is not (`except`). Returns its family and its owner.
 */
const END = new Script(`
local row = redis.call('HMGET', KEYS[1], 'expires_at', 'family', 'owner_id')
if not row[1] or tonumber(row[1]) <= tonumber(ARGV[1]) then return false end
if ARGV[2] and row[3] ~= ARGV[2] then return false end
if ARGV[3] == 'only' and row[2] ~= ARGV[4] then return false end
if ARGV[3] == 'except' and row[2] == ARGV[4] then return false end
redis.call('DEL', KEYS[1])
return { row[2], row[3] }`)

/** Adds the session `ARGV[1]`, which expires at `ARGV[2]`, to an owner's, for `ARGV[3]` ms; drops those that expired by `ARGV[4]`. */
const INDEX = new Script(`
redis.call('ZADD', KEYS[1], 'GT', ARGV[2], ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[4])
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[3]) then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end`)

/**
 * Keeps sessions in Redis, each as a hash of its own, which Redis deletes when it expires. What changes a session is one
 * script on one key, so that sessions can be on different machines.
 *
 * A sorted set per owner names the owner's sessions. A session is added before its row is written, and whoever reads the set
 * looks at the rows, so it may name too many, and never too few.
 */
export class RedisStore extends RowStore implements RowTarget<SessionRow> {
  readonly place = 'Redis'
  readonly #redis: Redis

  constructor(redis: Redis, lifetimes: Lifetimes) {
    super(redis.clock, lifetimes)
    this.#redis = redis
  }

  async endOwnerSessions(
    ownerId: string,
    { only, except }: { only?: string; except?: string } = {},
  ): Promise<string[]> {
    const ended: string[] = []
    const filters = [...(only === undefined ? [] : ['only', only]), ...(except === undefined ? [] : ['except', except])]
    // One that is being replaced can hide from the first pass: its successor was not there yet, and then it was gone.
    for (let pass = 1; pass <= 2; pass += 1) {
      for (const hashes of await this.#findHashes(ownerId)) {
        const handles = await Promise.all(hashes.map((idHash) => this.#end(idHash, this.now(), ownerId, ...filters)))
        ended.push(...handles.filter((handle) => handle !== undefined))
      }
    }
    return ended
  }

  /** Looks at every session, so it is slow. */
  async count(): Promise<number> {
    let count = 0
    for await (const keys of this.#redis.findKeys('session')) {
      const expiries = await this.#redis.readFields(keys, 'expires_at')
      count += expiries.filter((expiry) => Number(expiry) > this.now()).length
    }
    return count
  }

  async endAll(): Promise<void> {
    // As in endOwnerSessions.
    for (let pass = 1; pass <= 2; pass += 1) {
      for await (const keys of this.#redis.findKeys('session')) {
        await Promise.all(keys.map((key) => this.#redis.run((redis) => redis.del(key))))
      }
    }
  }

  /** Redis does that. */
  deleteExpired(): Promise<number> {
    return Promise.resolve(0)
  }

  async importRows(rows: SessionRow[]): Promise<void> {
    await Promise.all(
      rows.map(async (row) => {
        await this.#index(row.owner_id, row.id_hash, row.expires_at)
        await this.#redis.runScript(IMPORT, this.#keyOf(row.id_hash), [...this.#written(row), row.seen_at])
      }),
    )
  }

  async countImported(rows: SessionRow[]): Promise<number> {
    const keys = rows.map((row) => this.#keyOf(row.id_hash))
    const found = await this.#redis.readFields(keys, 'expires_at')
    return found.filter((expiry) => expiry !== null).length
  }

  protected async findRow(idHash: string): Promise<SessionRow | undefined> {
    const columns = await this.#redis.run((redis) => redis.hGetAll(this.#keyOf(idHash)))
    // Evicted ones are gone as well: whoever has lost their session is logged out.
    if (columns['expires_at'] === undefined) return undefined
    const row = rowOf(idHash, columns)
    return row.expires_at > this.now() ? row : undefined
  }

  protected async createRow(row: SessionRow): Promise<void> {
    await this.#index(row.owner_id, row.id_hash, row.expires_at)
    await this.#redis.runScript(CREATE, this.#keyOf(row.id_hash), this.#written(row))
  }

  protected async updateRow(idHash: string, change: Partial<SessionRow>): Promise<void> {
    const { owner_id, expires_at = 0 } = change
    await this.#index(owner_id, idHash, expires_at)
    const parameters = [...this.#written(change), this.now()]
    const owner = await this.#redis.runScript(UPDATE, this.#keyOf(idHash), parameters)
    // Redis may have lost the owner's set, or be about to delete it.
    if (owner_id === undefined && typeof owner === 'string') await this.#index(owner, idHash, expires_at)
  }

  protected async deleteRow(idHash: string): Promise<void> {
    await this.#end(idHash, 0)
  }

  protected async replaceRow(idHash: string, row: SessionRow): Promise<boolean> {
    // Nobody knows the id of the successor yet. Whoever ends the session ends the successor, or keeps it from lasting.
    await this.#index(row.owner_id, row.id_hash, row.expires_at)
    const isNew = await this.#redis.runScript(ADD, this.#keyOf(row.id_hash), this.#written(row))
    if (isNew !== 1) throw new StoreUnavailable('A session cannot be replaced.')
    if ((await this.#end(idHash, this.now())) !== undefined) return true
    await this.deleteRow(row.id_hash)
    return false
  }

  protected async findOwnerRows(ownerId: string): Promise<SessionRow[]> {
    let rows: SessionRow[] = []
    for (const hashes of await this.#findHashes(ownerId)) {
      const found = await Promise.all(hashes.map((idHash) => this.findRow(idHash)))
      const own = found.filter((row) => row !== undefined && row.owner_id === ownerId) as SessionRow[]
      rows = [...rows, ...own].sort((one, other) => other.seen_at - one.seen_at).slice(0, LONGEST_LIST)
    }
    return rows
  }

  /** @returns the family of the row that it has deleted */
  async #end(idHash: string, ...parameters: (string | number)[]): Promise<string | undefined> {
    const ended = await this.#redis.runScript(END, this.#keyOf(idHash), parameters)
    if (!Array.isArray(ended)) return undefined
    const [family, owner] = ended as [family: string, owner: string | null]
    // The session has ended even if this fails: the set may name too many.
    if (owner !== null) await this.#redis.run((redis) => redis.zRem(this.#ownerKey(owner), idHash)).catch(() => 0)
    return family
  }

  async #index(owner: string | null | undefined, idHash: string, expiresAt: number): Promise<void> {
    if (typeof owner !== 'string') return
    const parameters = [idHash, expiresAt, this.#ttlOf(expiresAt), this.now() - KEPT]
    await this.#redis.runScript(INDEX, this.#ownerKey(owner), parameters)
  }

  /** The hashes of an owner's sessions, and of some that are over, in batches. */
  async #findHashes(ownerId: string): Promise<string[][]> {
    const hashes = await this.#redis.run((redis) => redis.zRange(this.#ownerKey(ownerId), 0, -1))
    const count = Math.ceil(hashes.length / BATCH)
    return Array.from({ length: count }, (_, index) => hashes.slice(index * BATCH, (index + 1) * BATCH))
  }

  /** What {@link WRITE} takes. */
  #written({ id_hash: _hash, ...columns }: Partial<SessionRow>): (string | number)[] {
    const entries = Object.entries(columns)
    const values = entries.filter((entry): entry is [string, string | number] => entry[1] !== null)
    const nulls = entries.filter(([, value]) => value === null).map(([column]) => column)
    return [this.#ttlOf(columns.expires_at ?? 0), values.length, ...values.flat(), ...nulls]
  }

  #ttlOf(expiresAt: number): number {
    return Math.max(expiresAt - this.now(), 0) + KEPT
  }

  #keyOf(idHash: string): string {
    return this.#redis.key('session', idHash)
  }

  /** Ids of owners are of any length, and may have characters that mean something to a cluster. */
  #ownerKey(ownerId: string): string {
    return this.#redis.key('owner', createHash('sha256').update(ownerId).digest('base64url'))
  }
}

function rowOf(idHash: string, columns: Record<string, string>): SessionRow {
  const { family = null, owner_id = null, data, address = null, agent = null } = columns
  const [created_at, seen_at, expires_at] = ['created_at', 'seen_at', 'expires_at'].map((name) => Number(columns[name]))
  if (data === undefined || !created_at || !seen_at || !expires_at) {
    throw new StoreUnavailable('A session cannot be read.')
  }
  return { id_hash: idHash, family, owner_id, data, address, agent, created_at, seen_at, expires_at }
}
