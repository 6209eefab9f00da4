import { createHash } from 'node:crypto'
import { RedisStore } from '../../../../plasma/express-sessions/stores/redis'
import { openReopenableRedis, type ReopenableRedis } from '../../../support/redis-server'
import type { OpenStore } from './open-store'

/** The Redis store, on a real server. */
export async function openRedisStore(
  changes?: Parameters<typeof openReopenableRedis>[0],
): Promise<OpenStore & { redis: ReopenableRedis }> {
  const redis = await openReopenableRedis(changes)
  return {
    redis,
    create: (lifetimes) => new RedisStore(redis, lifetimes),
    bytes: async () => {
      const found: unknown[] = []
      for await (const keys of redis.findKeys('*'))
        for (const key of keys) found.push(key, await redis.run((commands) => readAny(commands, key)))
      return Buffer.from(JSON.stringify(found))
    },
    corrupt: async (id) => {
      const key = redis.key('session', createHash('sha256').update(id).digest('base64url'))
      const text = "return redis.call('HSET', KEYS[1], 'data', ARGV[1])"
      await redis.run((commands) => commands.eval(text, { keys: [key], arguments: ['{ "note": the-secret-note'] }))
    },
    disconnect: () => Promise.resolve(redis.close()),
    reconnect: () => redis.reopen(),
    deletesExpired: true,
  }
}

type Commands = Parameters<Parameters<ReopenableRedis['run']>[0]>[0]

/** A hash, or a sorted set. */
function readAny(commands: Commands, key: string): Promise<unknown> {
  return commands.hGetAll(key).catch(() => commands.zRange(key, 0, -1))
}
