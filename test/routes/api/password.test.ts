import { expect } from 'chai'
import { startTestCell, type TestCell } from '../../support/cell'
import type { Answer, Client } from '../../support/client'
import { TrustPoint } from '../../support/trust-point'

const NEW = 'staple horse battery'
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

interface Owner {
  username: string
  password: string
}

const change = (client: Client, currentPassword: unknown, newPassword: unknown = NEW): Promise<Answer> =>
  client.post('/api/password', { currentPassword, newPassword })
const statuses = (...clients: Client[]): Promise<number[]> =>
  Promise.all(clients.map(async (client) => (await client.get('/api/me')).status))

describe('POST /api/password', () => {
  const chemicals: Organic.Chemical[] = []
  let apps: TrustPoint
  let cell: TestCell

  before(async () => {
    apps = await TrustPoint.answering(200, { id: 'app-1' })
    cell = await startTestCell({ plasma: { sessions: { remoteAuthenticateEndpoint: apps.endpoint }, throttle: false } })
    for (const type of ['PasswordChanged', 'PasswordChangeFailed'])
      cell.plasma.on(type, (chemical) => chemicals.push(chemical))
  })
  beforeEach(() => (chemicals.length = 0))
  after(async () => {
    await cell.stop()
    await apps.stop()
  })

  async function logIn(credentials: object): Promise<Client> {
    const client = cell.client()
    expect((await client.post('/api/login', credentials)).status).to.equal(200)
    return client
  }
  async function register(): Promise<{ client: Client; owner: Owner; id: string }> {
    const client = cell.client()
    const owner = await client.registerAndLogIn()
    return { client, owner, id: ((await client.get('/api/me')).body as { id: string }).id }
  }
  /** Which of these passwords the owner can log in with. */
  async function valid({ username }: Owner, ...passwords: string[]): Promise<string[]> {
    const answers = passwords.map((password) => cell.client().post('/api/login', { username, password }))
    const statuses = (await Promise.all(answers)).map(({ status }) => status)
    return passwords.filter((_password, index) => statuses[index] === 200)
  }

  it("ends the owner's other sessions at once, and nobody else's (OWASP ASVS 7.4.3, 7.2.4)", async () => {
    const [{ client, owner, id }, { client: other }] = [await register(), await register()]
    const [one, two] = [await logIn(owner), client.copy()]
    const { status, text, headers } = await change(client, owner.password)
    expect([status, text, headers.get('cache-control'), headers.has('clear-site-data')]).to.deep.equal([
      204,
      '',
      'no-store',
      false,
    ])
    expect([headers.getSetCookie().length, client.cookies.get('id') === two.cookies.get('id')]).to.deep.equal([
      1,
      false,
    ])
    expect(await statuses(client, one, two, other)).to.deep.equal([200, 401, 401, 200])
    expect(await valid(owner, owner.password, NEW)).to.deep.equal([NEW])
    const [{ time, ...facts } = { type: '' }, ...others] = chemicals
    expect([typeof time, others]).to.deep.equal(['number', []])
    const where = { address: '127.0.0.1', agent: 'node' }
    expect(facts).to.deep.equal({ type: 'PasswordChanged', ownerId: id, actor: undefined, ...where })
  })

  it('says in its chemical which application acts for the owner', async () => {
    const { owner, id } = await register()
    const application = await logIn({ appname: 'bot', password: 'app secret', ownerId: id })
    expect((await change(application, owner.password)).status).to.equal(204)
    expect(chemicals).to.have.length(1)
    expect(chemicals[0]).to.deep.include({ type: 'PasswordChanged', ownerId: id, actor: { id: 'app-1' } })
    expect((await application.get('/api/me')).body).to.deep.include({ actor: { id: 'app-1' } })
  })

  it('needs the current password, or nothing changes (OWASP ASVS 6.2.3, 16.2.5)', async () => {
    const { client, owner, id } = await register()
    const other = await logIn(owner)
    const { status, body, headers } = await change(client, 'not the password')
    expect(body).to.include({ status: 403, code: 'CURRENT_PASSWORD_WRONG' })
    expect([status, headers.getSetCookie()]).to.deep.equal([403, []])
    const where = { ownerId: id, address: '127.0.0.1', agent: 'node' }
    expect(chemicals).to.have.length(1)
    expect(chemicals[0]).to.include({ type: 'PasswordChangeFailed', reason: 'CURRENT_PASSWORD_WRONG', ...where })
    expect(JSON.stringify(chemicals)).not.to.match(/battery|not the password|argon2/)
    expect(await statuses(client, other)).to.deep.equal([200, 200])
    expect(await valid(owner, owner.password, NEW)).to.deep.equal([owner.password])
  })

  it('takes the new one exactly as it was sent (OWASP ASVS 6.2.5, 6.2.8)', async () => {
    const { client, owner } = await register()
    const password = `  cafe\u0301 🐎\0'"--;%00&<b>+=\\ `
    const form = new URLSearchParams({ currentPassword: owner.password, newPassword: password }).toString()
    expect((await client.send('POST', '/api/password', form, FORM)).status).to.equal(204)
    const others = [password.trim(), password.normalize(), password.replace('%00', '\0'), password.split('\0')[0] ?? '']
    expect(await valid(owner, password, ...others)).to.deep.equal([password])
  })

  it('leads browsers back to the start page, or shows a page for what goes wrong', async () => {
    const { client, owner } = await register()
    const wrong = await client.submit('/api/password', { currentPassword: 'not the password', newPassword: NEW })
    expect([wrong.status, wrong.headers.get('content-type')]).to.deep.equal([403, 'text/html; charset=utf-8'])
    const fields = { currentPassword: owner.password, newPassword: NEW }
    const { status, headers } = await client.submit('/api/password', fields)
    expect([status, headers.get('location'), headers.getSetCookie().length]).to.deep.equal([303, '/', 1])
    expect(await statuses(client)).to.deep.equal([200])
  })
})
