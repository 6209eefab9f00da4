import { expect } from 'chai'
import { EventBus } from '../../../context/cell/event-bus'
import metrics from '../../../plasma/metrics'
import { startTestCell, type TestCell } from '../../support/cell'
import { Client, newCredentials } from '../../support/client'
import { setEnvironment } from '../../support/environment'
import { keepErrorLog } from '../../support/error-log'
import { listen } from '../../support/listening'
import { ROOT } from '../../support/project'
import { rejectionOf } from '../../support/rejection'
import { until } from '../../support/until'

const dnaOf = (changes: object = {}): object => ({
  source: 'plasma/metrics',
  reactOn: 'ExpressServer',
  emitReady: 'Metrics',
  port: 0,
  ...changes,
})

describe('plasma/metrics', () => {
  keepErrorLog()
  const cells: TestCell[] = []
  const start = async (plasma: object = {}): Promise<TestCell> => {
    const cell = await startTestCell({ plasma: { metrics: dnaOf(), ...plasma } })
    cells.push(cell)
    return cell
  }
  /** A client of a cell's own port for metrics. */
  const scraper = ({ plasma }: TestCell): Client => {
    const { server } = plasma.get({ type: 'MetricsServer' }) ?? expect.fail('there is no such port')
    const address = server.address()
    return new Client(`http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`)
  }
  /** The samples whose names begin so, by names and labels. */
  const read = async (cell: TestCell, beginning: string): Promise<Record<string, number>> => {
    const { text } = await scraper(cell).get('/metrics')
    const samples = text.split('\n').filter((line) => line.startsWith(beginning))
    return Object.fromEntries(samples.map((line) => [line.replace(/ \S+$/, ''), Number(/\S+$/.exec(line)?.[0])]))
  }
  const countOf = async (cell: TestCell, labels: string): Promise<number | undefined> =>
    (await read(cell, 'cell_http_request'))[`cell_http_request_duration_seconds_count{${labels}}`]

  let cell: TestCell
  let client: Client
  before(async () => {
    cell = await start()
    client = cell.client()
    await client.registerAndLogIn()
  })
  after(() => Promise.all(cells.map((each) => each.stop())))

  it('are on a port of their own, in the format of Prometheus, and never on the one of clients (OWASP ASVS 13.4.5)', async () => {
    const { status, headers, text } = await scraper(cell).get('/metrics')
    expect(status).to.equal(200)
    expect(headers.get('content-type')).to.match(/^text\/plain; .*version=0\.0\.4/)
    expect(text).to.match(/^# TYPE cell_http_request_duration_seconds histogram$/m)
    expect((await client.get('/metrics')).status).to.equal(404)
    for (const path of ['/', '/api/me', '/health/ready']) expect((await scraper(cell).get(path)).status).to.equal(404)
  })

  it('count requests by method, route and status, however many URLs and methods clients invent', async () => {
    for (let count = 0; count < 3; count += 1) await client.get(`/api/me?count=${count}`)
    const stranger = cell.client()
    for (let count = 0; count < 5; count += 1) {
      await stranger.get(`/no/such/${count}`)
      await stranger.get(`/api/no/such/${count}`)
      await stranger.send('PROPFIND', `/no/such/${count}`)
    }
    await until(async () => (await countOf(cell, 'method="GET",route="/api/me",status="200"')) === 3)
    expect(await countOf(cell, 'method="GET",route="unknown",status="404"')).to.be.at.least(5)
    expect(await countOf(cell, 'method="GET",route="/api/*",status="401"')).to.equal(5)
    expect(await countOf(cell, 'method="POST",route="/api/login",status="200"')).to.equal(1)
    const { text } = await scraper(cell).get('/metrics')
    expect(text)
      .to.include('method="other"')
      .and.not.match(/such|count=|PROPFIND/)
  })

  it('count logins by outcome, and any code of an owner model’s own as an error', async () => {
    expect(await read(cell, 'cell_logins_total')).to.deep.equal({ 'cell_logins_total{outcome="success"}': 1 })
    await client.post('/api/login', newCredentials())
    for (const reason of ['MINE', 'MINE_TOO', 'constructor'])
      await cell.plasma.emit({ type: 'SessionLoginFailed', reason, time: 1 })
    await cell.plasma.emit({ type: 'LoginThrottled', retryAfter: 1, time: 1 })
    expect(await read(cell, 'cell_logins_total')).to.deep.equal({
      'cell_logins_total{outcome="success"}': 1,
      'cell_logins_total{outcome="invalid_credentials"}': 1,
      'cell_logins_total{outcome="error"}': 3,
      'cell_logins_total{outcome="throttled"}': 1,
    })
  })

  it('measure the session store, count sessions, and show the queue of hashes and the event loop', async () => {
    const found = await read(cell, 'cell_store_duration_seconds_count')
    const key = 'cell_store_duration_seconds_count{operation="get",outcome="success"}'
    expect(found[key]).to.be.greaterThan(0)
    await until(async () => (await read(cell, 'cell_sessions'))['cell_sessions'] === 1)
    expect(await read(cell, 'cell_password_hashes')).to.deep.equal({
      'cell_password_hashes{state="running"}': 0,
      'cell_password_hashes{state="waiting"}': 0,
    })
    const delays = Object.values(await read(cell, 'cell_event_loop_delay_seconds'))
    expect(delays).to.have.length(3)
    for (const delay of delays) expect(delay).to.be.within(0, 600)
    expect(await read(cell, 'process_')).to.have.all.keys('process_resident_memory_bytes', 'process_cpu_seconds_total')
  })

  it('measure trust points, and know which is not being asked', async () => {
    const { address, stop } = await listen((_req, res) => void res.writeHead(401).end())
    const sessions = { remoteLoginEndpoint: `${address}/api/login`, remoteFailures: 1 }
    const trusting = await start({ sessions, 'api-routes': { options: { registration: false } } })
    const logIn = async (): Promise<number> => (await trusting.client().post('/api/login', newCredentials())).status
    expect(await logIn()).to.equal(401)
    await stop()
    expect(await logIn()).to.equal(503)
    expect(await read(trusting, 'cell_trust_point_duration_seconds_count')).to.deep.equal({
      'cell_trust_point_duration_seconds_count{trust_point="users",outcome="success"}': 1,
      'cell_trust_point_duration_seconds_count{trust_point="users",outcome="error"}': 1,
    })
    expect(await read(trusting, 'cell_trust_point_closed')).to.deep.equal({
      'cell_trust_point_closed{trust_point="users"}': 0,
    })
    // Another cell in this process has metrics of its own.
    expect(await read(cell, 'cell_trust_point_closed')).to.deep.equal({})
  })

  it('can have the health on their port as well, if DNA says so', async () => {
    const both = await start({ health: { reactOn: ['ExpressServer', 'MetricsServer'] } })
    for (const at of [scraper(both), both.client()]) expect((await at.get('/health/ready')).status).to.equal(200)
  })

  it('close their port with the cell', async () => {
    const own = await startTestCell({ plasma: { metrics: dnaOf() } })
    const at = scraper(own)
    await own.stop()
    expect(await rejectionOf(() => at.get('/metrics'))).to.be.instanceOf(TypeError)
  })

  it('stop the boot if their port is taken', async () => {
    const { port } = new URL(scraper(cell).address)
    const { message } = await rejectionOf(() => startTestCell({ plasma: { metrics: dnaOf({ port: Number(port) }) } }))
    expect(message).to.match(/metrics.*port: 127\.0\.0\.1:\d+ cannot be opened \(EADDRINUSE\)/)
  })

  it('are on under the mode _metrics, on this machine only unless it is told otherwise', async () => {
    const restore = setEnvironment({ METRICS_PORT: '0' })
    try {
      const own = await startTestCell({}, ROOT, '_test+_metrics')
      cells.push(own)
      expect((await scraper(own).get('/metrics')).status).to.equal(200)
      expect(own.dna.plasma['metrics']).to.include({ host: '127.0.0.1', port: 0 })
    } finally {
      restore()
    }
  })

  it('are off unless a mode switches them on: nothing measures the store', async () => {
    const off = await startTestCell()
    expect(off.plasma.has({ type: 'MetricsServer' })).to.equal(false)
    expect(Object.keys(off.plasma.get({ type: 'SessionStore' })?.data ?? {})).not.to.include('get')
    await off.stop()
  })

  for (const [key, value] of Object.entries({ port: 70_000, host: '', path: '/metrics' })) {
    it(`refuse DNA with its key: ${key}`, async () => {
      expect(await rejectionOf(() => metrics(new EventBus(), dnaOf({ [key]: value }) as Organic.Dna))).to.include({
        name: 'DnaError',
        key,
      })
    })
  }
})
