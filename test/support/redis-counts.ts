import { Redis, type RedisOptions } from '../../context/redis'
import { RedisCounts } from '../../plasma/throttle/redis-counts'
import { redisOptions } from './redis-server'
import type { TestedCounts } from './throttle-attempts'

/** Counts in Redis, below a prefix. */
export async function openRedisCounts(prefix: string, changes: Partial<RedisOptions> = {}): Promise<TestedCounts> {
  const redis = await Redis.open(await redisOptions({ ...changes, prefix }))
  const findKeys = async (): Promise<string[]> => {
    const found: string[] = []
    for await (const keys of redis.findKeys('throttle')) found.push(...keys)
    return found
  }
  const read = async (name: string): Promise<[key: string, value: number][]> =>
    Promise.all(
      (await findKeys()).map(async (key) => [key, Number(await redis.run((commands) => commands.hGet(key, name)))]),
    )
  return {
    counts: new RedisCounts(() => redis),
    countRows: async () => (await findKeys()).length,
    setPoints: async (points, least) => {
      for (const [key, before] of await read('points')) {
        const given = { keys: [key], arguments: [String(points)] }
        const text = "return redis.call('HSET', KEYS[1], 'points', ARGV[1])"
        if (before > least) await redis.run((commands) => commands.eval(text, given))
      }
    },
    keptUntil: async () => Math.max(...(await read('expires_at')).map(([, time]) => time)),
    close: () => Promise.resolve(redis.close()),
  }
}
