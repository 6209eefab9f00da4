import { expect } from 'chai'
import { startTestCell } from '../support/cell'
import { Client, newCredentials } from '../support/client'
import { CellProcess } from '../support/process'
import { ROOT } from '../support/project'
import { rejectionOf } from '../support/rejection'
import { temporaryFolder } from '../support/temporary-folder'

const USERS = 'https://users.example/api/login'
const APPS = 'https://apps.example/api/login'
const TRUSTING = '_production+_trusting+_test'

describe('a cell that trusts others, in production', () => {
  it('logs in the users of one on the same machine, which refuses logins over plain HTTP', async () => {
    const start = (mode: string, users: string): CellProcess =>
      new CellProcess(ROOT, {
        CELL_MODE: mode,
        CELL_DATA: temporaryFolder(),
        COOKIE_SECRET: 'x'.repeat(32),
        USERS_ENDPOINT: users,
        APPS_ENDPOINT: APPS,
      })
    const users = start('_production+_users+_test', USERS)
    const address = await users.ready()
    const trusting = start(TRUSTING, `${address}/api/login`)
    const client = new Client(await trusting.ready())
    const https = { 'x-forwarded-proto': 'https' }
    const credentials = newCredentials()
    expect((await new Client(address).post('/api/register', credentials, https)).status).to.equal(201)
    expect((await new Client(address).post('/api/login', credentials)).status).to.equal(500)
    expect((await client.post('/api/login', credentials, https)).status).to.equal(200)
    expect((await client.get('/api/me', https)).body).to.include({ username: credentials.username })
    const ends = await Promise.all([users.end(), trusting.end()])
    expect(ends.map(({ code }) => code)).to.deep.equal([0, 0])
  })

  for (const [what, points, message] of [
    ['an endpoint that is not set', { users: USERS }, /remoteAuthenticateEndpoint: .*APPS_ENDPOINT is not set/],
    [
      'an endpoint without HTTPS',
      { users: 'http://users.example/api/login', apps: APPS },
      /remoteLoginEndpoint: must be https: on another machine/,
    ],
    [
      'two endpoints that are one',
      { users: USERS, apps: 'https://USERS.example:443/api/login' },
      /remoteAuthenticateEndpoint: must not be the remoteLoginEndpoint/,
    ],
  ] as const) {
    it(`does not start with ${what} (OWASP ASVS 12.3.2)`, async () => {
      const changes = { 'trust-points': points, plasma: { 'express-sessions': { secret: 'x'.repeat(32) } } }
      const { message: told } = await rejectionOf(() => startTestCell(changes, ROOT, TRUSTING))
      expect(told).to.match(message)
    })
  }
})
