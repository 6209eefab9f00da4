import { expect } from 'chai'
import { Redis } from '../../../context/redis'
import { keepErrorLog } from '../../support/error-log'
import { findFreePort } from '../../support/listening'
import { openRedisCounts } from '../../support/redis-counts'
import { startRedisCluster } from '../../support/redis-cluster'
import { temporaryFolder } from '../../support/temporary-folder'
import { needRedisServer, NO_REDIS_SERVER, redisOptions, RedisServer } from '../../support/redis-server'
import { rejectionOf } from '../../support/rejection'
import { until } from '../../support/until'
import { describeEnds } from '../../plasma/express-sessions/stores/ending.contract'
import { describeLifetimes } from '../../plasma/express-sessions/stores/lifetime.contract'
import { TestedStore } from '../../plasma/express-sessions/stores/open-store'
import { describeOwnersOfSessions } from '../../plasma/express-sessions/stores/owners.contract'
import { openRedisStore } from '../../plasma/express-sessions/stores/redis'
import { describeSavedSessions } from '../../plasma/express-sessions/stores/saving.contract'
import { describeAttempts } from '../../plasma/throttle/attempts.contract'

/** A key of the first slot. */
const KEY_IN_SLOT_0 = 'key3444'

describe(`with Redis (${NO_REDIS_SERVER})`, () => {
  needRedisServer()
  keepErrorLog()
  // Nested, so that the hooks of pending tests do not run.
  describe('a Redis Cluster of three nodes', describeCluster)

  it('asks a Redis Cluster again for a slot that had no node', async () => {
    const { server } = await startNode()
    const opening = Redis.open(await redisOptions({ url: server.url, cluster: true }))
    // It has asked once, while no node had a slot.
    await until(async () => String(await server.command('INFO', 'commandstats')).includes('cluster|slots'))
    await server.command('CLUSTER', 'ADDSLOTSRANGE', '1', '16383')
    const redis = await opening
    try {
      const write = (): Promise<unknown> =>
        redis.run((commands) => commands.eval("return redis.call('SET', KEYS[1], 1)", { keys: [KEY_IN_SLOT_0] }))
      const error = await rejectionOf(write)
      expect(error).to.include({ status: 503, code: 'STORE_UNAVAILABLE' })
      expect((error.cause as Error).message).to.match(/no node of the cluster has the slot of this key$/)
      await server.command('CLUSTER', 'ADDSLOTS', '0')
      await until(() => write().then(Boolean, () => false))
    } finally {
      redis.close()
      await server.stop()
    }
  })

  it('keeps what it knows of a Redis Cluster when a node that it asks has lost everything', async () => {
    const [at, kept] = await Promise.all([startNode(), startNode()])
    await kept.server.command('CLUSTER', 'ADDSLOTSRANGE', '1', '16383')
    await at.server.command('CLUSTER', 'MEET', '127.0.0.1', String(kept.server.port), String(kept.bus))
    await until(async () => String(await at.server.command('CLUSTER', 'INFO')).includes('cluster_slots_assigned:16383'))
    const redis = await Redis.open(await redisOptions({ url: at.server.url, cluster: true }))
    try {
      const write = (key: string): Promise<unknown> =>
        redis.run((commands) => commands.eval("return redis.call('SET', KEYS[1], 1)", { keys: [key] }))
      await until(() => write('of another slot').then(Boolean, () => false))
      const lost = String(await at.server.command('CLUSTER', 'MYID'))
      await at.server.command('CLUSTER', 'RESET', 'HARD')
      await kept.server.command('CLUSTER', 'FORGET', lost)
      await at.server.command('CONFIG', 'RESETSTAT')
      const timesAsked = async (): Promise<number> =>
        Number(/cluster\|slots:calls=(\d+)/.exec(String(await at.server.command('INFO', 'commandstats')))?.[1] ?? 0)
      // It asks one of both, once a second.
      while ((await timesAsked()) < 2) {
        await rejectionOf(() => write(KEY_IN_SLOT_0))
        await write('of another slot')
      }
    } finally {
      redis.close()
      await Promise.all([at.server.stop(), kept.server.stop()])
    }
  })
})

/** Starts a node of a cluster that serves what it can while slots have no node. */
async function startNode(): Promise<{ server: RedisServer; bus: number }> {
  const bus = await findFreePort()
  const settings = ['--cluster-enabled', 'yes', '--cluster-port', String(bus), '--cluster-require-full-coverage', 'no']
  return { server: await RedisServer.start(...settings), bus }
}

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

  describe('counts attempts, which', () => {
    describeAttempts(temporaryFolder, (prefix) => openRedisCounts(prefix, here()))
  })
}
