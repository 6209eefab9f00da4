import { expect } from 'chai'
import { relative } from 'node:path'
import { startTestCell, type TestCell } from '../../support/cell'
import { Client, newCredentials, type Answer } from '../../support/client'
import { keepErrorLog } from '../../support/error-log'
import { javascript } from '../../support/route-app'
import { temporaryFolder, writeFiles } from '../../support/temporary-folder'

const HTML = { accept: 'text/html' }
const JSON_TYPE = { 'content-type': 'application/json' }
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const TAKEN = { username: 'taken', password: 'correct horse battery' }

/** Answers of every kind to somebody who is logged in. */
const ANSWERS: [status: number, what: string, load: (client: Client) => Promise<Answer>][] = [
  [200, 'a page', (client) => client.get('/', HTML)],
  [200, 'JSON', (client) => client.get('/api/me')],
  [200, 'the head of a page', (client) => client.send('HEAD', '/')],
  [200, 'what a route of the own answers', (client) => client.get('/own/fine')],
  [200, 'a login', (client) => client.post('/api/login', TAKEN)],
  [201, 'a registration', (client) => client.post('/api/register', newCredentials())],
  [204, 'a logout', (client) => client.post('/api/logout')],
  [204, 'the end of other sessions', (client) => client.send('DELETE', '/api/sessions')],
  [303, 'the redirect of a login', (client) => client.submit('/api/login', TAKEN)],
  [303, 'the redirect of a registration', (client) => client.submit('/api/register', newCredentials())],
  [303, 'the redirect of a logout', (client) => client.submit('/api/logout', {})],
  [400, 'broken JSON', (client) => client.send('POST', '/api/login', '{', JSON_TYPE)],
  [400, 'the page of a form with too much in it', (client) => client.submit('/api/login', { ...TAKEN, admin: 'true' })],
  [400, 'a URL that cannot be decoded', (client) => client.send('DELETE', '/api/sessions/%ff')],
  [401, 'a refused login', (client) => client.post('/api/login', newCredentials())],
  [401, 'a page for who is not logged in', ({ address }) => new Client(address).get('/api/me', HTML)],
  [
    403,
    "another site's request",
    (client) => client.post('/api/logout', undefined, { 'sec-fetch-site': 'cross-site' }),
  ],
  [
    403,
    'a wrong password',
    (client) => client.post('/api/password', { currentPassword: 'wrong', newPassword: 'staple horse battery' }),
  ],
  [404, 'nothing', (client) => client.get('/nothing')],
  [404, 'the page of nothing', (client) => client.get('/nothing', HTML)],
  [404, 'a method that is not there', (client) => client.send('PUT', '/')],
  [409, 'a name that is taken', (client) => client.post('/api/register', TAKEN)],
  [
    413,
    'a body that is too large',
    (client) => client.send('POST', '/api/login', `username=${'x'.repeat(20_000)}`, FORM),
  ],
  [415, 'a body of another type', (client) => client.send('POST', '/api/login', 'x', { 'content-type': 'text/plain' })],
  [500, 'a failure', (client) => client.get('/own/broken')],
  [500, 'the page of a failure', (client) => client.get('/own/broken', HTML)],
]

