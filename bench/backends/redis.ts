import { createHash } from 'node:crypto'
import { Redis, Script } from '../../context/redis'
import { Database } from '../../context/sql'
import { RedisStore } from '../../plasma/express-sessions/stores/redis'
import { cellFolder } from '../../test/support/cell'
import { commandAt, RedisServer } from '../../test/support/redis-server'
import { environmentOf, LIFETIMES, type Backend, type DnaFiles } from './backend'
import { processOfPostgres, settlePostgres } from './postgres'
import { copyOwners } from './sql-copies'

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

/** Owners are in PostgreSQL, as under `_cluster`. */
export async function createRedisBackend(databaseUrl: string, changes: DnaFiles): Promise<Backend> {
  // A server of its own: a server has one table of all keys, whatever they begin with.
  const { url } = await RedisServer.start()
  return {
    kind: 'Redis',
    folder: cellFolder(changes),
    env: { ...environmentOf('_cluster+_test+_bench'), DATABASE_URL: databaseUrl, REDIS_URL: url },
    pids: [await processOfPostgres(databaseUrl), await processOfRedis(url)],
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

async function processOfRedis(url: string): Promise<number> {
  const info = String(await commandAt(url, 'INFO', 'server'))
  return Number(/^process_id:(\d+)/m.exec(info)?.[1])
}
