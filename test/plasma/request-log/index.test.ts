import { expect } from 'chai'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { EventBus } from '../../../context/cell/event-bus'
import requestLog from '../../../plasma/request-log'
import { lineOf } from '../../../plasma/request-log/line'
import { startTestCell, type TestCell } from '../../support/cell'
import type { Client } from '../../support/client'
import { keepErrorLog } from '../../support/error-log'
import { rejectionOf } from '../../support/rejection'
import { temporaryFolder } from '../../support/temporary-folder'
import { until } from '../../support/until'

type Line = Record<string, unknown>

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/

describe('plasma/request-log', () => {
  const errors = keepErrorLog()
  const file = join(temporaryFolder(), 'requests.log')
  let cell: TestCell
  let client: Client

  const dnaOf = (destination: string): object => ({
    source: 'plasma/request-log',
    reactOn: 'ExpressServer',
    destination,
  })
  const read = (): string => readFileSync(file, 'utf8')

  before(async () => {
    cell = await startTestCell({ cell: { log: { format: 'json' } }, plasma: { 'request-log': dnaOf(file) } })
    client = cell.client()
  })
  after(() => cell.stop())

  /** The lines that some work writes, so many of them. */
  async function written(work: () => unknown, count = 1): Promise<Line[]> {
    const before = read().length
    const lines = (): Line[] =>
      read()
        .slice(before)
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Line)
    await work()
    await until(() => lines().length >= count)
    return lines()
  }

  it('writes a line for a request, with its route, the owner, and no query string, cookie or body (OWASP ASVS 16.2.5)', async () => {
    await client.registerAndLogIn()
    const me = (await client.get('/api/me')).body as { id: string }
    const secret = 'sesame'
    const headers = { authorization: secret, 'user-agent': secret, referer: secret }
    const [line] = await written(() => client.get(`/api/me?token=${secret}`, headers))
    const { request, time, ms, ...rest } = line ?? {}
    expect(rest).to.deep.equal({
      level: 'info',
      method: 'GET',
      route: '/api/me',
      path: '/api/me',
      status: 200,
      ownerId: me.id,
    })
    expect([typeof ms, Number.isNaN(Date.parse(String(time)))]).to.deep.equal(['number', false])
    expect(request).to.match(UUID)
    await written(() => client.post('/api/login', { username: secret, password: secret }))
    const cookie = [...client.cookies.values()].join()
    expect(read()).not.to.include(secret).and.not.include(cookie.slice(0, 20))
  })

  it('names the route behind the guard, or the guard if there is none, and nothing elsewhere', async () => {
    const stranger = cell.client()
    const [login, refused, guarded, missing] = await written(async () => {
      await stranger.post('/api/login', { username: 'nobody', password: 'nothing special' })
      await stranger.get('/api/me')
      await stranger.get('/api/what/ever')
      await stranger.get('/what/ever')
    }, 4)
    expect(login).to.include({ route: '/api/login', status: 401 })
    expect(refused).to.include({ route: '/api/me', status: 401 })
    expect(guarded).to.include({ route: '/api/*', path: '/api/what/ever', status: 401 })
    expect(missing).to.include({ path: '/what/ever', status: 404 }).and.not.have.any.keys('route', 'ownerId')
  })

  it('takes an id from the client only if it is safe, and always sends one', async () => {
    const safe = 'Trace-1.2_3'
    const unsafe = ['short', 'x'.repeat(129), 'with space', 'a"},{"level":"info', 'sömething', `${safe}, ${safe}`]
    const ids: string[] = []
    const lines = await written(async () => {
      for (const id of [safe, ...unsafe]) {
        const { headers } = await client.get('/nothing', { 'x-request-id': Buffer.from(id).toString('latin1') })
        ids.push(headers.get('x-request-id') ?? '')
      }
      ids.push((await client.get('/nothing')).headers.get('x-request-id') ?? '')
    }, unsafe.length + 2)
    expect(ids[0]).to.equal(safe)
    for (const id of ids.slice(1)) expect(id).to.match(UUID)
    expect(new Set(ids)).to.have.property('size', ids.length)
    expect(lines.map(({ request }) => request)).to.deep.equal(ids)
  })

  it('lets nobody forge a line by a path (OWASP ASVS 16.4.1), or leave a password in it', async () => {
    const { port } = new URL(client.address)
    const lines = await written(async () => {
      const socket = connect(Number(port), '127.0.0.1')
      const url = 'http://user:sesame@host/"},{"a":"?q=sesame'
      socket.write(`GET ${url} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
      await once(socket.resume(), 'close')
    })
    expect(lines.map(({ path }) => path)).to.deep.equal(['/"},{"a":"'])
    // Node refuses these bytes today.
    const req = { method: 'GET', url: '/a\n\u0085\u2028\u202e#sesame' } as IncomingMessage
    const { path } = lineOf(req, { statusCode: 200 } as ServerResponse, undefined, 0)
    expect(path).to.equal(`/a${'\ufffd'.repeat(4)}`)
  })

  it('shortens long paths', async () => {
    const [line] = await written(() => client.get(`/${'x'.repeat(5000)}`))
    expect(line).to.have.property('path').that.has.length(256)
  })

  it('writes a client that went away, and a failure with the id that the error has in the log', async () => {
    const id = 'failing-request'
    await cell.database.query.schema.alterTable('owners').renameTo('away').execute()
    const lines = await written(() => client.get('/api/me', { 'x-request-id': id }))
    await cell.database.query.schema
      .alterTable('away' as never)
      .renameTo('owners')
      .execute()
    expect(lines[0]).to.include({ level: 'error', status: 503, request: id }).and.not.have.property('err')
    expect(JSON.parse(errors[0] ?? '')).to.include({ level: 'error', request: id })

    const [line] = await written(async () => {
      const socket = connect(Number(new URL(client.address).port), '127.0.0.1')
      socket.write(
        'POST /api/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
      )
      await once(socket, 'connect')
      setImmediate(() => socket.destroy())
    })
    expect(line).to.include({ method: 'POST', path: '/api/login', aborted: true })
  })

  it('leaves probes out, and writes for people on a terminal', async () => {
    const text = join(temporaryFolder(), 'requests.log')
    const other = await startTestCell({ plasma: { 'request-log': dnaOf(text) } })
    const stranger = other.client()
    for (const path of ['/health/live', '/health/ready']) expect((await stranger.get(path)).status).to.equal(200)
    await stranger.get('/api/me?a=b', { 'x-request-id': 'my-request' })
    await until(() => readFileSync(text, 'utf8') !== '')
    expect(readFileSync(text, 'utf8')).to.match(/^GET \/api\/me 401 \d+ ms request=my-request\n$/)
    await other.stop()
  })

  it('sends no id and writes nothing where it is off', async () => {
    const other = await startTestCell()
    expect((await other.client().get('/')).headers.has('x-request-id')).to.equal(false)
    await other.stop()
  })

  for (const [key, value] of Object.entries({ destination: 'stdot', level: 'info', headers: true })) {
    it(`refuses DNA with its key: ${key}`, async () => {
      const dna = { reactOn: 'ExpressServer', [key]: value }
      expect(await rejectionOf(() => requestLog(new EventBus(), dna))).to.include({ name: 'DnaError', key })
    })
  }
})
