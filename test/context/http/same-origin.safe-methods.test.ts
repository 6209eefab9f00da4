import { expect } from 'chai'
import { startTestCell, type TestCell } from '../../support/cell'
import type { Client } from '../../support/client'
import { rawRequest } from '../../support/raw-request'
import { tableRows } from '../../support/table-rows'

const QUERIES = [
  '',
  '?username=USERNAME&password=PASSWORD',
  '?currentPassword=PASSWORD&newPassword=staple+horse+battery',
  '?_method=POST',
  '?method=DELETE',
]
const PATHS = [
  '/',
  '/style.css',
  '/nothing',
  '/api',
  '/api/register',
  '/api/login',
  '/api/logout',
  '/api/password',
  '/api/me',
  '/api/sessions',
  '/api/sessions/ID',
]
const OVERRIDES = { 'x-http-method-override': 'POST', 'x-http-method': 'DELETE', 'x-method-override': 'POST' }

describe('a request that may change nothing (OWASP ASVS 3.5.1)', () => {
  let cell: TestCell
  let client: Client
  let names: Record<string, string>

  before(async () => {
    // What throttling counts, it writes when a request is over.
    cell = await startTestCell({ plasma: { throttle: false } })
  })
  beforeEach(async () => {
    client = cell.client()
    const { username, password } = await client.registerAndLogIn()
    const [{ id } = { id: '' }] = (await client.get('/api/sessions')).body as { id: string }[]
    names = { USERNAME: encodeURIComponent(username), PASSWORD: encodeURIComponent(password), ID: id }
  })
  after(() => cell.stop())

  for (const method of ['GET', 'HEAD', 'OPTIONS', 'TRACE']) {
    for (const query of QUERIES) {
      it(`changes nothing, wherever it comes from: ${method} ${query}`, async () => {
        const before = await tableRows()
        for (const path of PATHS) {
          const url = `${path}${query}`.replace(/USERNAME|PASSWORD|ID/g, (name) => names[name] ?? '')
          const cookie = `id=${client.cookies.get('id') ?? ''}`
          for (const origin of [{}, { 'sec-fetch-site': 'cross-site', origin: 'http://evil.example' }]) {
            const { status, headers } = await rawRequest(client.address, {
              method,
              path: url,
              headers: { cookie, ...OVERRIDES, ...origin },
            })
            expect(status, url).to.be.oneOf([200, 404])
            expect(headers.getSetCookie(), url).to.deep.equal([])
            expect(headers.has('clear-site-data'), url).to.equal(false)
          }
        }
        expect(await tableRows()).to.deep.equal(before)
        expect((await client.get('/api/me')).status).to.equal(200)
      })
    }
  }

  it('changes nothing with a body either', async () => {
    const before = await tableRows()
    for (const path of ['/api/register', '/api/logout', '/api/password']) {
      const body = JSON.stringify({
        username: 'somebody-new',
        password: 'correct horse battery',
        currentPassword: 'correct horse battery',
        newPassword: 'staple horse battery',
      })
      const cookie = `id=${client.cookies.get('id') ?? ''}`
      const { status } = await rawRequest(client.address, {
        method: 'GET',
        path,
        body,
        headers: { cookie, 'transfer-encoding': 'chunked' },
      })
      expect(status, path).to.equal(404)
    }
    expect(await tableRows()).to.deep.equal(before)
  })

  it('is answered to a page of another site, which its browser keeps from reading it', async () => {
    for (const site of ['cross-site', 'same-site', 'none']) {
      const headers = {
        'sec-fetch-site': site,
        origin: 'http://evil.example',
        cookie: `id=${client.cookies.get('id') ?? ''}`,
      }
      const answer = await rawRequest(client.address, { method: 'GET', path: '/api/me', headers })
      expect(answer.status).to.equal(200)
      expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).to.deep.equal([])
      expect(answer.headers.get('cross-origin-resource-policy')).to.equal('same-origin')
    }
  })
})
