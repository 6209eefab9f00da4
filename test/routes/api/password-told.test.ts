import { expect } from 'chai'
import createUsers from '../../../context/models/user'
import { startTestCell, type TestCell } from '../../support/cell'
import { newCredentials, type Client } from '../../support/client'
import { createDocumentedUsers } from '../../support/documented-users'
import { keepErrorLog } from '../../support/error-log'
import { temporaryFolder } from '../../support/temporary-folder'
import { TrustPoint } from '../../support/trust-point'

const NEW = 'staple horse battery'

/** What the cell has told of password changes from now on. */
function listen(cell: TestCell): Organic.Chemical[] {
  const told: Organic.Chemical[] = []
  for (const type of ['PasswordChanged', 'PasswordChangeFailed'])
    cell.plasma.on(type, (chemical: Organic.Chemical) => told.push(chemical))
  return told
}

async function idOf(client: Client): Promise<string> {
  return ((await client.get('/api/me')).body as { id: string }).id
}

describe('a password change is told', () => {
  let apps: TrustPoint
  let cell: TestCell
  let told: Organic.Chemical[]

  before(async () => {
    apps = await TrustPoint.answering(200, { id: 'app-1' })
    cell = await startTestCell({ plasma: { sessions: { remoteAuthenticateEndpoint: apps.endpoint } } })
    told = listen(cell)
  })
  beforeEach(() => {
    told.length = 0
  })
  after(async () => {
    await cell.stop()
    await apps.stop()
  })

  it('once, with who and from where (OWASP ASVS 16.3.1)', async () => {
    const client = cell.client()
    const { password } = await client.registerAndLogIn()
    await client.post('/api/password', { currentPassword: password, newPassword: NEW })
    const [chemical, ...others] = told
    expect(others).to.deep.equal([])
    expect(chemical).to.include({
      type: 'PasswordChanged',
      ownerId: await idOf(client),
      actor: undefined,
      address: '127.0.0.1',
      agent: 'node',
    })
    expect(chemical).to.have.property('time').that.is.a('number')
  })

  it('with the application that acts for the owner', async () => {
    const [client, application] = [cell.client(), cell.client()]
    const { password } = await client.registerAndLogIn()
    const ownerId = await idOf(client)
    await application.post('/api/login', { appname: 'bot', password: 'app secret', ownerId })
    await application.post('/api/password', { currentPassword: password, newPassword: NEW })
    expect(told).to.have.length(1)
    expect(told[0]).to.deep.include({ type: 'PasswordChanged', ownerId, actor: { id: 'app-1' } })
    expect((await application.get('/api/me')).body).to.deep.include({ actor: { id: 'app-1' } })
  })

  it('as failed, with the reason and never with what was sent (OWASP ASVS 16.2.5)', async () => {
    const client = cell.client()
    const { password } = await client.registerAndLogIn()
    const changes = [
      { currentPassword: 'the wrong secret', newPassword: 'the new secret' },
      { currentPassword: password, newPassword: 'secret' },
      { currentPassword: password, newPassword: ['the new secret'] },
    ]
    for (const change of changes) await client.post('/api/password', change)
    const reasons = ['CURRENT_PASSWORD_WRONG', 'INVALID_PASSWORD_CHANGE', 'INVALID_PASSWORD_CHANGE']
    expect(told.map(({ type, reason }) => [type, reason])).to.deep.equal(
      reasons.map((reason) => ['PasswordChangeFailed', reason]),
    )
    const ownerId = await idOf(client)
    for (const chemical of told) expect(chemical).to.include({ ownerId, address: '127.0.0.1', agent: 'node' })
    expect(JSON.stringify(told)).not.to.match(/secret|battery|argon2/)
  })

  it('of nobody where nobody is logged in', async () => {
    await cell.client().post('/api/password', { currentPassword: 'the wrong secret', newPassword: NEW })
    expect(told).to.deep.equal([])
  })
})

describe('a password change whose new session cannot be kept', () => {
  keepErrorLog()

  it('is an error, but told as made: the old password is none any more (OWASP ASVS 16.3.1, 16.5.3)', async () => {
    const folder = temporaryFolder()
    const ownerModel = (plasma: Organic.Plasma) => ({
      ...createDocumentedUsers(plasma),
      changePassword: async (id: string, change: unknown) => {
        const user = await createUsers(plasma).changePassword(id, change)
        await plasma.get({ type: 'Database' })?.data.close()
        return user
      },
    })
    let cell = await startTestCell({ data: { folder }, plasma: { sessions: { ownerModel } } })
    try {
      const told = listen(cell)
      const owner = newCredentials()
      const [client, other] = [cell.client(), cell.client()]
      await client.registerAndLogIn(owner)
      await other.post('/api/login', owner)
      const { status, body } = await client.post('/api/password', { currentPassword: owner.password, newPassword: NEW })
      expect([status, (body as { code: string }).code]).to.deep.equal([503, 'STORE_UNAVAILABLE'])
      await cell.stop()
      cell = await startTestCell({ data: { folder } })
      expect((await other.copy(cell.address).get('/api/me')).status).to.equal(401)
      expect((await cell.client().post('/api/login', owner)).status).to.equal(401)
      expect((await cell.client().post('/api/login', { ...owner, password: NEW })).status).to.equal(200)
      expect(told.map(({ type }) => type)).to.deep.equal(['PasswordChanged'])
    } finally {
      await cell.stop()
    }
  })
})
