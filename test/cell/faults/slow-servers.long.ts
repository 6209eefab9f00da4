import { expect } from 'chai'
import { startTestCell, type TestCell } from '../../support/cell'
import type { Client } from '../../support/client'
import { keepErrorLog } from '../../support/error-log'
import { PostgresServer, canStartPostgres, queryPostgres } from '../../support/postgres'
import { startRedisCell } from '../../support/redis-cell'
import { needRedisServer, NO_REDIS_SERVER, RedisServer } from '../../support/redis-server'
import { TcpProxy } from '../../support/tcp-proxy'
import { until } from '../../support/until'

/** How long a slow server takes for each answer, in milliseconds. */
const SLOW = 10_000
/** How many rounds of requests there are, and how many in each. */
const [ROUNDS, EACH] = [20, 25]

/** Sends many requests with a session while the server behind a proxy is slow. */
async function expectBounded(
  cell: TestCell,
  client: Client,
  proxy: TcpProxy,
  most: number,
  count: () => unknown,
): Promise<void> {
  proxy.delay = SLOW
  const unanswered: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const requests = Array.from({ length: EACH }, () => client.copy().get('/api/me'))
    const guests = await Promise.all([cell.client().get('/api/me'), cell.client().get('/')])
    expect(guests.map(({ status }) => status)).to.deep.equal([401, 200])
    const answers = await Promise.all(requests)
    // One that waited for the server would get 200.
    expect(new Set(answers.map(({ status }) => status)), `round ${round}`).to.deep.equal(new Set([503]))
    unanswered.push(Number(await count()))
  }
  expect(Math.max(...unanswered), unanswered.join()).to.be.at.most(most)
  proxy.delay = 0
  proxy.cut()
  await until(async () => (await client.copy().get('/api/me')).status === 200)
  for (let times = 0; times < 10; times += 1) expect((await client.copy().get('/api/me')).status).to.equal(200)
}

describe(`a cell whose Redis takes 10 s for each answer (${NO_REDIS_SERVER})`, () => {
  needRedisServer()
  keepErrorLog()

  it('gets 503 within commandTimeout, lets no commands pile up, serves guests, and is back by itself', async () => {
    const server = await RedisServer.start()
    const proxy = await TcpProxy.start(server.port)
    const cell = await startRedisCell(`redis://127.0.0.1:${proxy.port}`, { commandTimeout: 500 })
    const client = cell.client()
    await client.registerAndLogIn()
    // The answers to one round of commands, and to what opens connections.
    await expectBounded(cell, client, proxy, 2 * EACH, () => proxy.delayed)
    await cell.stop()
    await proxy.stop()
    await server.stop()
  })
})

describe('a cell whose PostgreSQL takes 10 s for each answer (pending where no server can be started)', () => {
  keepErrorLog()

  it('gets 503 within statementSeconds, lets no queries pile up, serves guests, and is back by itself', async function () {
    if (!canStartPostgres()) this.skip()
    const server = await PostgresServer.start()
    const proxy = await TcpProxy.start(server.port)
    const url = server.url('postgres', `127.0.0.1:${proxy.port}`)
    const secret = 'x'.repeat(32)
    const poolSize = 4
    const plasma = { database: { url, poolSize, statementSeconds: 1 }, 'express-sessions': { secret } }
    const cell = await startTestCell({ plasma })
    const client = cell.client()
    await client.registerAndLogIn()
    const own = "select count(*)::int as count from pg_stat_activity where application_name = 'organic-sessions-cell'"
    const countConnections = async (): Promise<unknown> =>
      ((await queryPostgres(server.url(), own)) as { count: number }[])[0]?.count
    // Those that are given up are closed.
    await expectBounded(cell, client, proxy, 2 * poolSize, countConnections)
    await cell.stop()
    await proxy.stop()
    await server.stop()
  })
})
