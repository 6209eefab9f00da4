import { expect } from 'chai'
import { Redis } from '../../../context/redis'
import { openRedisCounts } from '../../support/redis-counts'
import { startRedisCluster } from '../../support/redis-cluster'
import { temporaryFolder } from '../../support/temporary-folder'
import { needRedisServer, NO_REDIS_SERVER, redisOptions, type RedisServer } from '../../support/redis-server'
import { rejectionOf } from '../../support/rejection'
import { until } from '../../support/until'
import { describeEnds } from '../../plasma/express-sessions/stores/ending.contract'
import { describeLifetimes } from '../../plasma/express-sessions/stores/lifetime.contract'
import { TestedStore } from '../../plasma/express-sessions/stores/open-store'
import { describeOwnersOfSessions } from '../../plasma/express-sessions/stores/owners.contract'
import { openRedisStore } from '../../plasma/express-sessions/stores/redis'
import { describeSavedSessions } from '../../plasma/express-sessions/stores/saving.contract'
import { describeAttempts } from '../../plasma/throttle/attempts.contract'

describe(`with Redis (${NO_REDIS_SERVER})`, () => {
  needRedisServer()
  // Nested, so that the hooks of pending tests do not run.
  describe('a Redis Cluster of three nodes', describeCluster)
})

function describeCluster(): void {
  let servers: RedisServer[]
  before(async () => {
    servers = await startRedisCluster()
  })
  after(() => Promise.all(servers.map((server) => server.stop())))

  const here = (): { url: string; cluster: true } => ({ url: servers[0]?.url ?? '', cluster: true })

  describe('keeps sessions: it', () => {
    const tested = new TestedStore(() => openRedisStore(here()))
    describeSavedSessions(tested)
    describeLifetimes(tested)
    describeOwnersOfSessions(tested)
    describeEnds(tested)

    it('spreads them over its nodes', async () => {
      const calls = tested.create()
      await calls.store.endAll()
      for (let count = 0; count < 30; count += 1) await calls.create({ ownerId: crypto.randomUUID() })
      const sizes = await Promise.all(servers.map((server) => server.command('DBSIZE')))
      expect(sizes.every((size) => Number(size) > 0)).to.equal(true)
      expect(await calls.store.count()).to.equal(30)
      await calls.store.endAll()
      expect(await calls.store.count()).to.equal(0)
    })
  })

  it('finds the node of a slot that had none when it connected', async () => {
    const key = 'of-no-node'
    const slot = String(await servers[0]?.command('CLUSTER', 'KEYSLOT', key))
    // One that has heard of its node again in between knows it again.
    const isAssigned = async (server: RedisServer): Promise<boolean> =>
      String(await server.command('CLUSTER', 'INFO')).includes('cluster_slots_assigned:16384')
    await until(async () => {
      for (const server of servers)
        if (await isAssigned(server)) await server.command('CLUSTER', 'DELSLOTS', slot).catch(() => undefined)
      return !(await Promise.all(servers.map(isAssigned))).includes(true)
    })
    const redis = await Redis.open(await redisOptions(here()))
    try {
      const write = (): Promise<unknown> =>
        redis.run((commands) => commands.eval("return redis.call('SET', KEYS[1], 1)", { keys: [key] }))
      const error = await rejectionOf(write)
      expect(error).to.include({ status: 503, code: 'STORE_UNAVAILABLE' })
      expect((error.cause as Error).message).to.match(/no node of the cluster has the slot of this key$/)
      await servers[0]?.command('CLUSTER', 'ADDSLOTS', slot)
      await until(() => write().then(Boolean, () => false))
    } finally {
      redis.close()
    }
  })

  describe('counts attempts, which', () => {
    describeAttempts(temporaryFolder, (prefix) => openRedisCounts(prefix, here()))
  })
}
