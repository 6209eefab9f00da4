import { expect } from 'chai'
import { join } from 'node:path'
import { readDna } from '../../../context/cell/dna'
import { startTestCell, cellFolder, type TestCell } from '../../support/cell'
import { newCredentials, type Answer, type Client } from '../../support/client'
import { setEnvironment } from '../../support/environment'
import { keepErrorLog } from '../../support/error-log'
import { findFreePort } from '../../support/listening'
import { startOwners } from '../../support/owners-command'
import { POSTGRES_PASSWORD, PostgresServer, canStartPostgres } from '../../support/postgres'
import { CellProcess, START } from '../../support/process'
import { ROOT } from '../../support/project'
import { TcpProxy } from '../../support/tcp-proxy'
import { until } from '../../support/until'

describe('a cell on PostgreSQL (pending where no server can be started)', () => {
  const log = keepErrorLog()
  let server: PostgresServer
  let proxy: TcpProxy
  let cells: TestCell[]
  let client: Client
  let credentials: ReturnType<typeof newCredentials>

  before(async function () {
    if (!canStartPostgres()) this.skip()
    server = await PostgresServer.start()
    proxy = await TcpProxy.start(server.port)
    cells = [await start(), await start()]
    client = cellAt(0).client()
    credentials = await client.registerAndLogIn()
  })
  after(async () => {
    await Promise.all((cells ?? []).map((cell) => cell.stop()))
    await proxy?.stop()
    await server?.stop()
  })

  const urlOf = (port: number): string => server.url('postgres', `127.0.0.1:${port}`)
  const start = (): Promise<TestCell> =>
    startTestCell({
      plasma: {
        database: { url: urlOf(proxy.port) },
        'express-sessions': { secret: 'x'.repeat(32) },
      },
    })
  const cellAt = (index: number): TestCell => cells[index] ?? expect.fail('there is no such cell')
  const statusOfMe = async (of = client): Promise<number> => (await of.copy().get('/api/me')).status

  /** Nobody gets in, nobody is logged out, and nobody learns why (OWASP ASVS 16.5.3). */
  async function expectUnavailable(): Promise<void> {
    const answers: Answer[] = await Promise.all([
      client.copy().get('/api/me'),
      cellAt(0).client().post('/api/register', newCredentials()),
      cellAt(0).client().post('/api/login', credentials),
      cellAt(0)
        .client()
        .post('/api/login', { ...credentials, password: 'battery horse staple' }),
      client.copy().post('/api/logout'),
    ])
    expect(answers.map(({ status }) => status)).to.deep.equal([503, 503, 503, 503, 503])
    for (const { headers, text } of answers) {
      expect(headers.get('retry-after')).to.equal('5')
      expect(headers.getSetCookie()).to.deep.equal([])
      expect(text).not.to.match(/postgres|127\.0\.0\.1|connect|timeout/i)
    }
    expect(log.join('\n')).not.to.include(POSTGRES_PASSWORD)
    expect(log.join('\n')).not.to.include(encodeURIComponent(POSTGRES_PASSWORD))
  }

  it('shares owners and sessions with other cells: who is logged in at one is at all, and logged out at all', async () => {
    const there = client.copy(cellAt(1).address)
    expect(await statusOfMe(there)).to.equal(200)
    expect((await cellAt(1).client().post('/api/login', credentials)).status).to.equal(200)
    const other = cellAt(1).client()
    await other.post('/api/login', credentials)
    const here = other.copy(cellAt(0).address)
    expect((await here.copy().post('/api/logout')).status).to.equal(204)
    expect([await statusOfMe(other), await statusOfMe(here)]).to.deep.equal([401, 401])
  })

  it('asks the server two questions for a guarded request: for the session and its owner', async () => {
    await statusOfMe()
    // A connection that is closed meanwhile because nobody uses it sends something, too.
    await until(async () => {
      const before = proxy.roundTrips
      for (let times = 0; times < 5; times += 1) expect(await statusOfMe()).to.equal(200)
      return proxy.roundTrips - before === 10
    })
  })

  it('counts attempts once for all cells (OWASP ASVS 6.3.1)', async () => {
    const victim = await cellAt(0).client().registerAndLogIn()
    // The address where they have logged in gets a count of its own, a moment later.
    const elsewhere = { 'x-forwarded-for': '203.0.113.9' }
    const statuses: number[] = []
    for (let times = 0; times < 12; times += 1) {
      const wrong = { ...victim, password: 'battery horse staple' }
      statuses.push(
        (
          await cellAt(times % 2)
            .client()
            .post('/api/login', wrong, elsewhere)
        ).status,
      )
    }
    expect(statuses).to.deep.equal([...Array<number>(10).fill(401), 429, 429])
  })

  it('gets 503 while the server is stopped, and logs nobody out', async () => {
    await server.stop('SIGQUIT')
    await expectUnavailable()
    expect(log.join('\n')).to.match(/StoreUnavailable/)
    await server.start()
    await until(async () => (await statusOfMe()) === 200)
    expect((await cellAt(0).client().post('/api/login', credentials)).status).to.equal(200)
  })

  it('gets 503 while the server does not answer, and logs nobody out', async () => {
    expect((await cellAt(1).client().get('/health/ready')).body).to.have.nested.property('database.state', 'up')
    proxy.hold()
    await expectUnavailable()
    // On one that no question of a client has failed at yet.
    const { status, body, text } = await cellAt(1).client().get('/health/ready')
    expect([status, text.includes(String(proxy.port))]).to.deep.equal([503, false])
    expect(body).to.have.nested.property('database.state', 'down')
    expect((await cellAt(1).client().get('/health/live')).status).to.equal(200)
    proxy.release()
    await until(async () => (await statusOfMe()) === 200)
    expect((await cellAt(0).client().post('/api/login', credentials)).status).to.equal(200)
  })

  it('is the one that the operator’s commands work on, by the same DNA', async () => {
    const root = cellFolder({
      'dna/_cluster-only/plasma/database.json': { url: server.url() },
    })
    const { ended } = startOwners(
      root,
      { CELL_MODE: '_cluster-only' },
      ['list'],
      [...START, join(ROOT, 'context/commands/main.ts')],
    )
    expect(await ended)
      .to.include({ code: 0, stderr: '' })
      .and.have.property('stdout')
      .that.includes(credentials.username)
  })

  it('takes the database from DATABASE_URL in the mode _cluster', async () => {
    const restore = setEnvironment({ DATABASE_URL: server.url() })
    try {
      const { dna } = await readDna({ folder: join(ROOT, 'dna'), mode: '_cluster', needed: ['plasma.database'] })
      expect(dna.plasma['database']).to.include({ url: server.url(), emitReady: 'Database' })
    } finally {
      restore()
    }
  })

  it('ends with a line that names the server, and no password, if the server is not there', async () => {
    const url = urlOf(await findFreePort())
    const folder = cellFolder({ 'dna/_test/plasma/database.json': { url, waitSeconds: 5 } })
    const { code, stdout, stderr } = await new CellProcess(folder, { CELL_MODE: '_test', CELL_DATA: 'data' }).ended
    expect(code).to.equal(1)
    const name = '127\\.0\\.0\\.1:\\d+/postgres'
    expect(stderr).to.match(new RegExp(`Warning: waiting up to 5 s for PostgreSQL at ${name}: connect ECONNREFUSED`))
    expect(stderr).to.match(
      new RegExp(`database\\.json: url: PostgreSQL at ${name} cannot be used: connect ECONNREFUSED`),
    )
    expect(stdout + stderr)
      .not.to.include(encodeURIComponent(POSTGRES_PASSWORD))
      .and.not.to.include(POSTGRES_PASSWORD)
  })
})
