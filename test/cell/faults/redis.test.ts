import { expect } from 'chai'
import type { TestCell } from '../../support/cell'
import { newCredentials, type Answer, type Client } from '../../support/client'
import { keepErrorLog } from '../../support/error-log'
import { startRedisCell } from '../../support/redis-cell'
import { needRedisServer, NO_REDIS_SERVER, RedisServer } from '../../support/redis-server'
import { rejectionOf } from '../../support/rejection'
import { temporaryFolder } from '../../support/temporary-folder'
import { until } from '../../support/until'

describe(`a cell whose sessions and counts are in Redis (${NO_REDIS_SERVER})`, () => {
  needRedisServer()
  const log = keepErrorLog()
  let server: RedisServer
  let data: { folder: string }
  let cell: TestCell
  let other: TestCell
  let client: Client
  let credentials: ReturnType<typeof newCredentials>

  beforeEach(async () => {
    server = await RedisServer.start('--appendonly', 'yes', '--appendfsync', 'always')
    data = { folder: temporaryFolder() }
    ;[cell, other] = await Promise.all([start(), start()])
    client = cell.client()
    credentials = await client.registerAndLogIn()
  })
  afterEach(async () => {
    await Promise.all([cell.stop(), other.stop()])
    await server.stop()
  })

  const start = (times: object = { connectTimeout: 30_000, commandTimeout: 30_000 }): Promise<TestCell> =>
    startRedisCell(server.url, times, { data })
  const statusOfMe = async (): Promise<number> => (await client.copy().get('/api/me')).status

  /** Nobody gets in, and nobody is logged out (OWASP ASVS 16.5.3). */
  async function expectUnavailable(): Promise<void> {
    const answers: Answer[] = await Promise.all([
      client.copy().get('/api/me'),
      cell.client().post('/api/login', credentials),
      cell.client().post('/api/login', { ...credentials, password: 'battery horse staple' }),
      client.copy().post('/api/logout'),
      client.copy().send('DELETE', '/api/sessions'),
    ])
    expect(answers.map(({ status }) => status)).to.deep.equal([503, 503, 503, 503, 503])
    for (const { headers, text } of answers) {
      expect(Number(headers.get('retry-after'))).to.be.within(1, 60)
      expect(headers.getSetCookie()).to.deep.equal([])
      expect(text).not.to.match(/redis|127\.0\.0\.1/i)
    }
    expect((await cell.client().get('/api/me')).status, 'without a cookie').to.equal(401)
  }

  async function expectUsable(): Promise<void> {
    await until(async () => (await statusOfMe()) === 200)
    await until(async () => (await cell.client().post('/api/login', credentials)).status === 200)
  }

  it('shares both with another cell, and writes neither to its database', async () => {
    const there = client.copy(other.client().address)
    expect((await there.get('/api/me')).status).to.equal(200)
    for (const [index, { client: from }] of [cell, other, cell, other].entries()) {
      const { status } = await from().post('/api/login', { ...credentials, password: `guess number ${index}` })
      expect(status).to.equal(401)
    }
    for (const table of ['sessions', 'throttles'] as const)
      expect(await cell.database.query.selectFrom(table).selectAll().execute()).to.deep.equal([])
    const keys = (await server.command('KEYS', '*')) as string[]
    expect([...new Set(keys.map((key) => key.replace(/[^:]+$/, '')))].sort()).to.deep.equal([
      'cell:owner:',
      'cell:session:',
      'cell:throttle:',
    ])
    for (const key of keys) expect(Number(await server.command('PTTL', key)), key).to.be.above(0)
    expect((await there.post('/api/logout')).status).to.equal(204)
    expect(await statusOfMe()).to.equal(401)
  })

  it('answers 503 while it is stopped, and uses it again by itself', async () => {
    await server.stop()
    await expectUnavailable()
    await server.start()
    await expectUsable()
    expect(log.filter((line) => line.startsWith('redis: ') && line.includes('cannot be used'))).to.have.length(2)
  })

  it('answers 503 while it hangs, and uses it again by itself', async () => {
    await cell.stop()
    cell = await start({ commandTimeout: 500 })
    client = client.copy(cell.address)
    server.signal('SIGSTOP')
    await expectUnavailable()
    server.signal('SIGCONT')
    await expectUsable()
  })

  it('answers 503 to whatever writes while it is read-only, and logs nobody out', async () => {
    await server.command('REPLICAOF', '127.0.0.1', '1')
    expect((await cell.client().post('/api/login', credentials)).status).to.equal(503)
    expect((await client.copy().post('/api/logout')).status).to.equal(503)
    await server.command('REPLICAOF', 'NO', 'ONE')
    await expectUsable()
  })

  it('logs everybody out, and lets nobody in, when it has evicted everything', async () => {
    await server.command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru')
    await server.command('CONFIG', 'SET', 'maxmemory', '1')
    await until(async () => (await server.command('DBSIZE')) === 0)
    await server.command('CONFIG', 'SET', 'maxmemory', '0')
    expect(await statusOfMe()).to.equal(401)
    expect((await client.copy().get('/api/sessions')).status).to.equal(401)
    const again = cell.client()
    expect((await again.post('/api/login', credentials)).status).to.equal(200)
    expect((await again.get('/api/me')).status).to.equal(200)
    expect(await statusOfMe()).to.equal(401)
  })

  it('ends all other sessions, at every cell, when the owner changes the password (OWASP ASVS 7.4.3)', async () => {
    const elsewhere = other.client()
    expect((await elsewhere.post('/api/login', credentials)).status).to.equal(200)
    const change = { currentPassword: credentials.password, newPassword: 'horse battery staple correct' }
    const changed = await client.post('/api/password', change)
    expect(changed.status, changed.text).to.be.oneOf([200, 204])
    expect([await statusOfMe(), (await elsewhere.get('/api/me')).status]).to.deep.equal([200, 401])
  })

  it('does not boot without it, and says so with the key', async () => {
    await server.stop()
    const { message } = await rejectionOf(() => startRedisCell(server.url, { waitSeconds: 1 }))
    expect(message).to.match(
      /plasma[/.]redis.*url: redis:\/\/127\.0\.0\.1:\d+ has not answered within 1 s: connect ECONNREFUSED/,
    )
    await server.start()
  })
})
