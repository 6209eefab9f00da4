import { expect } from 'chai'
import type { RequestListener } from 'node:http'
import type { TestCell } from '../support/cell'
import { newCredentials } from '../support/client'
import { stoppedClock } from '../support/clock'
import { keepErrorLog } from '../support/error-log'
import { TrustPoint, sendsJson } from '../support/trust-point'
import { startTrustingCell } from '../support/trusting-cell'

const ada = { id: 'ada-1', username: 'ada', email: 'ada@example.org' }
const known = { username: 'ada', password: 'correct horse battery' }
const acting = { appname: 'bot', password: 'correct horse battery', ownerId: ada.id }

describe('a cell whose trust point', () => {
  const clock = stoppedClock()
  keepErrorLog()
  let users: TrustPoint
  let apps: TrustPoint
  let cell: TestCell

  before(async () => {
    users = await TrustPoint.answering(200, ada)
    apps = await TrustPoint.answering(200, { id: 'bot-1' })
    const endpoints = { remoteLoginEndpoint: users.endpoint, remoteAuthenticateEndpoint: apps.endpoint }
    const limits = { remoteFailures: 3, remoteRetrySeconds: 20, remoteSessionSeconds: 600 }
    const throttle = { address: { failures: 100_000 } }
    cell = await startTrustingCell({ ...endpoints, ...limits, remoteTimeout: 60_000 }, { throttle })
  })
  beforeEach(() => {
    users.answer = sendsJson(200, ada)
    users.requests.length = 0
  })
  after(async () => {
    await cell.stop()
    await Promise.all([users.stop(), apps.stop()])
  })

  const logIn = async (credentials: object): Promise<number> =>
    (await cell.client().post('/api/login', credentials)).status

  it('is down asks it no more for a while, while all else goes on', async () => {
    const [loggedIn, local] = [cell.client(), newCredentials()]
    await loggedIn.post('/api/login', known)
    await cell.client().post('/api/register', local)
    users.requests.length = 0
    const reset: RequestListener = (_req, res) => void res.socket?.resetAndDestroy()
    users.answer = reset
    for (let failures = 0; failures < 3; failures += 1) expect(await logIn(newCredentials())).to.equal(503)
    const refused = await cell.client().post('/api/login', newCredentials())
    expect([refused.status, refused.headers.get('retry-after')]).to.deep.equal([503, '20'])
    expect(users.requests).to.have.length(3)
    expect((await loggedIn.get('/api/me')).status).to.equal(200)
    expect(await logIn(local)).to.equal(200)

    users.answer = sendsJson(200, ada)
    clock.pass(20_000)
    expect(await logIn(known)).to.equal(200)
  })

  it('has changed an owner shows that after the next login, and nothing else that it says', async () => {
    users.answer = sendsJson(200, { ...ada, email: 'countess@example.org', name: 'Ada', isAdmin: true })
    const client = cell.client()
    await client.post('/api/login', known)
    const shown = { ...ada, email: 'countess@example.org', name: 'Ada' }
    expect((await client.get('/api/me')).body).to.deep.equal(shown)
  })

  it('has deleted an owner logs them in no more, nor an application for them, and soon out (OWASP ASVS 7.4.2)', async () => {
    const [client, bot] = [cell.client(), cell.client()]
    for (const [each, credentials] of [
      [client, known],
      [bot, acting],
    ] as const)
      expect((await each.post('/api/login', credentials)).status).to.equal(200)
    users.answer = sendsJson(401)
    expect([await logIn(known), await logIn(acting)]).to.deep.equal([401, 401])
    const alive = async (): Promise<number[]> => [
      (await client.get('/api/me')).status,
      (await bot.get('/api/me')).status,
    ]
    clock.pass(599_000)
    expect(await alive()).to.deep.equal([200, 200])
    clock.pass(1000)
    expect(await alive()).to.deep.equal([401, 401])
  })

  it('knows nobody lets applications act for owners of its own all the same', async () => {
    users.answer = sendsJson(401)
    const { body } = await cell.client().post('/api/register', newCredentials())
    expect(await logIn({ ...acting, ownerId: (body as { id: string }).id })).to.equal(200)
    expect(users.requests).to.deep.equal([])
  })
})
