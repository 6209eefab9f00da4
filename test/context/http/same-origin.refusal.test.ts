import { expect } from 'chai'
import { closeDatabase } from '../../../context/sql'
import { startTestCell, type TestCell } from '../../support/cell'
import { newCredentials, type Answer } from '../../support/client'
import { keepErrorLog } from '../../support/error-log'
import { rawRequest, type RawRequest } from '../../support/raw-request'

const PROBLEM = {
  type: 'about:blank',
  title: 'Forbidden',
  status: 403,
  code: 'CROSS_ORIGIN',
  detail: 'This request comes from a page of another site.',
}
const SECRETS = { cookie: 'id=s%3Ahunter2-cookie.hunter2-signature', authorization: 'Bearer hunter2-token' }

describe("the refusal of another site's request", () => {
  let cell: TestCell
  const chemicals: Organic.Chemical[] = []

  before(async () => {
    cell = await startTestCell({ plasma: { throttle: { address: { failures: 3 }, account: { failures: 3 } } } })
    cell.plasma.on('RequestRefused', (chemical: Organic.Chemical) => chemicals.push(chemical))
  })
  beforeEach(() => (chemicals.length = 0))
  after(() => cell.stop())

  const send = (
    request: Partial<RawRequest>,
    headers: RawRequest['headers'] = { 'sec-fetch-site': 'cross-site' },
  ): Promise<Answer> => {
    return rawRequest(cell.address ?? '', {
      path: '/api/login',
      ...request,
      headers: { ...headers, ...request.headers },
    })
  }

  it('is a problem document for programs, which no cache keeps', async () => {
    for (const accept of ['application/json', '*/*', 'text/plain', 'application/problem+json']) {
      const { status, headers, body } = await send({ headers: { accept } })
      expect([status, body], accept).to.deep.equal([403, PROBLEM])
      expect(headers.get('content-type'), accept).to.match(/^application\/problem\+json\b/)
      expect(headers.get('cache-control'), accept).to.equal('no-store')
      expect(headers.getSetCookie(), accept).to.deep.equal([])
    }
  })

  it('is a page for browsers, with the policy that every page has', async () => {
    const { status, headers, text } = await send({ headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } })
    expect(status).to.equal(403)
    expect(headers.get('content-type')).to.equal('text/html; charset=utf-8')
    expect(headers.get('content-security-policy'))
      .to.match(/default-src 'none'/)
      .and.match(/frame-ancestors 'none'/)
    expect(headers.get('cache-control')).to.equal('no-store')
    expect(text)
      .to.match(/^<!doctype html>/)
      .and.include(PROBLEM.detail)
      .and.include('<a href="/">')
  })

  it('is told, with the reason, the address and the agent, and no more (OWASP ASVS 16.3.1)', async () => {
    const before = Date.now()
    await send({
      headers: { 'user-agent': 'a browser/1.0', origin: 'http://hunter2.example', ...SECRETS },
      body: '{"username":"ada","password":"hunter2"}',
    })
    expect(chemicals).to.have.length(1)
    const { time, ...facts } = chemicals[0] ?? { type: '' }
    expect(facts).to.deep.equal({
      type: 'RequestRefused',
      reason: 'CROSS_ORIGIN',
      address: '127.0.0.1',
      agent: 'a browser/1.0',
    })
    expect(time).to.be.within(before, Date.now())
  })

  it('is told without what the request says of itself, its secrets first (OWASP ASVS 16.2.5)', async () => {
    await send({
      path: '/api/password?token=hunter2',
      headers: { ...SECRETS, referer: 'http://evil.example/hunter2', 'user-agent': 'x'.repeat(4000) },
    })
    const [chemical] = chemicals
    expect(JSON.stringify(chemical)).to.not.include('hunter2').and.not.include('evil.example')
    expect(chemical?.['agent']).to.equal('x'.repeat(256))
  })

  it('is told once for each, and for none that passes', async () => {
    await send({}, { 'sec-fetch-site': 'same-origin' })
    await send({}, {})
    await send({ method: 'GET', path: '/' })
    expect(chemicals).to.deep.equal([])
    await send({}, { 'sec-fetch-site': 'same-site' })
    await send({}, { origin: 'null' })
    expect(chemicals).to.have.length(2)
  })

  describe('comes before', () => {
    const bodies: [what: string, request: Partial<RawRequest>][] = [
      ['a body that cannot be parsed', { body: '{"username":' }],
      ['a body with __proto__', { body: '{"__proto__":{}}' }],
      ['a body that is too large', { body: JSON.stringify({ username: 'x'.repeat(100_000) }) }],
      ['a body of another type', { body: 'x', headers: { 'content-type': 'text/plain' } }],
      ['a body in an encoding that does not exist', { body: '{}', headers: { 'content-encoding': 'hunter2' } }],
      ['a body that never ends', { body: '{"username":', headers: { 'content-length': '1000' }, ends: false }],
      ['a route that is not there', { path: '/nothing' }],
      ['a URL that cannot be decoded', { path: '/%ff' }],
    ]
    for (const [what, request] of bodies) {
      it(`${what} is looked at`, async () => {
        const { status, body } = await send(request)
        expect([status, body]).to.deep.equal([403, PROBLEM])
      })
    }

    it('a login is counted: nobody can lock others out from a page of theirs (OWASP ASVS 6.3.1)', async () => {
      const credentials = newCredentials()
      await cell.client().post('/api/register', credentials)
      const wrong = JSON.stringify({ ...credentials, password: 'not the password' })
      for (let attempt = 0; attempt < 8; attempt += 1) expect((await send({ body: wrong })).status).to.equal(403)
      expect((await cell.client().post('/api/login', credentials)).status).to.equal(200)

      const statuses: number[] = []
      for (let attempt = 0; attempt < 8; attempt += 1) statuses.push((await send({ body: wrong }, {})).status)
      expect(statuses).to.include(401).and.include(429)
    })
  })
})

describe("the refusal of another site's request, without a database", () => {
  const log = keepErrorLog()
  let cell: TestCell

  before(async () => {
    cell = await startTestCell()
  })
  after(() => cell.stop())

  it('comes before a session is loaded', async () => {
    const client = cell.client()
    await client.registerAndLogIn()
    const cookie = `id=${client.cookies.get('id') ?? ''}`
    await closeDatabase()
    const logout = (headers: Record<string, string>): Promise<Answer> =>
      rawRequest(client.address, { path: '/api/logout', headers: { cookie, ...headers } })
    expect((await logout({})).status).to.equal(503)
    expect(log.splice(0)).to.have.length(1)
    expect((await logout({ 'sec-fetch-site': 'cross-site' })).body).to.deep.equal(PROBLEM)
    expect(log).to.deep.equal([])
  })
})
