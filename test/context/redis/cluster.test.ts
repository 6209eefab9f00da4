import { expect } from 'chai'
import { openRedisCounts } from '../../support/redis-counts'
import { startRedisCluster } from '../../support/redis-cluster'
import { temporaryFolder } from '../../support/temporary-folder'
import { needRedisServer, NO_REDIS_SERVER, type RedisServer } from '../../support/redis-server'
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

  describe('counts attempts, which', () => {
    describeAttempts(temporaryFolder, (prefix) => openRedisCounts(prefix, here()))
  })
}
