import { sql, type Kysely } from 'kysely'
import { createHash } from 'node:crypto'
import { now } from '../../context/cell/clock'
import { database, type Schema } from '../../context/sql'
import { Problem } from '../../context/cell'
import type { Limits } from './dna'

/** What a count is of. `pair`: one account, from an address that has logged in to it before. */
export type Scope = 'account' | 'pair' | 'address' | 'registration'

/** One of the counts that an attempt adds to. */
export interface Count {
  scope: Scope
  /** As {@link keyOf} makes it. */
  key: string
  limits: Limits
}

/** A point that an attempt has taken. */
export interface Point extends Count {
  /** Until when it blocks other attempts, in milliseconds since 1970. 0 for a free one. */
  blocksUntil: number
}

type Db = Kysely<Schema>

const keysOf = (counts: Count[]): string[] => counts.map(({ key }) => key)

/** The key of a row: a hash, so that the table names nobody. */
export function keyOf(...parts: string[]): string {
  return createHash('sha256').update(parts.join(' ')).digest('base64url')
}

/** The error of a refused attempt. @param retryAfter seconds */
export function tooManyAttempts(retryAfter: number): Problem {
  return new Problem(429, 'TOO_MANY_ATTEMPTS', 'Too many attempts. Try again later.', { retryAfter })
}

/**
 * Takes a point from every count, or from none if one of them is blocked. Atomic across all processes on the database:
 * from the `failures`-th point on, each point blocks other attempts until its wait ends or it is given back.
 *
 * @throws {Problem} 429 with the seconds to wait
 */
export async function takePoints(counts: Count[]): Promise<Point[]> {
  // In one order everywhere, so that two attempts never deadlock on each other's rows.
  const sorted = counts.toSorted((a, b) => (a.key < b.key ? -1 : 1))
  // A refusal needs no write lock.
  const wait = await secondsLeft(database(), sorted)
  if (wait > 0) throw tooManyAttempts(wait)
  return database()
    .transaction()
    .execute(async (db) => {
      const points: Point[] = []
      for (const count of sorted) points.push(await takePoint(db, count))
      return points
    })
}

async function takePoint(db: Db, count: Count): Promise<Point> {
  const { key, limits } = count
  const time = now()
  const forgottenAt = time + limits.forgetSeconds * 1000
  const taken = await db
    .insertInto('throttles')
    .values({ key, points: 1, blocked_until: 0, expires_at: forgottenAt })
    .onConflict((conflict) =>
      conflict
        .column('key')
        .doUpdateSet({
          points: sql<number>`case when throttles.expires_at > ${time} then throttles.points + 1 else 1 end`,
          expires_at: sql<number>`case when throttles.expires_at > ${time} then throttles.expires_at else ${forgottenAt} end`,
        })
        .where('throttles.blocked_until', '<=', time),
    )
    .returning('points')
    .executeTakeFirst()
  if (!taken) throw tooManyAttempts(Math.max(await secondsLeft(db, [count]), 1))

  const beyond = taken.points - limits.failures
  if (beyond < 0) return { ...count, blocksUntil: 0 }
  const blocksUntil = time + Math.min(limits.firstWaitSeconds * 2 ** beyond, limits.longestWaitSeconds) * 1000
  // A client that keeps trying must not be forgotten before its wait ends.
  await db
    .updateTable('throttles')
    .set({ blocked_until: blocksUntil, expires_at: forgottenAt })
    .where('key', '=', key)
    .execute()
  return { ...count, blocksUntil }
}

async function secondsLeft(db: Db, counts: Count[]): Promise<number> {
  const { until } = await db
    .selectFrom('throttles')
    .select(({ fn }) => fn.max<number | null>('blocked_until').as('until'))
    .where('key', 'in', keysOf(counts))
    .executeTakeFirstOrThrow()
  return Math.max(Math.ceil(((until ?? 0) - now()) / 1000), 0)
}

/** Gives points back, and lifts the waits that they caused. */
export async function giveBack(db: Db, points: Point[]): Promise<void> {
  if (points.length === 0) return
  for (const { key, limits, blocksUntil } of points) {
    await db
      .updateTable('throttles')
      .set({
        points: sql<number>`points - 1`,
        blocked_until: sql<number>`case when blocked_until = ${blocksUntil} or points <= ${limits.failures} then 0 else blocked_until end`,
      })
      .where('key', '=', key)
      .execute()
  }
  // Empty rows would pile up.
  await db.deleteFrom('throttles').where('key', 'in', keysOf(points)).where('points', '<=', 0).execute()
}

/** Resets these counts to zero. */
export async function forget(db: Db, counts: Count[]): Promise<void> {
  if (counts.length === 0) return
  await db.deleteFrom('throttles').where('key', 'in', keysOf(counts)).execute()
}

/** Whether {@link remember} has stored this key, and it has not expired. */
export async function isRemembered(key: string): Promise<boolean> {
  const row = await database()
    .selectFrom('throttles')
    .select('key')
    .where('key', '=', key)
    .where('expires_at', '>', now())
    .executeTakeFirst()
  return row !== undefined
}

/** Stores a key for this many seconds. Writes only if less than half of that time is left. */
export async function remember(db: Db, key: string, seconds: number): Promise<void> {
  const time = now()
  const expires_at = time + seconds * 1000
  await db
    .insertInto('throttles')
    .values({ key, points: 1, blocked_until: 0, expires_at })
    .onConflict((conflict) =>
      conflict
        .column('key')
        .doUpdateSet({ expires_at })
        .where('throttles.expires_at', '<', time + seconds * 500),
    )
    .execute()
}

/** Deletes up to `limit` expired rows. @returns how many */
export async function deleteExpired(limit: number): Promise<number> {
  const expired = database().selectFrom('throttles').select('key').where('expires_at', '<=', now()).limit(limit)
  const { numDeletedRows } = await database().deleteFrom('throttles').where('key', 'in', expired).executeTakeFirst()
  return Number(numDeletedRows)
}
