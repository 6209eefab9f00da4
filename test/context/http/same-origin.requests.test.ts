import { expect } from 'chai'
import apiRoutes from '../../../routes/api'
import passwordRoutes from '../../../routes/api/password'
import sessionRoutes from '../../../routes/api/sessions'
import { startTestCell, type TestCell } from '../../support/cell'
import { newCredentials, type Answer, type Client } from '../../support/client'
import { keepErrorLog } from '../../support/error-log'
import { rawRequest, type RawRequest } from '../../support/raw-request'
import { databaseIn, tableRows } from '../../support/table-rows'

const TRUSTED = 'https://app.example.org'
const CROSS_SITE = { 'sec-fetch-site': 'cross-site' }
const PROBLEM = {
  type: 'about:blank',
  title: 'Forbidden',
  status: 403,
  code: 'CROSS_ORIGIN',
  detail: 'This request comes from a page of another site.',
}
const NEW = 'staple horse battery'

describe('a request from another origin', () => {
  let cell: TestCell
  let client: Client
  let credentials: { username: string; password: string }

  before(async () => {
    cell = await startTestCell({
      plasma: { 'express-server': { trustedOrigins: [TRUSTED] }, throttle: { account: { failures: 3 } } },
    })
    client = cell.client()
    credentials = await client.registerAndLogIn()
  })
  after(() => cell.stop())

  const send = (request: Partial<RawRequest>): Promise<Answer> =>
    rawRequest(client.address, { path: '/api/login', ...request, headers: { ...CROSS_SITE, ...request.headers } })

  /** The throttle's own rows may still change after an answer. */
  async function ownersAndSessions(): Promise<object> {
    const { owners, sessions } = await tableRows(cell)
    return { owners, sessions }
  }

  /** Every route that changes something, in an order in which one client may ask for all of them. */
  async function changes(): Promise<Record<string, [method: string, path: string, body?: object]>> {
    const other = cell.client()
    for (const another of [cell.client(), other]) await another.post('/api/login', credentials)
    const sessions = (await other.get('/api/sessions')).body as { id: string; current: boolean }[]
    const id = sessions.find(({ current }) => current)?.id ?? ''
    return {
      'POST /register': ['POST', '/api/register', newCredentials()],
      'DELETE /sessions/:id': ['DELETE', `/api/sessions/${id}`],
      'DELETE /sessions': ['DELETE', '/api/sessions'],
      'POST /password': ['POST', '/api/password', { currentPassword: credentials.password, newPassword: NEW }],
      'POST /login': ['POST', '/api/login', { ...credentials, password: NEW }],
      'POST /logout': ['POST', '/api/logout'],
    }
  }

  it('changes nothing, whatever it asks for; a request from the same origin does (OWASP ASVS 3.5.1)', async () => {
    const requests = await changes()
    const { plasma } = cell
    const files = { '': apiRoutes(plasma, {}), '/password': passwordRoutes(plasma), '/sessions': sessionRoutes(plasma) }
    const keys = Object.entries(files).flatMap(([path, routes]) =>
      Object.keys(routes).map((key) => key.replace(/^(\S+) ?/, `$1 ${path}`)),
    )
    expect(Object.keys(requests)).to.have.members(keys.filter((key) => !/^(GET|\*) /.test(key)))
    const sendFrom = (site: object, [method, path, body]: [string, string, object?]): Promise<Answer> =>
      client.send(method, path, body && JSON.stringify(body), { 'content-type': 'application/json', ...site })

    const before = await ownersAndSessions()
    for (const request of Object.values(requests)) {
      for (const site of [CROSS_SITE, { 'sec-fetch-site': 'same-site' }, { origin: 'null' }]) {
        const { status, body, headers } = await sendFrom(site, request)
        expect([status, body, headers.getSetCookie()]).to.deep.equal([403, PROBLEM, []])
      }
    }
    expect(await ownersAndSessions()).to.deep.equal(before)
    for (const [key, request] of Object.entries(requests)) {
      const rows = await ownersAndSessions()
      expect((await sendFrom({ 'sec-fetch-site': 'same-origin' }, request)).status, key).to.be.within(200, 204)
      expect(await ownersAndSessions(), key).to.not.deep.equal(rows)
    }
    credentials.password = NEW
    await client.post('/api/login', credentials)
  })

  it('with a safe method changes nothing, and its page cannot read the answer (OWASP ASVS 3.5.1)', async () => {
    const query = new URLSearchParams({
      ...credentials,
      currentPassword: credentials.password,
      newPassword: NEW,
      _method: 'POST',
    })
    const urls = '/ /assets/style.x.css /nothing /api/register /api/login /api/logout /api/password /api/sessions'
    const headers = { 'x-http-method-override': 'DELETE', cookie: `id=${client.cookies.get('id') ?? ''}` }
    const before = await ownersAndSessions()
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'TRACE']) {
      for (const url of urls.split(' ')) {
        const answer = await send({ method, path: `${url}?${query.toString()}`, headers })
        expect(answer.status, url).to.be.oneOf([200, 404])
        expect([...answer.headers.keys()].join(), url).to.not.match(/set-cookie|clear-site-data|access-control/)
        expect(answer.headers.get('cross-origin-resource-policy'), url).to.equal('same-origin')
      }
    }
    expect(await ownersAndSessions()).to.deep.equal(before)
  })

  it('passes if DNA trusts its origin, whose pages may still read nothing', async () => {
    const from = { ...CROSS_SITE, origin: TRUSTED }
    expect((await cell.client().post('/api/logout', undefined, from)).status).to.equal(401)
    const preflight = { origin: TRUSTED, 'access-control-request-method': 'POST' }
    const { headers } = await client.send('OPTIONS', '/api/logout', undefined, preflight)
    expect([...headers.keys()].join()).to.not.include('access-control')
  })

  it('is refused before its URL and body are looked at', async () => {
    for (const request of [
      { body: '{"__proto__":{}}' },
      { body: 'x', headers: { 'content-type': 'text/plain' } },
      { body: '{"username":', headers: { 'content-length': '1000' }, ends: false },
      { path: '/%ff' },
    ])
      expect((await send(request)).body).to.deep.equal(PROBLEM)
  })

  it('is not counted as a login: no page can lock others out (OWASP ASVS 6.3.1)', async () => {
    const body = JSON.stringify({ ...credentials, password: 'not the password' })
    const statuses = async (site: string): Promise<number[]> => {
      const answers = [1, 2, 3, 4].map(() => send({ body, headers: { 'sec-fetch-site': site } }))
      return (await Promise.all(answers)).map(({ status }) => status)
    }
    expect(await statuses('cross-site')).to.deep.equal([403, 403, 403, 403])
    expect(await statuses('none')).to.have.members([401, 401, 401, 429])
  })

  describe('without a database', () => {
    const log = keepErrorLog()

    it('is refused before a session is loaded', async () => {
      await databaseIn(cell).close()
      expect((await client.post('/api/logout', undefined, CROSS_SITE)).body).to.deep.equal(PROBLEM)
      expect(log).to.deep.equal([])
      expect((await client.post('/api/logout')).status).to.equal(503)
    })
  })
})
