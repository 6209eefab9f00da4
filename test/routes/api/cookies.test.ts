import { expect } from 'chai'
import { startTestCell, type TestCell } from '../../support/cell'
import { newCredentials, type Client } from '../../support/client'
import { signed } from '../../support/cookie'
import { countRows } from '../../support/row-counts'

const ID = 'A'.repeat(32)

describe('the session cookie', () => {
  let cell: TestCell

  before(async () => {
    cell = await startTestCell()
  })
  after(() => cell.stop())

  async function loggedIn(): Promise<Client> {
    const client = cell.client()
    await client.registerAndLogIn()
    return client
  }

  const me = async (cookie: string): Promise<number> => (await cell.client().get('/api/me', { cookie })).status

  it('is set by a login, for the whole site and for no script', async () => {
    const client = cell.client()
    const credentials = newCredentials()
    await client.post('/api/register', credentials)
    const { headers } = await client.post('/api/login', credentials)
    const [cookie = '', ...others] = headers.getSetCookie()
    expect(others).to.be.empty
    expect(cookie.split('; ').slice(1).sort()).to.deep.equal(['HttpOnly', 'Path=/', 'SameSite=Lax'])
    expect(decodeURIComponent(client.cookies.get('id') ?? '')).to.match(/^s:[\w-]{22,}\..{27,}$/)
    expect(headers.get('cache-control')).to.equal('no-store')
  })

  it('is set by a login of a browser on the redirect itself', async () => {
    const client = cell.client()
    const credentials = newCredentials()
    await client.submit('/api/register', credentials)
    expect((await client.submit('/api/login', credentials)).headers.getSetCookie()).to.have.lengthOf(1)
  })

  it('is not set for visitors', async () => {
    const before = await countRows()
    const answers = [
      await cell.client().get('/'),
      await cell.client().get('/style.css'),
      await cell.client().get('/nothing'),
      await cell.client().get('/api/me'),
      await cell.client().post('/api/register', newCredentials()),
      await cell.client().post('/api/login', newCredentials()),
      await cell.client().submit('/api/login', newCredentials()),
      await cell.client().post('/api/logout'),
    ]
    for (const { headers } of answers) expect(headers.getSetCookie()).to.be.empty
    expect((await countRows()).sessions).to.equal(before.sessions)
  })

  it('is not set again by reading', async () => {
    const client = await loggedIn()
    expect((await client.get('/api/me')).headers.getSetCookie()).to.be.empty
    expect((await client.get('/')).headers.getSetCookie()).to.be.empty
  })

  it('of before a logout is of no use (OWASP ASVS 7.4.1)', async () => {
    const client = await loggedIn()
    const cookie = `id=${client.cookies.get('id') ?? ''}`
    expect(await me(cookie)).to.equal(200)
    await client.post('/api/logout')
    expect(await me(cookie)).to.equal(401)
    expect(await me(cookie)).to.equal(401)
  })

  it('of before another login is of no use (OWASP ASVS 7.2.4)', async () => {
    const client = await loggedIn()
    const first = `id=${client.cookies.get('id') ?? ''}`
    const credentials = await client.registerAndLogIn()
    expect(client.cookies.get('id')).to.not.equal(first.slice(3))
    expect(await me(first)).to.equal(401)
    expect((await client.get('/api/me')).body).to.include({ username: credentials.username })
  })

  it('of one login outlives the logout of another', async () => {
    const credentials = newCredentials()
    const [one, two] = [cell.client(), cell.client()]
    await one.post('/api/register', credentials)
    await one.post('/api/login', credentials)
    await two.post('/api/login', credentials)
    await one.post('/api/logout')
    expect((await one.get('/api/me')).status).to.equal(401)
    expect((await two.get('/api/me')).status).to.equal(200)
  })

  const forged: [title: string, value: string][] = [
    ['an id with an empty signature', encodeURIComponent(`s:${ID}.`)],
    ['an id signed with a common secret', signed(ID, 'keyboard cat')],
  ]
  for (const [title, value] of forged) {
    it(`that is ${title} logs nobody in, and is never adopted (OWASP ASVS 7.2.1)`, async () => {
      const before = await countRows()
      const { status, headers, body } = await cell.client().get('/api/me', { cookie: `id=${value}` })
      expect(status).to.equal(401)
      expect(body).to.include({ code: 'OWNER_NOT_FOUND' })
      expect(headers.getSetCookie()).to.be.empty
      expect(await countRows()).to.deep.equal(before)

      const client = cell.client()
      const credentials = newCredentials()
      await client.post('/api/register', credentials)
      client.cookies.set('id', value)
      expect((await client.post('/api/login', credentials)).status).to.equal(200)
      expect(client.cookies.get('id')).to.not.equal(value)
      expect(await me(`id=${value}`)).to.equal(401)
    })
  }

  it('is not taken from anywhere else', async () => {
    const client = await loggedIn()
    const value = client.cookies.get('id') ?? ''
    const visitor = cell.client()
    expect((await visitor.get(`/api/me?id=${value}`)).status).to.equal(401)
    expect((await visitor.get('/api/me', { id: value, authorization: `Bearer ${value}` })).status).to.equal(401)
    expect(await me(`Id=${value}; connect.sid=${value}`)).to.equal(401)
  })

  it('that is longer than a header may be is refused, and the cell goes on', async () => {
    expect((await cell.client().get('/api/me', { cookie: `id=${'x'.repeat(20_000)}` })).status).to.equal(431)
    expect((await cell.client().get('/')).status).to.equal(200)
  })
})
