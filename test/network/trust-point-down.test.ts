import { expect } from 'chai'
import type { ServerResponse } from 'node:http'
import type { TestCell } from '../support/cell'
import { newCredentials } from '../support/client'
import { stoppedClock } from '../support/clock'
import { keepErrorLog } from '../support/error-log'
import { TrustPoint } from '../support/trust-point'
import { startTrustingCell } from '../support/trusting-cell'

const PENDING = 3

describe('a trust point that is down', () => {
  const clock = stoppedClock()
  const log = keepErrorLog()
  let point: TrustPoint
  /** In the place of its answer: none, or none yet. */
  let isUp: boolean | 'waiting' = true
  let waiting: ServerResponse[] = []
  let allWait = (): void => undefined
  let isDeleted = false
  const ada = { id: 'ada-1', username: 'ada', email: 'ada@example.org' }
  const known = { username: 'ada', password: 'correct horse battery' }
  let cell: TestCell

  beforeEach(async () => {
    isUp = true
    waiting = []
    isDeleted = false
    point = await TrustPoint.start((_req, res) => {
      if (isUp === 'waiting' && waiting.push(res) === PENDING) allWait()
      else if (isUp === 'waiting') return
      else if (!isUp) res.socket?.resetAndDestroy()
      else {
        const { username } = point.requests.at(-1)?.body as { username: string }
        const isKnown = username === ada.username && !isDeleted
        res
          .writeHead(isKnown ? 200 : 401, { 'content-type': 'application/json' })
          .end(JSON.stringify(isKnown ? ada : {}))
      }
    })
    const limits = {
      remoteTimeout: 60_000,
      remoteMaxPending: PENDING,
      remoteFailures: 3,
      remoteRetrySeconds: 20,
      remoteSessionSeconds: 600,
    }
    const throttle = { address: { failures: 100_000 } }
    cell = await startTrustingCell({ remoteLoginEndpoint: point.endpoint, ...limits }, { throttle })
  })
  afterEach(async () => {
    await cell.stop()
    await point.stop()
  })

  const login = (credentials: object): ReturnType<ReturnType<TestCell['client']>['post']> =>
    cell.client().post('/api/login', credentials)

  it('is left alone after some failures, while all else goes on, and is asked again by itself', async () => {
    const [loggedIn, local] = [cell.client(), newCredentials()]
    await loggedIn.post('/api/login', known)
    await cell.client().post('/api/register', local)

    isUp = false
    for (let i = 0; i < 3; i += 1) expect((await login(newCredentials())).status).to.equal(503)
    const asked = point.requests.length
    const refused = await login(newCredentials())
    expect(refused.status).to.equal(503)
    expect(refused.headers.get('retry-after')).to.equal('20')
    expect(point.requests).to.have.length(asked)
    expect((await loggedIn.get('/api/me')).status).to.equal(200)
    expect((await login(local)).status).to.equal(200)

    isUp = true
    clock.pass(20_000)
    expect((await login(known)).status).to.equal(200)
  })

  it('is not shown to clients: only the log says where it is (OWASP ASVS 16.5.1)', async () => {
    isUp = false
    const { host, port } = new URL(point.endpoint)
    const { text } = await login(newCredentials())
    for (const inside of [host, port, 'http:']) expect(text).not.to.include(inside)
    expect(log.join('\n')).to.include(host).and.not.to.include(known.password)
  })

  it('is not brought about by whoever sends bad credentials', async () => {
    for (let i = 0; i < 6; i += 1) expect((await login(newCredentials())).status).to.equal(401)
    expect((await login(known)).status).to.equal(200)
  })

  it('shows a changed name and address after the next login', async () => {
    await login(known)
    Object.assign(ada, { email: 'countess@example.org', name: 'Ada Lovelace', isAdmin: true })
    const client = cell.client()
    await client.post('/api/login', known)
    expect((await client.get('/api/me')).body).to.deep.equal({
      id: 'ada-1',
      username: 'ada',
      email: 'countess@example.org',
      name: 'Ada Lovelace',
    })
  })

  it('has deleted an owner: he cannot log in again, and his sessions end in the time that DNA sets', async () => {
    const client = cell.client()
    await client.post('/api/login', known)
    isDeleted = true
    expect((await login(known)).status).to.equal(401)
    clock.pass(599_000)
    expect((await client.get('/api/me')).status).to.equal(200)
    clock.pass(1000)
    expect((await client.get('/api/me')).status).to.equal(401)
  })

  it('hangs with as many logins as may wait, and the cell goes on: more are refused at once', async () => {
    const loggedIn = cell.client()
    await loggedIn.post('/api/login', known)
    const arrived = new Promise<void>((resolve) => (allWait = resolve))
    isUp = 'waiting'
    let answered = 0
    const newPins = (): object => ({ email: newCredentials().username, pin: '2718' })
    const hanging = Array.from({ length: PENDING }, () => login(newPins()).finally(() => (answered += 1)))
    await arrived
    for (let i = 0; i < 5; i += 1) {
      expect((await login(newPins())).status).to.equal(503)
      expect((await loggedIn.get('/api/me')).status).to.equal(200)
    }
    expect([answered, waiting.length]).to.deep.equal([0, PENDING])
    for (const res of waiting) res.writeHead(401).end()
    for (const { status } of await Promise.all(hanging)) expect(status).to.equal(401)
  })
})
