import { findFreePort } from './listening'
import { RedisServer } from './redis-server'
import { until } from './until'

const SLOTS = 16_384

/**
 * Starts a Redis Cluster of three servers, which end with the tests.
 *
 * @param settings as on the command line of `redis-server`
 */
export async function startRedisCluster(...settings: string[]): Promise<RedisServer[]> {
  const servers = await Promise.all([1, 2, 3].map((epoch) => startNode(epoch, settings)))
  for (const [index, { server }] of servers.entries()) {
    const [from, to] = [index, index + 1].map((part) => Math.round((part * SLOTS) / servers.length))
    await server.command('CLUSTER', 'ADDSLOTSRANGE', String(from), String(Number(to) - 1))
  }
  await join(servers)
  return servers.map(({ server }) => server)
}

/** The same with a replica of each server, in the same order, that takes over when its master fails. */
export async function startReplicatedRedisCluster(
  ...settings: string[]
): Promise<{ masters: RedisServer[]; replicas: RedisServer[] }> {
  const all = ['--repl-diskless-sync-delay', '0', ...settings]
  const masters = await startRedisCluster(...all)
  const replicas = await Promise.all(masters.map((_master, index) => startNode(masters.length + index + 1, all)))
  const [first] = masters
  await join(
    [{ server: first as RedisServer, bus: await busOf(first as RedisServer) }, ...replicas],
    2 * masters.length,
  )
  for (const [index, { server }] of replicas.entries()) {
    const master = String(await masters[index]?.command('CLUSTER', 'MYID'))
    await until(() => server.command('CLUSTER', 'REPLICATE', master).then(Boolean, () => false))
    await until(async () => String(await server.command('INFO', 'replication')).includes('master_link_status:up'))
  }
  const servers = [...masters, ...replicas.map(({ server }) => server)]
  await until(async () => new Set(await Promise.all(servers.map(viewOf))).size === 1)
  return { masters, replicas: replicas.map(({ server }) => server) }
}

/** A node's view of the cluster: roles, epochs and slots. */
async function viewOf(server: RedisServer): Promise<string> {
  const lines = String(await server.command('CLUSTER', 'NODES'))
    .trim()
    .split('\n')
  const nodes = lines.map((line) => {
    const [id, , flags = '', master, , , epoch, , ...slots] = line.split(' ')
    return [id, flags.replace('myself,', ''), master, epoch, ...slots].join(' ')
  })
  return nodes.sort().join('\n')
}

interface Node {
  server: RedisServer
  bus: number
}

/**
 * @param epoch unique. Nodes that share one settle it later, and a replica whose master dies before it knows the new epoch is
 *   never elected
 */
async function startNode(epoch: number, settings: string[]): Promise<Node> {
  const bus = await findFreePort()
  const server = await RedisServer.start('--cluster-enabled', 'yes', '--cluster-port', String(bus), ...settings)
  await server.command('CLUSTER', 'SET-CONFIG-EPOCH', String(epoch))
  return { server, bus }
}

async function busOf(server: RedisServer): Promise<number> {
  const answer = (await server.command('CONFIG', 'GET', 'cluster-port')) as Record<string, string>
  return Number(answer['cluster-port'])
}

/** Lets servers know each other. */
async function join(nodes: Node[], count = nodes.length): Promise<void> {
  const [first, ...others] = nodes
  for (const { server } of others)
    await server.command('CLUSTER', 'MEET', '127.0.0.1', String(first?.server.port), String(first?.bus))
  for (const { server } of nodes) {
    await until(async () => {
      const info = String(await server.command('CLUSTER', 'INFO'))
      return info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${count}`)
    })
  }
}
