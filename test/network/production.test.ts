import { expect } from 'chai'
import { startTestCell, type TestCell } from '../support/cell'
import { newCredentials } from '../support/client'
import { keepErrorLog } from '../support/error-log'
import { ROOT } from '../support/project'
import { rejectionOf } from '../support/rejection'

describe('a cell that trusts others, in production', () => {
  keepErrorLog()
  const start = (mode: string, users: string): Promise<TestCell> => {
    const points = { users, apps: 'https://apps.example/api/login' }
    const changes = { 'trust-points': points, plasma: { 'express-sessions': { secret: 'x'.repeat(32) } } }
    return startTestCell(changes, ROOT, mode)
  }

  it('logs in the users of one on the same machine, which refuses logins over plain HTTP', async () => {
    const users = await start('_production+_users+_test', 'https://users.example/api/login')
    const trusting = await start('_production+_trusting+_test', `${users.address ?? ''}/api/login`)
    const client = trusting.client()
    const https = { 'x-forwarded-proto': 'https' }
    const credentials = newCredentials()
    expect((await users.client().post('/api/register', credentials, https)).status).to.equal(201)
    expect((await users.client().post('/api/login', credentials)).status).to.equal(500)
    expect((await client.post('/api/login', credentials, https)).status).to.equal(200)
    expect((await client.get('/api/me', https)).body).to.include({ username: credentials.username })
    await Promise.all([users.stop(), trusting.stop()])
  })

  it('does not start with an endpoint without HTTPS (OWASP ASVS 12.3.2)', async () => {
    const { message } = await rejectionOf(() => start('_production+_trusting+_test', 'http://users.example/api/login'))
    expect(message).to.match(/remoteLoginEndpoint: must be https: on another machine/)
  })
})