describe('the headers of an answer', () => {
  keepErrorLog()
  let cell: TestCell

  before(async () => {
    const folder = temporaryFolder()
    const fine = 'function (req, res) { res.json({ fine: true }) }'
    writeFiles(folder, {
      'fine.js': javascript(`'GET': ${fine}`),
      'broken.js': javascript("'GET': function () { throw new Error('inside') }"),
    })
    const own = {
      source: 'plasma/express-routes',
      reactOn: ['ExpressServer', 'ExpressSessions'],
      emitReady: 'OwnRoutes',
      path: relative(process.cwd(), folder),
      mount: '/own',
    }
    cell = await startTestCell({ plasma: { own, 'express-server': { trustProxy: 'loopback' } } })
    await cell.client().post('/api/register', TAKEN)
  })
  after(() => cell.stop())

  async function loggedIn(): Promise<Client> {
    const client = cell.client()
    expect((await client.post('/api/login', TAKEN)).status).to.equal(200)
    return client
  }

  for (const [status, what, load] of ANSWERS) {
    it(`with ${String(status)} keep scripts, frames, guesses and caches away: ${what}`, async () => {
      const answer = await load(await loggedIn())
      expect(answer.status).to.equal(status)
      expectSafe(answer.headers)
      expect(answer.headers.get('cache-control')).to.equal('no-store')
      if (status === 303) expect(answer.headers.get('location')).to.equal('/')
      expect(answer.headers.has('clear-site-data')).to.equal(/logout/.test(what))
    })
  }

  it('of the style sheet are the same, but that caches may keep it', async () => {
    const { status, headers } = await cell.client().get('/style.css')
    expect(status).to.equal(200)
    expectSafe(headers)
    expect(headers.get('cache-control')).to.match(/^public, max-age=\d+$/)
  })

  const ends: [what: string, load: (client: Client) => Promise<Answer>][] = [
    ['a logout', (client) => client.post('/api/logout')],
    ['a logout by a form', (client) => client.submit('/api/logout', {})],
    [
      'the end of the session that asks',
      async (client) => client.send('DELETE', `/api/sessions/${await currentOf(client)}`),
    ],
  ]
  for (const [what, load] of ends) {
    it(`of ${what} clear what the browser has kept (OWASP ASVS 14.3.1)`, async () => {
      const { status, headers } = await load(await loggedIn())
      expect(status).to.be.oneOf([204, 303])
      expect(headers.get('clear-site-data')).to.equal('"cache", "storage"')
    })
  }

  it('keep browsers on HTTPS, only where the request came over HTTPS (OWASP ASVS 3.4.1)', async () => {
    for (const [proto, seconds] of [
      ['https', 31_536_000],
      ['http', 0],
      ['https, http', 31_536_000],
      ['ftp', 0],
    ] as const) {
      const { headers } = await cell.client().get('/', { 'x-forwarded-proto': proto })
      const [, age = 0] =
        /^max-age=(\d+); includeSubDomains$/.exec(headers.get('strict-transport-security') ?? '') ?? []
      expect(Number(age), proto).to.be.within(seconds, seconds * 2)
    }
  })

  it('with 401 have a challenge for which no browser asks for a password (RFC 9110)', async () => {
    const answers = [
      await cell.client().get('/api/me'),
      await cell.client().get('/api/me', HTML),
      await cell.client().post('/api/login', newCredentials()),
    ]
    for (const { status, headers } of answers)
      expect([status, headers.get('www-authenticate')]).to.deep.equal([401, 'Cookie realm="login"'])
    expect((await cell.client().get('/')).headers.has('www-authenticate')).to.equal(false)
  })

  it('of a logout that is refused clear nothing: the session goes on', async () => {
    const client = await loggedIn()
    for (const site of ['cross-site', 'same-site']) {
      expect(
        (await client.post('/api/logout', undefined, { 'sec-fetch-site': site })).headers.has('clear-site-data'),
      ).to.equal(false)
    }
    expect((await client.get('/api/me')).status).to.equal(200)
  })
})

function expectSafe(headers: Headers): void {
  const policy = (headers.get('content-security-policy') ?? '').split(';').map((directive) => directive.trim())
  expect(policy).to.have.members([
    "default-src 'none'",
    "style-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ])
  expect(headers.get('x-content-type-options')).to.equal('nosniff')
  // Other sites are told nothing of the URLs here.
  expect(headers.get('referrer-policy')).to.be.oneOf(['same-origin', 'no-referrer'])
  for (const name of ['cross-origin-opener-policy', 'cross-origin-resource-policy'])
    expect(headers.get(name), name).to.equal('same-origin')
  for (const name of ['x-powered-by', 'server', 'access-control-allow-origin', 'strict-transport-security'])
    expect(headers.has(name), name).to.equal(false)
}

async function currentOf(client: Client): Promise<string> {
  const sessions = (await client.get('/api/sessions')).body as { id: string; current: boolean }[]
  return sessions.find(({ current }) => current)?.id ?? ''
}
