import { expect } from 'chai'
import { startTestCell, type TestCell } from '../../support/cell'
import { newCredentials, type Client } from '../../support/client'
import { keepErrorLog } from '../../support/error-log'
import { PostgresServer, canStartPostgres, queryPostgres } from '../../support/postgres'
import { TcpProxy } from '../../support/tcp-proxy'
import { until } from '../../support/until'

describe('a PostgreSQL server with a standby that takes over (pending where no server can be started)', () => {
  before(function () {
    if (!canStartPostgres()) this.skip()
  })
  // Nested, so that the hooks of pending tests do not run.
  describe('behind one address, from which a cell', describeFailover)
})

function describeFailover(): void {
  const log = keepErrorLog()
  let primary: PostgresServer
  let standby: PostgresServer
  let proxy: TcpProxy
  let cell: TestCell | undefined
  let client: Client
  let credentials: ReturnType<typeof newCredentials>

  beforeEach(async () => {
    primary = await PostgresServer.start()
    standby = await primary.startStandby()
    proxy = await TcpProxy.start(primary.port)
    cell = await start()
    client = cell.client()
    credentials = await client.registerAndLogIn()
    await isReplicated()
  })
  afterEach(async () => {
    await cell?.stop()
    await proxy.stop()
    await Promise.all([primary, standby].map((server) => server.stop('SIGQUIT')))
  })

  const start = (): Promise<TestCell> =>
    startTestCell({
      plasma: {
        database: { url: primary.url('postgres', `127.0.0.1:${proxy.port}`), statementSeconds: 1 },
        // Every request writes when its session was last used.
        'express-sessions': { secret: 'x'.repeat(32), touchSeconds: 0 },
      },
    })
  const isReplicated = async (): Promise<void> => {
    const [{ lsn } = { lsn: '' }] = (await queryPostgres(primary.url(), 'select pg_current_wal_lsn() as lsn')) as {
      lsn: string
    }[]
    await until(async () => {
      const [row] = await queryPostgres(standby.url(), `select pg_last_wal_replay_lsn() >= '${lsn}'::pg_lsn as there`)
      return (row as { there: boolean }).there
    })
  }
  const statusOfMe = async (): Promise<number> => (await client.copy().get('/api/me')).status
  const statusesOfWrites = async (): Promise<number[]> => {
    const visitor = (): Client => cell?.client() ?? expect.fail('there is no cell')
    const answers = await Promise.all([
      visitor().post('/api/login', credentials),
      visitor().post('/api/register', newCredentials()),
      client.copy().post('/api/logout'),
    ])
    return answers.map(({ status }) => status)
  }

  /** With the same cookie as before, and without a restart. */
  async function expectUsable(): Promise<void> {
    await until(async () => (await statusOfMe()) === 200)
    const again = cell?.client() ?? expect.fail('there is no cell')
    await until(async () => (await again.post('/api/login', credentials)).status === 200)
    for (let times = 0; times < 10; times += 1) {
      expect([await statusOfMe(), (await again.copy().get('/api/me')).status]).to.deep.equal([200, 200])
    }
    expect((await client.copy().post('/api/logout')).status).to.equal(204)
    expect(await statusOfMe()).to.equal(401)
    expect((await again.get('/api/me')).status).to.equal(200)
  }

  it('gets 503 from the death of the primary until the standby has taken over, and logs nobody out', async () => {
    await primary.stop('SIGKILL')
    expect([await statusOfMe(), ...(await statusesOfWrites())]).to.deep.equal([503, 503, 503, 503])
    await standby.promote()
    expect([await statusOfMe(), ...(await statusesOfWrites())]).to.deep.equal([503, 503, 503, 503])
    proxy.switchTo(standby.port)
    await expectUsable()
  })

  it('reads from a standby that is not promoted yet, gets 503 for what writes, and is back by itself', async () => {
    await primary.stop('SIGKILL')
    proxy.switchTo(standby.port)
    await until(async () => (await statusOfMe()) === 200)
    for (let times = 0; times < 5; times += 1) {
      expect(await statusesOfWrites()).to.deep.equal([503, 503, 503])
      expect(await statusOfMe()).to.equal(200)
    }
    expect(log.join('\n')).to.include('read-only transaction')
    await standby.promote()
    await expectUsable()
  })

  it('reads from a standby that it was started on, and writes once that is promoted', async () => {
    await cell?.stop()
    cell = undefined
    await primary.stop('SIGKILL')
    proxy.switchTo(standby.port)
    cell = await start()
    const moved = cell.client()
    moved.cookies.clear()
    for (const [name, value] of client.cookies) moved.cookies.set(name, value)
    client = moved
    expect([await statusOfMe(), ...(await statusesOfWrites())]).to.deep.equal([200, 503, 503, 503])
    await standby.promote()
    await expectUsable()
  })
}
