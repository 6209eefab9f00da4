import { expect } from 'chai'
import { startTestCell, type TestCell } from '../../support/cell'
import { newCredentials, type Answer } from '../../support/client'
import { countRows } from '../../support/row-counts'

const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }

describe('routes/api', () => {
  let cell: TestCell

  before(async () => {
    cell = await startTestCell()
  })
  after(() => cell.stop())

  function expectProblem({ status, headers, body }: Answer, expected: { status: number; code: string }): void {
    expect(status).to.equal(expected.status)
    expect(headers.get('content-type')).to.match(/^application\/problem\+json\b/)
    expect(headers.get('cache-control')).to.equal('no-store')
    expect(body).to.include({ type: 'about:blank', ...expected })
    expect(body).to.have.property('title').that.is.a('string')
    expect(body).to.have.property('detail').that.is.a('string').and.is.not.empty
  }

  describe('for programs', () => {
    it('registers, logs in, tells who is logged in, and logs out', async () => {
      const client = cell.client()
      const credentials = newCredentials()

      const registered = await client.post('/api/register', credentials)
      expect(registered.status).to.equal(201)
      expect(registered.body).to.have.keys('id', 'username').and.include({ username: credentials.username })

      const loggedIn = await client.post('/api/login', credentials)
      expect(loggedIn.status).to.equal(200)
      expect(loggedIn.body).to.deep.equal(registered.body)

      const me = await client.get('/api/me')
      expect(me.status).to.equal(200)
      expect(me.body).to.deep.equal(registered.body)

      const loggedOut = await client.post('/api/logout')
      expect([loggedOut.status, loggedOut.text]).to.deep.equal([204, ''])
      expect(loggedOut.headers.get('clear-site-data')).to.equal('"cache", "storage"')
      expectProblem(await client.get('/api/me'), { status: 401, code: 'OWNER_NOT_FOUND' })
    })

    it('takes forms as well as JSON', async () => {
      const client = cell.client()
      const form = new URLSearchParams(newCredentials()).toString()
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      expect((await client.send('POST', '/api/register', form, headers)).status).to.equal(201)
      expect((await client.send('POST', '/api/login', form, headers)).status).to.equal(200)
      expect((await client.get('/api/me')).status).to.equal(200)
    })

    it('does not log in by registering', async () => {
      const client = cell.client()
      const { headers } = await client.post('/api/register', newCredentials())
      expect(headers.getSetCookie()).to.be.empty
      expect((await client.get('/api/me')).status).to.equal(401)
    })

    it('refuses a name that is taken, and leaves its password as it was', async () => {
      const credentials = newCredentials()
      await cell.client().post('/api/register', credentials)
      for (const username of [credentials.username, credentials.username.toUpperCase()]) {
        const again = await cell.client().post('/api/register', { username, password: 'another password' })
        expectProblem(again, { status: 409, code: 'USERNAME_TAKEN' })
      }
      expect((await cell.client().post('/api/login', credentials)).status).to.equal(200)
      expect(
        (await cell.client().post('/api/login', { ...credentials, password: 'another password' })).status,
      ).to.equal(401)
    })

    it('answers a wrong password as it answers an unknown name', async () => {
      const credentials = newCredentials()
      await cell.client().post('/api/register', credentials)
      const wrong = await cell.client().post('/api/login', { ...credentials, password: 'not the password' })
      const unknown = await cell.client().post('/api/login', newCredentials())
      expectProblem(wrong, { status: 401, code: 'OWNER_NOT_FOUND' })
      expect(wrong.body).to.deep.equal(unknown.body)
    })

    it('keeps a login that a failed one follows', async () => {
      const client = cell.client()
      const credentials = await client.registerAndLogIn()
      expect((await client.post('/api/login', { ...credentials, password: 'not the password' })).status).to.equal(401)
      expect((await client.get('/api/me')).status).to.equal(200)
    })
  })

  describe('for browsers', () => {
    it('leads back to the start page after each step', async () => {
      const client = cell.client()
      const credentials = newCredentials()
      const steps = { '/api/register': credentials, '/api/login': credentials, '/api/logout': {} }
      for (const [url, fields] of Object.entries(steps)) {
        const { status, headers } = await client.submit(url, fields)
        expect([status, headers.get('location')], url).to.deep.equal([303, '/'])
        expect((await client.get('/api/me')).status, url).to.equal(url === '/api/login' ? 200 : 401)
      }
    })

    it('shows a page for what goes wrong', async () => {
      const credentials = newCredentials()
      await cell.client().post('/api/register', credentials)
      const rows: [answer: Answer, status: number][] = [
        [await cell.client().submit('/api/login', newCredentials()), 401],
        [await cell.client().submit('/api/register', credentials), 409],
        [await cell.client().submit('/api/register', { username: 'short', password: 'short' }), 400],
        [await cell.client().submit('/api/logout', {}), 401],
        [await cell.client().get('/api/me', HTML), 401],
        [await cell.client().get('/api/nothing', HTML), 401],
        [await cell.client().get('/nothing', HTML), 404],
      ]
      for (const [{ status: answered, headers, text }, status] of rows) {
        expect(answered).to.equal(status)
        expect(headers.get('content-type')).to.match(/^text\/html\b/)
        expect(text)
          .to.match(/^<!doctype html>/)
          .and.include('<a href="/">')
      }
    })
  })

  describe('the guard', () => {
    const known = ['/api', '/api/', '/api/me', '/API/me', '/api/ME/', '/api//me', '/api/logout', '/api/login']
    for (const url of [...known, '/api/nothing', '/api/me?ownerId=1']) {
      it(`stops GET ${url}`, async () => {
        expectProblem(await cell.client().get(url), { status: 401, code: 'OWNER_NOT_FOUND' })
      })
    }

    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      it(`stops ${method} /api/me`, async () => {
        expectProblem(await cell.client().send(method, '/api/me'), { status: 401, code: 'OWNER_NOT_FOUND' })
      })
    }

    it('stops a logout of nobody', async () => {
      expectProblem(await cell.client().post('/api/logout'), { status: 401, code: 'OWNER_NOT_FOUND' })
    })

    it('leaves alone what only begins like it', async () => {
      for (const url of ['/apiary', '/api.json', '/api-docs']) {
        expectProblem(await cell.client().get(url), { status: 404, code: 'NOT_FOUND' })
      }
    })

    it('tells who is logged in that there is nothing', async () => {
      const client = cell.client()
      await client.registerAndLogIn()
      expectProblem(await client.get('/api/nothing'), { status: 404, code: 'NOT_FOUND' })
      expectProblem(await client.get('/api/logout'), { status: 404, code: 'NOT_FOUND' })
      expect((await client.get('/api/me')).status).to.equal(200)
    })
  })

  it('writes one user and one session for one registration and one login, and no more', async () => {
    const before = await countRows()
    const client = cell.client()
    const credentials = await client.registerAndLogIn()
    await client.post('/api/login', credentials)
    await client.get('/api/me')
    expect(await countRows()).to.deep.equal({ users: before.users + 1, sessions: before.sessions + 1 })
    await client.post('/api/logout')
    expect(await countRows()).to.deep.equal({ users: before.users + 1, sessions: before.sessions })
  })
})
