import { sql, type Kysely } from 'kysely'
import { TooManyAttempts } from '../../context/cell'
import type { Database, Schema } from '../../context/sql'
import type { Count, Counts, Point } from './counts'

/** Counts in the cell's database. */
export class SqlCounts implements Counts {
  readonly #database: () => Database

  constructor(database: () => Database) {
    this.#database = database
  }

  async take(counts: Count[]): Promise<Point[]> {
    // In one order everywhere, so that two attempts never deadlock on each other's rows.
    const sorted = counts.toSorted((a, b) => (a.key < b.key ? -1 : 1))
    // A refusal needs no write lock.
    const wait = await this.#secondsLeft(this.#db, sorted)
    if (wait > 0) throw new TooManyAttempts(wait)
    return this.#database().transaction(async (db) => {
      const points: Point[] = []
      for (const count of sorted) points.push(await this.#takeOne(db, count))
      return points
    })
  }

  async #takeOne(db: Kysely<Schema>, count: Count): Promise<Point> {
    const { key, limits } = count
    const time = this.#now
    const expires_at = time + limits.forgetSeconds * 1000
    const taken = await db
      .insertInto('throttles')
      .values({ key, points: 1, blocked_until: 0, expires_at })
      .onConflict((conflict) =>
        conflict
          .column('key')
          .doUpdateSet({
            points: sql<number>`case when throttles.expires_at > ${time} then throttles.points + 1 else 1 end`,
            expires_at: sql<number>`case when throttles.expires_at > ${time} then throttles.expires_at else ${expires_at} end`,
          })
          .where('throttles.blocked_until', '<=', time),
      )
      .returning('points')
      .executeTakeFirst()
    if (!taken) throw new TooManyAttempts(Math.max(await this.#secondsLeft(db, [count]), 1))

    const beyond = taken.points - limits.failures
    if (beyond < 0) return { ...count, blocksUntil: 0 }
    const blocksUntil = time + Math.min(limits.firstWaitSeconds * 2 ** beyond, limits.longestWaitSeconds) * 1000
    // A client that keeps trying must not be forgotten before its wait ends.
    await db.updateTable('throttles').set({ blocked_until: blocksUntil, expires_at }).where('key', '=', key).execute()
    return { ...count, blocksUntil }
  }

  async #secondsLeft(db: Kysely<Schema>, counts: Count[]): Promise<number> {
    const { until } = await db
      .selectFrom('throttles')
      .select(({ fn }) => fn.max<number | null>('blocked_until').as('until'))
      .where('key', 'in', keysOf(counts))
      .executeTakeFirstOrThrow()
    return Math.max(Math.ceil(((until ?? 0) - this.#now) / 1000), 0)
  }

  async giveBack(points: Point[]): Promise<void> {
    if (points.length === 0) return
    await this.#database().transaction(async (db) => {
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
    })
  }

  async reset(keys: string[]): Promise<void> {
    if (keys.length > 0) await this.#db.deleteFrom('throttles').where('key', 'in', keys).execute()
  }

  /** Writes only if less than half of the time is left. */
  async markKnown(keys: string[], seconds: number): Promise<void> {
    if (keys.length === 0) return
    const expires_at = this.#now + seconds * 1000
    await this.#db
      .insertInto('throttles')
      .values(keys.toSorted().map((key) => ({ key, points: 1, blocked_until: 0, expires_at })))
      .onConflict((conflict) =>
        conflict
          .column('key')
          .doUpdateSet({ expires_at })
          .where('throttles.expires_at', '<', expires_at - seconds * 500),
      )
      .execute()
  }

  async isKnown(key: string): Promise<boolean> {
    const query = this.#db.selectFrom('throttles').select('key').where('key', '=', key)
    return (await query.where('expires_at', '>', this.#now).executeTakeFirst()) !== undefined
  }

  /** Deletes up to `limit` expired rows. @returns how many */
  async deleteExpired(limit: number): Promise<number> {
    const expired = this.#db.selectFrom('throttles').select('key').where('expires_at', '<=', this.#now).limit(limit)
    const { numDeletedRows } = await this.#db.deleteFrom('throttles').where('key', 'in', expired).executeTakeFirst()
    return Number(numDeletedRows)
  }

  get #db(): Kysely<Schema> {
    return this.#database().query
  }

  get #now(): number {
    return this.#database().clock.now()
  }
}

function keysOf(counts: Count[]): string[] {
  return counts.map(({ key }) => key)
}
