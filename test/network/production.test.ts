import { expect } from 'chai'
import { Client, newCredentials } from '../support/client'
import { CellProcess } from '../support/process'
import { ROOT } from '../support/project'
import { temporaryFolder } from '../support/temporary-folder'

const ENDPOINTS = { USERS_ENDPOINT: 'https://users.example/api/login', APPS_ENDPOINT: 'https://apps.example/api/login' }

describe('a cell that trusts others, in production', () => {
  function start(env: Record<string, string>): CellProcess {
    const own = {
      CELL_MODE: '_production+_trusting+_test',
      CELL_DATA: temporaryFolder(),
      COOKIE_SECRET: 'x'.repeat(32),
    }
    return new CellProcess(ROOT, { ...own, USERS_ENDPOINT: '', APPS_ENDPOINT: '', ...env })
  }

  it('takes its endpoints from the environment', async () => {
    const cell = start(ENDPOINTS)
    await cell.ready()
    expect((await cell.end()).code).to.equal(0)
  })

  it('may trust cells on the same machine without HTTPS', async () => {
    const cell = start({
      USERS_ENDPOINT: 'http://127.0.0.1:1338/api/login',
      APPS_ENDPOINT: 'http://localhost:1339/api/login',
    })
    await cell.ready()
    expect((await cell.end()).code).to.equal(0)
  })

  it('logs in the users of one on the same machine, which refuses logins over plain HTTP', async () => {
    const users = new CellProcess(ROOT, {
      CELL_MODE: '_production+_users+_test',
      CELL_DATA: temporaryFolder(),
      COOKIE_SECRET: 'x'.repeat(32),
      ...ENDPOINTS,
    })
    const address = await users.ready()
    const trusting = start({ ...ENDPOINTS, USERS_ENDPOINT: `${address}/api/login` })
    const client = new Client(await trusting.ready())
    const https = { 'x-forwarded-proto': 'https' }
    const credentials = newCredentials()
    expect((await new Client(address).post('/api/register', credentials, https)).status).to.equal(201)
    expect((await client.post('/api/login', credentials, https)).status).to.equal(200)
    expect((await client.get('/api/me', https)).body).to.include({ username: credentials.username })
    await Promise.all([users.end(), trusting.end()])
  })

  const refused: [what: string, env: Record<string, string>, line: RegExp][] = [
    [
      'an endpoint that is not set',
      { ...ENDPOINTS, APPS_ENDPOINT: '' },
      /remoteAuthenticateEndpoint: the environment variable APPS_ENDPOINT is not set/,
    ],
    [
      'an endpoint without HTTPS',
      { ...ENDPOINTS, USERS_ENDPOINT: 'http://users.example/api/login' },
      /remoteLoginEndpoint: must be https: on another machine/,
    ],
    [
      'two endpoints that are one',
      { ...ENDPOINTS, APPS_ENDPOINT: 'https://USERS.example:443/api/login' },
      /remoteAuthenticateEndpoint: must not be the remoteLoginEndpoint/,
    ],
  ]
  for (const [what, env, line] of refused) {
    it(`does not start with ${what} (OWASP ASVS 12.3.2)`, async () => {
      const { code, stderr } = await start(env).ended
      expect(stderr).to.match(line)
      expect(code).to.equal(1)
    })
  }
})
