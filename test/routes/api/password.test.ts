import { expect } from 'chai'
import { startTestCell, type TestCell } from '../../support/cell'
import type { Answer, Client } from '../../support/client'
import { keepErrorLog } from '../../support/error-log'
import { databaseIn } from '../../support/table-rows'
import { temporaryFolder } from '../../support/temporary-folder'
import { TrustPoint } from '../../support/trust-point'

const NEW = 'staple horse battery'
const REMOTE = { username: 'grace', password: 'known there alone' }
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
  let users: TrustPoint
  let apps: TrustPoint
  let cell: TestCell

  before(async () => {
    users = await TrustPoint.start((_req, res) => {
      const isKnown = (users.requests.at(-1)?.body as Owner).password === REMOTE.password
      const headers = { 'content-type': 'application/json' }
      res.writeHead(isKnown ? 200 : 401, headers).end(JSON.stringify({ id: 'remote-1', username: REMOTE.username }))
    })
    apps = await TrustPoint.answering(200, { id: 'app-1' })
    const sessions = { remoteLoginEndpoint: users.endpoint, remoteAuthenticateEndpoint: apps.endpoint }
    const options = { registrationBesideTrustPoint: true }
    cell = await startTestCell({ plasma: { sessions, throttle: false, 'api-routes': { options } } })
    for (const type of ['PasswordChanged', 'PasswordChangeFailed'])
      cell.plasma.on(type, (chemical) => chemicals.push(chemical))
  })
  beforeEach(() => (chemicals.length = 0))
  after(async () => {
    await cell.stop()
    await Promise.all([users.stop(), apps.stop()])
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
    for (const current of ['not the password', '', NEW, owner.password.toUpperCase(), `${owner.password} `]) {
      const { status, body, headers } = await change(client, current)
      expect(body).to.include({ status: 403, code: 'CURRENT_PASSWORD_WRONG' })
      expect([status, headers.getSetCookie()]).to.deep.equal([403, []])
      const where = { ownerId: id, address: '127.0.0.1', agent: 'node' }
      const failed = { type: 'PasswordChangeFailed', reason: 'CURRENT_PASSWORD_WRONG', ...where }
      expect(chemicals.at(-1)).to.include(failed)
    }
    expect(JSON.stringify(chemicals)).not.to.match(/battery|not the password|argon2/)
    expect(await statuses(client, other)).to.deep.equal([200, 200])
    expect(await valid(owner, owner.password, NEW)).to.deep.equal([owner.password])
  })

  it('takes two strings and nothing else, and judges the new one before the current (OWASP ASVS 6.2.1, 6.2.4)', async () => {
    const { client, owner } = await register()
    const { password: currentPassword } = owner
    const good = { currentPassword, newPassword: NEW }
    const values = [null, true, 1234567890, [NEW], { $ne: '' }, 'x'.repeat(257), `${NEW}\ud800`]
    const changes: unknown[] = [
      ...[
        {},
        [good],
        { currentPassword },
        { newPassword: NEW },
        { ...good, admin: true },
        { ...good, constructor: {} },
      ],
      ...[
        { ...good, id: '1' },
        { ...good, ownerId: '1' },
        { ...good, username: 'x' },
      ],
      ...values.flatMap((value) => [
        { ...good, newPassword: value },
        { ...good, currentPassword: value },
      ]),
      ...['', 'zqxjkvb', '🐎🔋📎🐴✅🔌🧷', 'PASSWORD', 'Sunshine1'].map((newPassword) => ({ ...good, newPassword })),
      { currentPassword: 'not the password', newPassword: 'short' },
    ]
    for (const body of changes) {
      const answer = await client.post('/api/password', body)
      expect(answer.status, JSON.stringify(body)).to.equal(400)
      expect(answer.body).to.include({ code: 'INVALID_PASSWORD_CHANGE' })
    }
    expect(chemicals).to.have.length(changes.length)
    for (const body of [
      '',
      `currentPassword=x&newPassword=${NEW}&newPassword=${NEW}`,
      'currentPassword=x&newPassword[$ne]=',
    ])
      expect((await client.send('POST', '/api/password', body, FORM)).status, body).to.equal(400)
    expect(await statuses(client)).to.deep.equal([200])
    expect(await valid(owner, currentPassword)).to.deep.equal([currentPassword])
  })

  it('is taken exactly as it was sent (OWASP ASVS 6.2.5, 6.2.8, 6.2.9)', async () => {
    const { client, owner } = await register()
    let current = owner.password
    for (const [next, ...others] of [
      ['zqxjkvbw', 'zqxjkvb', 'ZQXJKVBW'],
      ['🐎'.repeat(64), '🐎'.repeat(63)],
      ['  horse of  spaces ', 'horse of  spaces', '  horse of spaces '],
      ['cafe\u0301 cr\u00e8me \u2126', 'caf\u00e9 cr\u00e8me \u2126', 'cafe\u0301 cr\u00e8me \u03a9'],
      ['horse\0battery', 'horse', 'horse\0staple'],
      [`'"--;%00&<b>+=\\`, `'"--;\0&<b>+=\\`],
    ] as const) {
      const form = new URLSearchParams({ currentPassword: current, newPassword: next }).toString()
      expect((await client.send('POST', '/api/password', form, FORM)).status, next).to.equal(204)
      expect(await valid(owner, next, ...others)).to.deep.equal([next])
      current = next
    }
  })

  it('succeeds for one of those who ask at once, who stays logged in alone', async () => {
    const { client, owner } = await register()
    const clients = [client, await logIn(owner), await logIn(owner)]
    const passwords = clients.map((_client, index) => `${NEW} ${index}`)
    const answers = await Promise.all(clients.map((client, index) => change(client, owner.password, passwords[index])))
    const winner = answers.findIndex(({ status }) => status === 204)
    expect(answers.every(({ status }, index) => index === winner || [401, 403].includes(status))).to.equal(true)
    expect(await statuses(...clients)).to.deep.equal(clients.map((_client, index) => (index === winner ? 200 : 401)))
    expect(await valid(owner, owner.password, ...passwords)).to.deep.equal([passwords[winner]])
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

  it('is refused if a trust point keeps the password, whatever is given as the current one', async () => {
    const client = await logIn(REMOTE)
    const asked = users.requests.length
    for (const current of [REMOTE.password, 'not the password', ''])
      expect((await change(client, current)).body).to.include({ status: 409, code: 'PASSWORD_KEPT_ELSEWHERE' })
    expect(users.requests).to.have.length(asked)
    expect(await statuses(client)).to.deep.equal([200])
  })
})

describe('a password change whose new session cannot be saved', () => {
  keepErrorLog()

  it('is an error, but the password has changed and the other sessions ended (OWASP ASVS 16.5.3)', async () => {
    const data = { folder: temporaryFolder() }
    let cell = await startTestCell({ data })
    try {
      const client = cell.client()
      const owner = await client.registerAndLogIn()
      const other = cell.client()
      await other.post('/api/login', owner)
      cell.plasma.on('PasswordChanged', () => databaseIn(cell).close())
      expect((await change(client, owner.password)).body).to.include({ status: 503, code: 'STORE_UNAVAILABLE' })
      await cell.stop()
      cell = await startTestCell({ data })
      expect(await statuses(other.copy(cell.address))).to.deep.equal([401])
      expect((await cell.client().post('/api/login', owner)).status).to.equal(401)
      expect((await cell.client().post('/api/login', { ...owner, password: NEW })).status).to.equal(200)
    } finally {
      await cell.stop()
    }
  })
})
