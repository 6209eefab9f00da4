import { findFreePort } from './listening'
import { RedisServer } from './redis-server'
import { until } from './until'

const SLOTS = 16_384

/** Starts a Redis Cluster of three servers, which end with the tests. */
export async function startRedisCluster(): Promise<RedisServer[]> {
  const buses = await Promise.all([0, 1, 2].map(findFreePort))
  const servers = await Promise.all(
    buses.map((bus) => RedisServer.start('--cluster-enabled', 'yes', '--cluster-port', String(bus))),
  )
  const [first] = servers
  for (const [index, server] of servers.entries()) {
    const [from, to] = [index, index + 1].map((part) => Math.round((part * SLOTS) / servers.length))
    await server.command('CLUSTER', 'ADDSLOTSRANGE', String(from), String(Number(to) - 1))
    if (server !== first) await server.command('CLUSTER', 'MEET', '127.0.0.1', String(first?.port), String(buses[0]))
  }
  for (const server of servers) {
    await until(async () => {
      const info = String(await server.command('CLUSTER', 'INFO'))
      return info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${servers.length}`)
    })
  }
  return servers
}
