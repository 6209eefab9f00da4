import { sql, type Kysely } from 'kysely'
import { createHash } from 'node:crypto'
import { RateLimiterRes } from 'rate-limiter-flexible'
import RateLimiterStoreAbstract from 'rate-limiter-flexible/lib/RateLimiterStoreAbstract'
import { now } from '../../context/clock'
import { database, prepare, type Schema, type ThrottleRow } from '../../context/database'

type Points = Pick<ThrottleRow, 'points' | 'expires_at'>

/** What rate-limiter-flexible hands on to its store: a transaction, where the call is part of one. */
export interface LimiterOptions {
  db?: Kysely<Schema>
}

const findRow = prepare((db) => db.selectFrom('throttles').select(['points', 'expires_at']).where('key', '=', '').where('expires_at', '>', 0))

/** rate-limiter-flexible on the cell's database. Its keys are hashed: the table names nobody. */
export class SqlLimiter extends RateLimiterStoreAbstract {
  /**
   * @param keyPrefix what is counted
   * @param points that a key may have
   * @param duration seconds until they are forgotten
   */
  constructor(keyPrefix: string, points: number, duration: number) {
    super({ keyPrefix, points, duration, storeClient: undefined })
  }

  async _upsert(key: string, points: number, milliseconds: number, replaces: boolean, { db = database() }: LimiterOptions): Promise<Points> {
    const time = now()
    const row = { points, expires_at: time + milliseconds }
    return db
      .insertInto('throttles')
      .values({ key: hashOf(key), ...row })
      .onConflict((conflict) =>
        conflict.column('key').doUpdateSet(
          replaces
            ? row
            : {
                points: sql<number>`case when throttles.expires_at > ${time} then throttles.points + ${points} else ${points} end`,
                expires_at: sql<number>`case when throttles.expires_at > ${time} then throttles.expires_at else ${row.expires_at} end`,
              },
        ),
      )
      .returning(['points', 'expires_at'])
      .executeTakeFirstOrThrow()
  }

  async _get(key: string): Promise<Points | null> {
    const [row] = await findRow(hashOf(key), now())
    return row ?? null
  }

  async _delete(key: string, { db = database() }: LimiterOptions): Promise<boolean> {
    const { numDeletedRows } = await db.deleteFrom('throttles').where('key', '=', hashOf(key)).executeTakeFirst()
    return numDeletedRows > 0n
  }

  _getRateLimiterRes(_key: string, changed: number, { points, expires_at }: Points): RateLimiterRes {
    return new RateLimiterRes(Math.max(this.points - points, 0), Math.max(expires_at - now(), 0), points, points === changed)
  }
}

/** Deletes some of what is forgotten. @returns how many */
export async function deleteForgotten(limit: number): Promise<number> {
  const forgotten = database().selectFrom('throttles').select('key').where('expires_at', '<=', now()).limit(limit)
  const { numDeletedRows } = await database().deleteFrom('throttles').where('key', 'in', forgotten).executeTakeFirst()
  return Number(numDeletedRows)
}

function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('base64url')
}
