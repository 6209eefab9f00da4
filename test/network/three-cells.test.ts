import { expect } from 'chai'
import { createOwnerKind } from '../../context/owners/kind'
import { startTestCell, type TestCell } from '../support/cell'
import { newCredentials } from '../support/client'
import { keepErrorLog } from '../support/error-log'
import { administerOwners } from '../support/owner-administration'
import { ROOT } from '../support/project'

const password = 'correct horse battery'

describe('a network of three cells, by DNA alone', () => {
  keepErrorLog()
  let users: TestCell
  let apps: TestCell
  let trusting: TestCell
  const ada = newCredentials()
  const app = { appname: `app-${crypto.randomUUID()}`, password }
  let adaId: string
  let appId: string

  before(async () => {
    const endpointOf = ({ address }: TestCell): string => `${String(address)}/api/login`
    apps = await startTestCell({}, ROOT, '_apps+_test')
    users = await startTestCell({ 'trust-points': { apps: endpointOf(apps) } }, ROOT, '_users+_test')
    const open = { options: { registration: true, registrationBesideTrustPoint: true } }
    const points = { users: endpointOf(users), apps: endpointOf(apps) }
    trusting = await startTestCell({ 'trust-points': points, plasma: { 'api-routes': open } }, ROOT, '_trusting+_test')
    const registered = await users.client().post('/api/register', { ...ada, email: 'ada@example.org' })
    adaId = (registered.body as { id: string }).id
    // Nobody becomes an application by registering.
    appId = (await administerOwners(apps.database, createOwnerKind('app', 'appname')).create(app.appname, password)).id
  })
  after(() => Promise.all([users.stop(), apps.stop(), trusting.stop()]))

  /** Logs in at the third cell, as a new visitor. */
  const logIn = (credentials: object): Promise<{ status: number; text: string }> =>
    trusting.client().post('/api/login', credentials)
  const statusesOf = (answers: Promise<{ status: number }>[]): Promise<number[]> =>
    Promise.all(answers.map(async (answer) => (await answer).status))

  it('logs a user of the first in at the third, under the same id', async () => {
    const client = trusting.client()
    const { status, body } = await client.post('/api/login', ada)
    expect([status, body]).to.deep.equal([200, { id: adaId, username: ada.username, email: 'ada@example.org' }])
    expect((await client.get('/api/me')).body).to.deep.equal(body)
    expect((await client.post('/api/logout')).status).to.equal(204)
    expect((await client.get('/api/me')).status).to.equal(401)
  })

  it('answers with the same bytes to unknown, wrong and disabled (OWASP ASVS 6.3.8)', async () => {
    const disabled = newCredentials()
    await users.client().post('/api/register', disabled)
    await administerOwners(users.database).disable(disabled.username)
    const refused = await Promise.all([newCredentials(), { ...ada, password: 'wrong password' }, disabled].map(logIn))
    expect(new Set(refused.map(({ status, text }) => `${status} ${text}`)).size).to.equal(1)
    expect(refused[0]).to.have.nested.include({ status: 401, 'body.code': 'INVALID_CREDENTIALS' })
  })

  it('lets an application of the second act for users, met or not, and no more (OWASP ASVS 8.3.3)', async () => {
    const stranger = newCredentials()
    const { id } = (await users.client().post('/api/register', stranger)).body as { id: string }
    for (const [ownerId, username] of [
      [adaId, ada.username],
      [id, stranger.username],
    ] as const) {
      const client = trusting.client()
      expect((await client.post('/api/login', { ...app, ownerId })).status).to.equal(200)
      expect((await client.get('/api/me')).body).to.deep.include({ id: ownerId, username, actor: { id: appId } })
      const page = await client.get('/', { accept: 'text/html' })
      expect(page.text).to.contain(username).and.to.contain(appId)
      await client.post('/api/login', ada)
      expect((await client.get('/api/me')).body).not.to.have.property('actor')
    }
  })

  it('refuses applications that are unknown, wrong, or users (OWASP ASVS 8.3.3, 13.2.1)', async () => {
    const mallory = { appname: 'mallory', password }
    expect((await apps.client().post('/api/register', mallory)).status).to.equal(404)
    const given = [mallory, { ...app, password: 'wrong password' }, ada].map((each) => ({ ...each, ownerId: adaId }))
    const refused = [...given, { ...app, ownerId: 'nobody' }, app]
    expect(await statusesOf(refused.map(logIn))).to.deep.equal(refused.map(() => 401))
    expect((await apps.client().post('/api/login', ada)).status).to.equal(401)
    expect((await users.client().post('/api/login', app)).status).to.equal(401)
  })
})
