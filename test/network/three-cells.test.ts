import { expect } from 'chai'
import { newCredentials, type Client } from '../support/client'
import { Network } from '../support/network'
import type { OwnersCommand } from '../support/owners-command'

const password = 'correct horse battery'

describe('a network of three cells, by DNA alone', () => {
  const network = new Network()
  let users: () => Client
  let apps: () => Client
  let trusting: () => Client
  const ada = newCredentials()
  const app = { appname: `app-${crypto.randomUUID()}`, password }
  let adaId: unknown
  let appId: unknown
  let ownersOfUsers: OwnersCommand

  before(async function () {
    this.timeout(120_000)
    const second = await network.start('_apps')
    const first = await network.start('_users+_here', { APPS_ENDPOINT: `${second.address}/api/login` })
    const third = await network.trusting(`${first.address}/api/login`, `${second.address}/api/login`)
    users = () => first.client()
    apps = () => second.client()
    trusting = () => third.client()
    const registered = await users().post('/api/register', { ...ada, email: 'ada@example.org' })
    expect(registered.status).to.equal(201)
    adaId = (registered.body as { id: unknown }).id
    // Nobody becomes an application by registering.
    const created = await network.owners('_apps', second.data)(['create', app.appname], `${password}\n`)
    expect(created).to.include({ code: 0 })
    appId = ((await apps().post('/api/login', app)).body as { id: unknown }).id
    ownersOfUsers = network.owners('_users', first.data)
  })
  after(() => network.stop())

  it('logs a user of the first in at the third, under the same id', async () => {
    const client = trusting()
    const login = await client.post('/api/login', ada)
    expect(login.status).to.equal(200)
    expect(login.body).to.deep.equal({ id: adaId, username: ada.username, email: 'ada@example.org' })
    expect((await client.get('/api/me')).body).to.deep.equal(login.body)
    expect((await client.post('/api/logout')).status).to.equal(204)
    expect((await client.get('/api/me')).status).to.equal(401)
  })

  it('does not log in a user with a wrong password, or one that is unknown everywhere', async () => {
    expect((await trusting().post('/api/login', { ...ada, password: 'wrong password' })).status).to.equal(401)
    expect((await trusting().post('/api/login', newCredentials())).status).to.equal(401)
  })

  it('answers with the same bytes to who is unknown, has a wrong password, or is disabled (OWASP ASVS 6.3.8)', async () => {
    const disabled = newCredentials()
    await users().post('/api/register', disabled)
    expect(await ownersOfUsers(['disable', disabled.username])).to.include({ code: 0 })
    const answers = [newCredentials(), { ...ada, password: 'wrong password' }, disabled].map((given) =>
      trusting().post('/api/login', given),
    )
    const [first, ...others] = (await Promise.all(answers)).map(({ status, text }) => ({ status, text }))
    expect(first).to.have.property('status', 401)
    for (const answer of others) expect(answer).to.deep.equal(first)
  })

  it('lets an application of the second act for a user that the third has met, as he and no more (OWASP ASVS 8.3.3)', async () => {
    await trusting().post('/api/login', ada)
    const client = trusting()
    expect((await client.post('/api/login', { ...app, ownerId: adaId })).status).to.equal(200)
    expect((await client.get('/api/me')).body).to.deep.include({ id: adaId, actor: { id: appId } })
    const page = await client.get('/', { accept: 'text/html' })
    expect(page.text).to.contain(ada.username).and.to.contain(String(appId))
  })

  it('lets it act for a user whom the third has not met, and for nobody who is unknown everywhere', async () => {
    const stranger = newCredentials()
    const { id } = (await users().post('/api/register', stranger)).body as { id: string }
    const client = trusting()
    expect((await client.post('/api/login', { ...app, ownerId: id })).status).to.equal(200)
    expect((await client.get('/api/me')).body).to.deep.equal({ id, username: stranger.username, actor: { id: appId } })
    expect((await trusting().post('/api/login', { ...app, ownerId: 'nobody' })).status).to.equal(401)
  })

  it('refuses credentials that are none, without asking about them', async () => {
    for (const credentials of [
      { appname: { $ne: '' }, password: { $ne: '' }, ownerId: adaId },
      { ownerId: adaId },
      { ...app, password: [password], ownerId: adaId },
      { email: 'ada@example.org', password: { $ne: '' } },
      { ...app, ownerId: Number.MAX_SAFE_INTEGER + 1 },
    ]) {
      expect((await trusting().post('/api/login', credentials)).status, JSON.stringify(credentials)).to.equal(400)
    }
  })

  it('lets no stranger become an application (OWASP ASVS 8.3.3, 13.2.1)', async () => {
    const mallory = { appname: 'mallory', password }
    expect((await apps().post('/api/register', mallory)).status).to.equal(404)
    expect((await trusting().post('/api/login', { ...mallory, ownerId: adaId })).status).to.equal(401)
  })

  it('shows no actor when the user logs in himself', async () => {
    const client = trusting()
    await client.post('/api/login', { ...app, ownerId: adaId })
    await client.post('/api/login', ada)
    expect((await client.get('/api/me')).body).not.to.have.property('actor')
  })

  it('refuses an application with a wrong password, whomever it acts for (OWASP ASVS 13.2.1)', async () => {
    for (const ownerId of [adaId, 'nobody']) {
      const answer = await trusting().post('/api/login', { ...app, password: 'wrong password', ownerId })
      expect(answer.status).to.equal(401)
    }
  })

  it('refuses a user who adds an ownerId to his own credentials', async () => {
    const eve = newCredentials()
    await users().post('/api/register', eve)
    expect((await trusting().post('/api/login', { ...eve, ownerId: adaId })).status).to.equal(401)
  })

  it('does not know an application as a user, nor a user as an application', async () => {
    expect((await trusting().post('/api/login', app)).status).to.equal(401)
    expect((await apps().post('/api/login', ada)).status).to.equal(401)
    expect((await users().post('/api/login', app)).status).to.equal(401)
  })

  it('accepts no ownerId where no point of trust for applications is named, and says nothing of the credentials', async () => {
    const answer = await apps().post('/api/login', { ...app, ownerId: adaId })
    expect(answer.status).to.equal(400)
    expect(answer.text).not.to.contain(app.appname).and.not.to.contain(password)
  })

  it('logs in whoever registered at the third itself, and keeps him apart from a namesake of the first', async () => {
    const own = { ...ada, password: 'another password' }
    const bob = newCredentials()
    expect((await trusting().post('/api/register', bob)).status).to.equal(201)
    expect((await trusting().post('/api/login', bob)).status).to.equal(200)
    await users().post('/api/register', { ...bob, password })
    expect((await trusting().post('/api/login', bob)).status).to.equal(200)
    expect((await trusting().post('/api/register', own)).status).to.equal(409)
  })
})
