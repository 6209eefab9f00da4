import { expect } from 'chai'
import type { Request, Response } from 'express'
import type { Problem } from '../../../context/cell'
import { refuseLongHeaders } from '../../../context/http/headers'
import { cellFolder, startTestCell, type TestCell } from '../../support/cell'
import type { Answer, Client } from '../../support/client'
import { keepErrorLog } from '../../support/error-log'
import { rawRequest } from '../../support/raw-request'
import { javascript } from '../../support/route-app'

const HTML = { accept: 'text/html' }
const TAKEN = { username: 'taken', password: 'correct horse battery' }
const POLICY =
  "default-src 'none';style-src 'self';img-src 'self';form-action 'self';base-uri 'none';frame-ancestors 'none'"
const OWN_ROUTES = {
  'routes/own/broken.js': javascript("'GET': function () { throw new Error('inside') }"),
}
/** A header as long as Node allows. */
const fill = (piece: string): string => piece.repeat(Math.floor(15_500 / piece.length))

describe('the headers', () => {
  keepErrorLog()
  let cell: TestCell
  let client: Client
  let page: string

  before(async () => {
    const reactOn = ['ExpressServer', 'ExpressSessions']
    const own = { source: 'plasma/express-routes', reactOn, emitReady: 'OwnRoutes', path: 'routes/own', mount: '/own' }
    const plasma = { own, 'express-server': { trustProxy: 'loopback' } }
    cell = await startTestCell({ plasma }, cellFolder(OWN_ROUTES))
    client = cell.client()
    await client.registerAndLogIn(TAKEN)
    page = (await client.get('/', HTML)).text
  })
  after(() => cell.stop())

  const answers: [status: number, what: string, load: () => Promise<Answer>][] = [
    [200, 'a page', () => client.get('/', HTML)],
    [200, 'JSON', () => client.get('/api/me')],
    [303, 'a login in a browser', () => client.submit('/api/login', TAKEN)],
    [
      403,
      'a request from another site',
      () => client.post('/api/logout', undefined, { 'sec-fetch-site': 'cross-site' }),
    ],
    [404, 'an unknown URL', () => client.get('/nothing')],
    [500, 'the page of a failure', () => client.get('/own/broken', HTML)],
    [204, 'a logout', () => client.post('/api/logout')],
  ]
  for (const [status, what, load] of answers) {
    it(`keep scripts, frames and caches away from ${what}: ${status} (OWASP ASVS 3.4.3, 3.4.6)`, async () => {
      const answer = await load()
      expect(answer.status).to.equal(status)
      expectSafe(answer.headers)
      expect(answer.headers.get('cache-control')).to.equal('no-store')
      expect(answer.headers.has('etag')).to.equal(false)
      expect(answer.headers.has('clear-site-data')).to.equal(what === 'a logout')
    })
  }

  it('let caches keep only what pages load, for a year, as its URL changes with it', async () => {
    const [style = '', mark = ''] = [/<link rel="stylesheet" href="([^"]+)"/, /<img src="([^"]+)"/].map(
      (link) => link.exec(page)?.[1],
    )
    for (const [url, type, part] of [
      [style, 'text/css; charset=utf-8', 'body {'],
      [mark, 'image/svg+xml', '<svg '],
    ] as const) {
      const { status, headers, text } = await client.get(url)
      expect([status, headers.get('content-type'), headers.has('set-cookie')]).to.deep.equal([200, type, false])
      expectSafe(headers)
      expect(headers.get('cache-control')).to.equal('public, max-age=31536000, immutable')
      expect(text).to.include(part)
      // While cells are being replaced, a page may come from another version.
      const older = await client.get(url.replace(/\.[\w-]+\./, '.older.'))
      expect([older.status, older.headers.get('cache-control'), older.text]).to.deep.equal([200, 'no-store', text])
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

  it('that are too long are refused before the answer parses them', async () => {
    for (const headers of [{ accept: `text/html,${fill('a/b,')}` }, { accept: Array<string>(500).fill('a/b') }]) {
      const { status, body } = await rawRequest(client.address, { path: '/api/login', body: '{}', headers })
      expect([status, (body as Problem).code]).to.deep.equal([431, 'HEADER_TOO_LARGE'])
    }
    const cookie = fill('a') + fill('b')
    expect((await rawRequest(client.address, { path: '/', headers: { cookie } })).status).to.equal(431)
  })
})

describe('refuseLongHeaders', () => {
  /** @returns what Express gets, and the headers that are left */
  function refuse(headers: Record<string, string>): { error: unknown; left: object } {
    let error: unknown
    refuseLongHeaders({ headers } as Request, {} as Response, (given) => (error = given))
    return { error, left: headers }
  }

  /** Values that take a parser quadratic time. */
  const long: Record<string, string> = {
    accept: `a/b;a="${fill(',')}`,
    'accept-language': fill('a,'),
    'cache-control': `x${fill(' ')}x`,
    'content-encoding': fill('gzip,'),
    'content-type': `application/json${fill(';a=b')}`,
    host: fill('a.'),
    'if-none-match': fill('"a",'),
    origin: `http://${fill('xn--a.')}`,
    'sec-fetch-site': fill('x'),
    'x-forwarded-for': `1${fill(' ')}2`,
    'x-forwarded-proto': fill('https,'),
  }
  it('refuses each header that is parsed in quadratic time, and takes it away', () => {
    for (const [name, value] of Object.entries(long)) {
      const { error, left } = refuse({ [name]: value, cookie: 'a' })
      const message = `These headers are longer than 1024 characters: ${name}.`
      expect(error).to.include({ status: 431, code: 'HEADER_TOO_LARGE', message })
      expect(left).to.deep.equal({ cookie: 'a' })
    }
  })

  it('accepts what browsers and proxies send', () => {
    const hops = Array.from({ length: 20 }, (_, hop) => `2001:db8:1234:5678:9abc:def0:1234:${hop}`)
    const headers = {
      accept: 'application/json,text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
      'accept-language': 'de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7,fr;q=0.6,it;q=0.5',
      cookie: fill('tracker=0123456789; '),
      'x-forwarded-for': hops.join(', '),
      'sec-fetch-site': 'x'.repeat(1024),
    }
    expect(refuse({ ...headers })).to.deep.equal({ error: undefined, left: headers })
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
