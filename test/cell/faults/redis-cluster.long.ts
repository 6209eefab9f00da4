import { expect } from 'chai'
import type { TestCell } from '../../support/cell'
import type { Client } from '../../support/client'
import { keepErrorLog } from '../../support/error-log'
import { startRedisCell } from '../../support/redis-cell'
import { startReplicatedRedisCluster } from '../../support/redis-cluster'
import { needRedisServer, NO_REDIS_SERVER, type RedisServer } from '../../support/redis-server'
import { handleOf } from '../../support/shared-cells'
import { until } from '../../support/until'

/** Without the first, a cluster refuses everything while one of its slots has no master. */
const SETTINGS = ['--cluster-require-full-coverage', 'no', '--cluster-node-timeout', '5000']

describe(`a cell on a Redis Cluster that loses a master (${NO_REDIS_SERVER})`, () => {
  needRedisServer()
  keepErrorLog()
  let masters: RedisServer[]
  let replicas: RedisServer[]
  let cell: TestCell
  let clients: Client[]
  let credentials: { username: string; password: string }

  beforeEach(async () => {
    ;({ masters, replicas } = await startReplicatedRedisCluster(...SETTINGS))
    // The one that is lost is the only one that DNA names.
    cell = await startRedisCell(masters[0]?.url ?? '', { cluster: true, connectTimeout: 1000, commandTimeout: 1000 })
    const first = cell.client()
    credentials = await first.registerAndLogIn()
    clients = [first]
    // One of each master at least.
    while (clients.length < 9 || (await lostAndKept()).some((each) => each.length < 2)) {
      const client = cell.client()
      expect((await client.post('/api/login', credentials)).status).to.equal(200)
      clients.push(client)
    }
    await isReplicated()
  })
  let stopLoad = (): void => undefined
  afterEach(async () => {
    stopLoad()
    await cell?.stop()
    await Promise.all([...(masters ?? []), ...(replicas ?? [])].map((server) => server.stop()))
  })

  const at = (servers: RedisServer[], index: number): RedisServer => servers[index] ?? expect.fail('no such server')
  const fieldOf = async (server: RedisServer, field: string): Promise<number> =>
    Number(new RegExp(`^${field}:(\\d+)`, 'm').exec(String(await server.command('INFO', 'replication')))?.[1])
  const isReplicated = async (): Promise<void> => {
    for (const index of masters.keys()) {
      const offset = await fieldOf(at(masters, index), 'master_repl_offset')
      await until(async () => (await fieldOf(at(replicas, index), 'slave_repl_offset')) >= offset)
    }
  }
  /** The clients whose sessions are at the first master, and the others. */
  const lostAndKept = async (): Promise<[Client[], Client[]]> => {
    const keys = (await at(masters, 0).command('KEYS', 'cell:session:*')) as string[]
    const isLost = (client: Client): boolean => keys.includes(`cell:session:${handleOf(client)}`)
    return [clients.filter(isLost), clients.filter((client) => !isLost(client))]
  }
  const statusesOf = (of: Client[]): Promise<number[]> =>
    Promise.all(of.map(async (client) => (await client.copy().get('/api/me')).status))

  for (const [how, lose] of [
    ['is killed', (server: RedisServer) => server.stop()],
    ['hangs, and keeps its connections open', (server: RedisServer) => server.signal('SIGSTOP')],
  ] as const) {
    it(`that ${how}: gets 503 for its sessions alone until a replica has taken over, and logs nobody out`, async () => {
      const [lost, kept] = await lostAndKept()
      await at(replicas, 0).command('CONFIG', 'SET', 'cluster-replica-no-failover', 'yes')
      await lose(at(masters, 0))
      // Their requests go on coming, faster than they fail.
      const load = setInterval(() => void statusesOf(lost).catch(() => undefined), 100)
      stopLoad = () => clearInterval(load)
      const hasFailed = async (): Promise<boolean> =>
        String(await at(masters, 1).command('CLUSTER', 'NODES')).includes('master,fail ')
      for (let rounds = 0, isOver = false; rounds < 5 || !isOver; rounds += 1) {
        isOver = await hasFailed()
        const [gone, there] = await Promise.all([statusesOf(lost), statusesOf(kept)])
        expect(new Set(gone), `lost, round ${rounds}`).to.deep.equal(new Set([503]))
        expect(new Set(there), `kept, round ${rounds}`).to.deep.equal(new Set([200]))
      }
      await at(replicas, 0).command('CONFIG', 'SET', 'cluster-replica-no-failover', 'no')
      await until(async () => {
        const [gone, there] = await Promise.all([statusesOf(lost), statusesOf(kept)])
        expect(gone).not.to.include(401)
        expect(new Set(there)).to.deep.equal(new Set([200]))
        return gone.every((status) => status === 200)
      })
      stopLoad()
      const again = cell.client()
      await until(async () => (await again.post('/api/login', credentials)).status === 200)
      expect(await statusesOf([...clients, again])).to.deep.equal([...clients.map(() => 200), 200])
      expect((await lost[0]?.copy().post('/api/logout'))?.status).to.equal(204)
      expect(await statusesOf(lost)).to.deep.equal([401, ...lost.slice(1).map(() => 200)])
    })
  }
})
