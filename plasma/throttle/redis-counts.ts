import { TooManyAttempts } from '../../context/cell'
import { KEPT, Script, redisOf, type Redis } from '../../context/redis'
import type { ThrottleRow } from '../../context/sql'
import type { RowTarget } from '../../context/sql/row-target'
import type { Count, Counts, Point } from './counts'

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- how chemicals are typed
  namespace Organic {
    interface Chemicals {
      /** Attempts are counted in Redis, which answers. Stored. */
      RedisCounts: { data: RedisCounts }
    }
  }
}

/** Lets Redis delete what has expired. */
const EXPIRE = `redis.call('PEXPIRE', KEYS[1], math.max(expires - now, 0) + ${KEPT})`

/**
 * Takes a point: see `SqlCounts`, which has the same rules. `ARGV`: the time, `failures`, and the first wait, the
 * longest wait and the time to forget in milliseconds.
 *
 * Returns whether it was taken, and until when attempts are blocked.
 */
const TAKE = new Script(`
local now, failures = tonumber(ARGV[1]), tonumber(ARGV[2])
local first, longest, forget = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local row = redis.call('HMGET', KEYS[1], 'points', 'blocked_until', 'expires_at')
local points, blocked, expires = tonumber(row[1] or 0), tonumber(row[2] or 0), tonumber(row[3] or 0)
if blocked > now then return { 0, blocked } end
if expires <= now then points, expires = 0, now + forget end
points = points + 1
local blocks = 0
if points >= failures then
  blocks = now + math.min(first * 2 ^ (points - failures), longest)
  blocked = blocks
  expires = now + forget
end
local function whole(number) return string.format('%.0f', number) end
redis.call('HSET', KEYS[1], 'points', points, 'blocked_until', whole(blocked), 'expires_at', whole(expires))
${EXPIRE}
return { 1, blocks }`)

/** Gives a point back. `ARGV`: `failures`, and until when the point blocks. */
const GIVE_BACK = new Script(`
local row = redis.call('HMGET', KEYS[1], 'points', 'blocked_until')
if not row[1] then return end
local points = tonumber(row[1])
if points <= 1 then return redis.call('DEL', KEYS[1]) end
redis.call('HSET', KEYS[1], 'points', points - 1)
if row[2] == ARGV[2] or points <= tonumber(ARGV[1]) then redis.call('HSET', KEYS[1], 'blocked_until', 0) end`)

/** Makes a key known from `ARGV[1]` until `ARGV[2]`, unless it is known until `ARGV[3]` anyway. */
const MARK_KNOWN = new Script(`
local now, expires = tonumber(ARGV[1]), tonumber(ARGV[2])
local before = redis.call('HGET', KEYS[1], 'expires_at')
if before and tonumber(before) >= tonumber(ARGV[3]) then return end
redis.call('HSET', KEYS[1], 'expires_at', ARGV[2])
${EXPIRE}`)

/**
 * Writes a count, unless there is one that refuses more: one that lasts longer, or as long with more points. `ARGV`: the time,
 * `points`, `blocked_until` and `expires_at`.
 */
const IMPORT = new Script(`
local now, points, expires = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[4])
local row = redis.call('HMGET', KEYS[1], 'points', 'expires_at')
local kept = tonumber(row[2] or 0)
if kept > expires or (kept == expires and tonumber(row[1] or 0) >= points) then return end
redis.call('HSET', KEYS[1], 'points', ARGV[2], 'blocked_until', ARGV[3], 'expires_at', ARGV[4])
${EXPIRE}`)

/** Creates {@link RedisCounts} that can be used as soon as the plasma has its `Redis`, and stores them then. */
export function createRedisCounts(plasma: Organic.Plasma): RedisCounts {
  const counts = new RedisCounts(redisOf(plasma))
  plasma.once('Redis', () => plasma.store({ type: 'RedisCounts', data: counts }))
  return counts
}

/** Counts in the cell's Redis, each under a key of its own, which Redis deletes when the count has expired. */
export class RedisCounts implements Counts, RowTarget<ThrottleRow> {
  readonly place = 'Redis'
  readonly #redis: () => Redis

  constructor(redis: () => Redis) {
    this.#redis = redis
  }

  /**
   * A Redis Cluster has no step that takes from several keys. A point that is given back may have blocked another attempt
   * for a moment; none is admitted that should not be.
   */
  async take(counts: Count[]): Promise<Point[]> {
    // A refusal writes nothing, and tells the longest wait.
    const keys = counts.map(({ key }) => this.#keyOf(key))
    const waits = await this.#redis().readFields(keys, 'blocked_until')
    this.#refuseUntil(Math.max(...waits.map(Number)))
    const points: Point[] = []
    try {
      // In one order everywhere: of two attempts with the same counts, one gets all of them.
      for (const count of counts.toSorted((a, b) => (a.key < b.key ? -1 : 1))) points.push(await this.#takeOne(count))
      return points
    } catch (error) {
      // Those that cannot be given back stay counted.
      await this.giveBack(points).catch(() => undefined)
      throw error
    }
  }

  async #takeOne(count: Count): Promise<Point> {
    const { failures, firstWaitSeconds, longestWaitSeconds, forgetSeconds } = count.limits
    const times = [firstWaitSeconds, longestWaitSeconds, forgetSeconds].map((seconds) => seconds * 1000)
    const taken = await this.#run(TAKE, count.key, [this.#now, failures, ...times])
    const [isTaken, blocksUntil] = taken as [number, number]
    if (!isTaken) this.#refuseUntil(Math.max(blocksUntil, this.#now + 1))
    return { ...count, blocksUntil }
  }

  /** @throws {Problem} 429 if that is later than now */
  #refuseUntil(time: number): void {
    const seconds = Math.ceil((time - this.#now) / 1000)
    if (seconds > 0) throw new TooManyAttempts(seconds)
  }

  async giveBack(points: Point[]): Promise<void> {
    await Promise.all(
      points.map(({ key, limits, blocksUntil }) => this.#run(GIVE_BACK, key, [limits.failures, blocksUntil])),
    )
  }

  async reset(keys: string[]): Promise<void> {
    await Promise.all(keys.map((key) => this.#redis().run((redis) => redis.del(this.#keyOf(key)))))
  }

  /** Writes only if less than half of the time is left. */
  async markKnown(keys: string[], seconds: number): Promise<void> {
    const expiresAt = this.#now + seconds * 1000
    const parameters = [this.#now, expiresAt, expiresAt - seconds * 500]
    await Promise.all(keys.map((key) => this.#run(MARK_KNOWN, key, parameters)))
  }

  async isKnown(key: string): Promise<boolean> {
    const [expiry] = await this.#redis().readFields([this.#keyOf(key)], 'expires_at')
    return Number(expiry) > this.#now
  }

  async importRows(rows: ThrottleRow[]): Promise<void> {
    await Promise.all(
      rows.map(({ key, points, blocked_until, expires_at }) =>
        this.#run(IMPORT, key, [this.#now, points, blocked_until, expires_at]),
      ),
    )
  }

  async countImported(rows: ThrottleRow[]): Promise<number> {
    const keys = rows.map(({ key }) => this.#keyOf(key))
    const found = await this.#redis().readFields(keys, 'expires_at')
    return found.filter((expiry) => expiry !== null).length
  }

  #run(script: Script, key: string, parameters: number[]): Promise<unknown> {
    return this.#redis().runScript(script, this.#keyOf(key), parameters)
  }

  #keyOf(key: string): string {
    return this.#redis().key('throttle', key)
  }

  get #now(): number {
    return this.#redis().clock.now()
  }
}
