import { expect } from 'chai'
import { startTestCell, type TestCell } from '../../support/cell'
import { newCredentials, type Answer, type Client } from '../../support/client'
import { signed } from '../../support/cookie'
import { tableRows } from '../../support/table-rows'

const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }

describe('routes/api', () => {
  const owner = newCredentials()
  let cell: TestCell

  before(async () => {
    cell = await startTestCell()
    await cell.client().post('/api/register', owner)
  })
  after(() => cell.stop())

  async function logIn(client = cell.client()): Promise<Client> {
    expect((await client.post('/api/login', owner)).status).to.equal(200)
    return client
  }
  const statuses = (...clients: Client[]): Promise<number[]> =>
    Promise.all(clients.map(async (client) => (await client.get('/api/me')).status))
  async function counts(): Promise<number[]> {
    const { owners = [], sessions = [] } = await tableRows(cell)
    return [owners.length, sessions.length]
  }

  function expectProblem({ status, headers, body }: Answer, expected: { status: number; code?: string }): void {
    expect(body).to.include(expected)
    expect(status).to.equal(expected.status)
    expect(headers.get('content-type')).to.match(/^application\/problem\+json\b/)
    // A scheme for which no browser asks for a password (RFC 9110).
    expect(headers.get('www-authenticate')).to.equal(expected.status === 401 ? 'Cookie realm="login"' : null)
  }

  describe('for programs', () => {
    it('registers, logs in, shows who is logged in, and logs out', async () => {
      const [client, credentials] = [cell.client(), newCredentials()]
      const [owners = 0, sessions = 0] = await counts()
      const registered = await client.post('/api/register', credentials)
      expect([registered.status, registered.headers.getSetCookie()]).to.deep.equal([201, []])
      expect(registered.body).to.have.keys('id', 'username').and.include({ username: credentials.username })
      expect(await statuses(client), 'a registration is no login').to.deep.equal([401])

      const loggedIn = await client.post('/api/login', credentials)
      expect([loggedIn.status, loggedIn.body]).to.deep.equal([200, registered.body])
      expect((await client.get('/api/me')).body).to.deep.equal(registered.body)
      expect(await counts()).to.deep.equal([owners + 1, sessions + 1])

      const old = client.copy()
      const { status, text } = await client.post('/api/logout')
      expect([status, text, client.cookies.size]).to.deep.equal([204, '', 0])
      expect(await counts()).to.deep.equal([owners + 1, sessions])
      expectProblem(await client.get('/api/me'), { status: 401, code: 'LOGIN_REQUIRED' })
      expect(await statuses(old), 'OWASP ASVS 7.4.1').to.deep.equal([401])
    })

    it('refuses to register a taken name', async () => {
      const answer = await cell.client().post('/api/register', { ...newCredentials(), username: owner.username })
      expectProblem(answer, { status: 409, code: 'USERNAME_TAKEN' })
    })

    it('answers a wrong password like an unknown name, and keeps an earlier login', async () => {
      const client = await logIn()
      const wrong = await client.post('/api/login', { ...owner, password: 'not the password' })
      expectProblem(wrong, { status: 401, code: 'INVALID_CREDENTIALS' })
      expect(wrong.body).to.deep.equal((await client.post('/api/login', newCredentials())).body)
      expect(await statuses(client)).to.deep.equal([200])
    })
  })

  describe('the session cookie', () => {
    it('is set by a login alone', async () => {
      const [client, visitor] = [await logIn(), cell.client()]
      for (const answer of [
        await client.get('/api/me'),
        await client.get('/'),
        await visitor.get('/nothing'),
        await visitor.get('/api/me'),
        await visitor.submit('/api/login', newCredentials()),
        await visitor.post('/api/logout'),
      ])
        expect(answer.headers.getSetCookie()).to.deep.equal([])
    })

    it('is replaced by another login, which rejects the old one (OWASP ASVS 7.2.4)', async () => {
      const client = await logIn()
      const old = client.copy()
      await logIn(client)
      expect(client.cookies.get('id')).to.not.equal(old.cookies.get('id'))
      expect(await statuses(client, old)).to.deep.equal([200, 401])
    })

    it('logs nobody in, and is never adopted, if the cell did not issue it (OWASP ASVS 7.2.1)', async () => {
      const client = cell.client()
      const value = signed('A'.repeat(32), 'keyboard cat')
      client.cookies.set('id', value)
      const forged = client.copy()
      expect((await client.get('/api/me')).headers.getSetCookie()).to.deep.equal([])
      await logIn(client)
      expect(client.cookies.get('id')).to.not.equal(value)
      expect(await statuses(client, forged)).to.deep.equal([200, 401])
    })
  })

  describe('for browsers', () => {
    it('leads back to the start page after each step', async () => {
      const [client, credentials] = [cell.client(), newCredentials()]
      const steps = { '/api/register': credentials, '/api/login': credentials, '/api/logout': {} }
      for (const [url, fields] of Object.entries(steps)) {
        const { status, headers } = await client.submit(url, fields)
        expect([status, headers.get('location')], url).to.deep.equal([303, '/'])
        expect(await statuses(client), url).to.deep.equal([url === '/api/login' ? 200 : 401])
      }
    })

    it('shows a page for what goes wrong', async () => {
      const client = cell.client()
      for (const [{ status, headers, text }, expected] of [
        [await client.submit('/api/login', newCredentials()), 401],
        [await client.submit('/api/register', owner), 409],
        [await client.get('/api/me', HTML), 401],
        [await client.get('/nothing', HTML), 404],
      ] as const) {
        expect([status, headers.get('content-type')]).to.deep.equal([expected, 'text/html; charset=utf-8'])
        expect(text).to.include('href="/"')
      }
    })
  })

  describe('the guard', () => {
    it('stops every request below /api without a login', async () => {
      const urls =
        '/api /api/ /API/me /api/ME/ /api//me /api/login /api/sessions /api/sessions/x /api/password /api/nothing'
      for (const url of urls.split(' '))
        expectProblem(await cell.client().get(url), { status: 401, code: 'LOGIN_REQUIRED' })
      for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])
        expectProblem(await cell.client().send(method, '/api/me?ownerId=1'), { status: 401 })
      for (const request of ['POST logout', 'POST password', 'DELETE sessions', 'DELETE sessions/x']) {
        const [method = '', path = ''] = request.split(' ')
        expectProblem(await cell.client().send(method, `/api/${path}`), { status: 401 })
      }
    })

    it('leaves alone what only begins like it, and lets a logged-in user see that there is nothing', async () => {
      const client = await logIn()
      const answers = ['/apiary', '/api.json', '/api-docs'].map((url) => cell.client().get(url))
      for (const answer of await Promise.all([...answers, client.get('/api/nothing'), client.get('/api/logout')]))
        expectProblem(answer, { status: 404, code: 'NOT_FOUND' })
    })
  })
})
