import { expect } from 'chai'
import { cellFolder, startTestCell, type TestCell } from '../../support/cell'
import { newCredentials, type Answer, type Client } from '../../support/client'
import { keepErrorLog } from '../../support/error-log'
import { rawRequest, type RawRequest } from '../../support/raw-request'
import { javascript } from '../../support/route-app'

const HTML = { accept: 'text/html' }
const TAKEN = { username: 'taken', password: 'correct horse battery' }
const POLICY = "default-src 'none';style-src 'self';form-action 'self';base-uri 'none';frame-ancestors 'none'"
const OWN_ROUTES = {
  'routes/own/fine.js': javascript("'GET': function (req, res) { res.json({ fine: true }) }"),
  'routes/own/broken.js': javascript("'GET': function () { throw new Error('inside') }"),
}
/** A header as long as Node allows. */
const fill = (piece: string): string => piece.repeat(Math.floor(15_500 / piece.length))

describe('the headers', () => {
  keepErrorLog()
  let cell: TestCell
  let client: Client

  before(async () => {
    const reactOn = ['ExpressServer', 'ExpressSessions']
    const own = { source: 'plasma/express-routes', reactOn, emitReady: 'OwnRoutes', path: 'routes/own', mount: '/own' }
    const plasma = { own, 'express-server': { trustProxy: 'loopback' } }
    cell = await startTestCell({ plasma }, cellFolder(OWN_ROUTES))
    client = cell.client()
    await client.registerAndLogIn(TAKEN)
  })
  after(() => cell.stop())

  const answers: [status: number, what: string, load: () => Promise<Answer>][] = [
    [200, 'a page', () => client.get('/', HTML)],
    [200, 'JSON', () => client.get('/api/me')],
    [200, "the user's own route", () => client.get('/own/fine')],
    [303, 'a login in a browser', () => client.submit('/api/login', TAKEN)],
    [204, 'the end of other sessions', () => client.send('DELETE', '/api/sessions')],
    [400, 'broken JSON', () => client.send('POST', '/api/login', '{', { 'content-type': 'application/json' })],
    [401, 'a page without a login', () => cell.client().get('/api/me', HTML)],
    [
      403,
      'a request from another site',
      () => client.post('/api/logout', undefined, { 'sec-fetch-site': 'cross-site' }),
    ],
    [404, 'an unknown URL', () => client.get('/nothing')],
    [409, 'a taken name', () => client.submit('/api/register', TAKEN)],
    [415, 'another type of body', () => client.send('POST', '/api/login', 'x', { 'content-type': 'text/plain' })],
    [500, 'a failure', () => client.get('/own/broken')],
    [500, 'the page of a failure', () => client.get('/own/broken', HTML)],
    [204, 'a logout', () => client.post('/api/logout')],
  ]
  for (const [status, what, load] of answers) {
    it(`keep scripts, frames and caches away from ${what} (${status})`, async () => {
      const answer = await load()
      expect(answer.status).to.equal(status)
      expectSafe(answer.headers)
      expect(answer.headers.get('cache-control')).to.equal('no-store')
      expect(answer.headers.has('clear-site-data')).to.equal(what === 'a logout')
    })
  }

  it('let caches keep only the stylesheet', async () => {
    const { status, headers, text } = await cell.client().get('/style.css')
    expect([status, headers.get('content-type'), headers.has('set-cookie')]).to.deep.equal([
      200,
      'text/css; charset=utf-8',
      false,
    ])
    expectSafe(headers)
    expect(headers.get('cache-control')).to.match(/^public, max-age=\d+$/)
    expect(text).to.include('body {')
  })

  it('of each kind of logout clear what the browser has kept (OWASP ASVS 14.3.1)', async () => {
    const logouts: ((client: Client) => Promise<Answer>)[] = [
      (client) => client.submit('/api/logout', {}),
      async (client) => {
        const [{ id } = { id: '' }] = (await client.get('/api/sessions')).body as { id: string }[]
        return client.send('DELETE', `/api/sessions/${id}`)
      },
    ]
    for (const logOut of logouts) {
      const client = cell.client()
      await client.post('/api/login', TAKEN)
      const { status, headers } = await logOut(client)
      expect(status).to.be.oneOf([204, 303])
      expect(headers.get('clear-site-data')).to.equal('"cache", "storage"')
    }
  })

  it('keep browsers on HTTPS, only where the request came over HTTPS (OWASP ASVS 3.4.1)', async () => {
    for (const [proto, seconds] of [
      ['https', 31_536_000],
      ['https, http', 31_536_000],
      ['http', 0],
      ['ftp', 0],
    ] as const) {
      const { headers } = await client.get('/', { 'x-forwarded-proto': proto })
      const hsts = seconds ? `max-age=${seconds}; includeSubDomains` : null
      expect(headers.get('strict-transport-security'), proto).to.equal(hsts)
    }
  })

  it('challenge a client without a login so that no browser asks for a password (RFC 9110)', async () => {
    const visitor = cell.client()
    for (const answer of [await visitor.get('/api/me'), await visitor.post('/api/login', newCredentials())])
      expect([answer.status, answer.headers.get('www-authenticate')]).to.deep.equal([401, 'Cookie realm="login"'])
    expect((await visitor.get('/')).headers.has('www-authenticate')).to.equal(false)
  })

  describe('of a request that is meant to be expensive', () => {
    const send = (request: Partial<RawRequest>): Promise<Answer> =>
      rawRequest(client.address, { path: '/api/login', ...request })

    /** Values that take a parser quadratic time. */
    const long: [name: string, value: string][] = [
      // If it were still parsed for the answer, that would be a page.
      ['accept', `text/html,${fill('a/b,')}`],
      ['accept', `a/b;a="${fill(',')}`],
      ['accept-language', fill('a,')],
      ['cache-control', `x${fill(' ')}x`],
      ['content-encoding', fill('gzip,')],
      ['content-type', `application/json${fill(';a=b')}`],
      ['host', fill('a.')],
      ['if-none-match', fill('"a",')],
      ['origin', `http://${fill('xn--a.')}`],
      ['sec-fetch-site', fill('x')],
      ['x-forwarded-for', `1${fill(' ')}2`],
      ['x-forwarded-proto', fill('https,')],
    ]
    for (const [name, value] of long) {
      it(`are refused before ${name} is parsed`, async () => {
        const { status, body } = await send({ body: '{}', headers: { [name]: value } })
        const detail = `These headers are longer than 1024 characters: ${name}.`
        expect(body).to.include({ status: 431, code: 'HEADER_TOO_LARGE', detail })
        expect(status).to.equal(431)
      })
    }

    it('are refused if one is sent many times, or all together are too long', async () => {
      expect((await send({ headers: { accept: Array<string>(500).fill('a/b') } })).status).to.equal(431)
      expect((await send({ headers: { cookie: fill('a') + fill('b') } })).status).to.equal(431)
    })

    it('are accepted as browsers and proxies send them', async () => {
      const hops = Array.from({ length: 20 }, (_, hop) => `2001:db8:1234:5678:9abc:def0:1234:${hop}`)
      const headers = {
        accept:
          'application/json,text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
        'accept-language': 'de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7,fr;q=0.6,it;q=0.5',
        cookie: fill('tracker=0123456789; ').slice(0, 8000) + fill('id=s:a.b;').slice(0, 4000),
        'x-forwarded-for': hops.join(', '),
      }
      for (const query of ['a[]=1&', '[a]'])
        expect((await send({ method: 'GET', path: `/api/me?a${query.repeat(500)}`, headers })).status).to.equal(401)
    })

    it('do not matter if its body is deep or has many fields', async () => {
      const form = { 'content-type': 'application/x-www-form-urlencoded' }
      const fields = Object.fromEntries(Array.from({ length: 1500 }, (_, key) => [`k${key}`, 1]))
      expect((await send({ body: `{"password":${'['.repeat(8000)}${']'.repeat(8000)}}` })).status).to.equal(400)
      expect((await send({ body: JSON.stringify(fields) })).status).to.equal(400)
      expect((await send({ body: fill('a=&'), headers: form })).status).to.equal(413)
    })
  })
})

function expectSafe(headers: Headers): void {
  expect(headers.get('content-security-policy')).to.equal(POLICY)
  expect(headers.get('x-content-type-options')).to.equal('nosniff')
  // With `no-referrer`, browsers would send `Origin: null` with the cell's own forms.
  expect(headers.get('referrer-policy')).to.equal('same-origin')
  for (const name of ['cross-origin-opener-policy', 'cross-origin-resource-policy'])
    expect(headers.get(name), name).to.equal('same-origin')
  for (const name of ['x-powered-by', 'server', 'access-control-allow-origin', 'strict-transport-security'])
    expect(headers.has(name), name).to.equal(false)
}
