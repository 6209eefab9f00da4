import { expect } from 'chai'
import { newCredentials } from '../support/client'
import { Network } from '../support/network'
import { TrustPoint } from '../support/trust-point'

describe('a trust point that is down', () => {
  const network = new Network({ remoteTimeout: 400, remoteFailures: 3, remoteRetrySeconds: 1, remoteSessionSeconds: 2 })
  let isUp = true
  let point: TrustPoint
  const ada = { id: 'ada-1', username: 'ada', email: 'ada@example.org' }
  const known = { username: 'ada', password: 'correct horse battery' }
  let deleted = false

  before(async () => {
    point = await TrustPoint.start((_req, res) => {
      if (!isUp) return
      const { username } = point.requests.at(-1)?.body as { username: string }
      const isKnown = username === ada.username && !deleted
      res.writeHead(isKnown ? 200 : 401, { 'content-type': 'application/json' }).end(JSON.stringify(isKnown ? ada : {}))
    })
  })
  beforeEach(() => {
    isUp = true
    deleted = false
  })
  after(async () => {
    await network.stop()
    await point.stop()
  })

  it('is left alone after some failures, while all else goes on, and is asked again by itself', async () => {
    const cell = await network.trusting(point.endpoint)
    const [loggedIn, local] = [cell.client(), newCredentials()]
    await loggedIn.post('/api/login', known)
    await cell.client().post('/api/register', local)

    isUp = false
    for (let i = 0; i < 3; i += 1) expect((await cell.client().post('/api/login', newCredentials())).status).to.equal(503)
    const asked = point.requests.length
    const began = Date.now()
    const refused = await cell.client().post('/api/login', newCredentials())
    expect(refused.status).to.equal(503)
    expect(Number(refused.headers.get('retry-after'))).to.be.within(1, 2)
    expect(Date.now() - began).to.be.lessThan(300)
    expect(point.requests).to.have.length(asked)
    expect((await loggedIn.get('/api/me')).status).to.equal(200)
    expect((await cell.client().post('/api/login', local)).status).to.equal(200)

    isUp = true
    await new Promise((resolve) => setTimeout(resolve, 1100))
    expect((await cell.client().post('/api/login', known)).status).to.equal(200)
  })

  it('is not brought about by whoever sends bad credentials', async () => {
    const cell = await network.trusting(point.endpoint)
    for (let i = 0; i < 6; i += 1) expect((await cell.client().post('/api/login', newCredentials())).status).to.equal(401)
    expect((await cell.client().post('/api/login', known)).status).to.equal(200)
  })

  it('shows a changed name and address after the next login', async () => {
    const cell = await network.trusting(point.endpoint)
    await cell.client().post('/api/login', known)
    Object.assign(ada, { email: 'countess@example.org', name: 'Ada Lovelace', isAdmin: true })
    const client = cell.client()
    await client.post('/api/login', known)
    expect((await client.get('/api/me')).body).to.deep.equal({
      id: 'ada-1', username: 'ada', email: 'countess@example.org', name: 'Ada Lovelace',
    })
  })

  it('has deleted an owner: he cannot log in again, and his sessions end in the time that DNA sets', async () => {
    const cell = await network.trusting(point.endpoint)
    const client = cell.client()
    await client.post('/api/login', known)
    deleted = true
    expect((await cell.client().post('/api/login', known)).status).to.equal(401)
    expect((await client.get('/api/me')).status).to.equal(200)
    await new Promise((resolve) => setTimeout(resolve, 2100))
    expect((await client.get('/api/me')).status).to.equal(401)
  })

  it('hangs with 200 logins at once, and the cell still answers quickly', async function () {
    this.timeout(60_000)
    const slow = new Network({ remoteTimeout: 4000 })
    const cell = await slow.trusting(point.endpoint)
    const loggedIn = cell.client()
    await loggedIn.post('/api/login', known)
    isUp = false
    const logins = Array.from({ length: 200 }, () => cell.client().post('/api/login', newCredentials()))
    const times: number[] = []
    for (let i = 0; i < 40; i += 1) {
      const began = performance.now()
      expect((await loggedIn.get('/api/me')).status).to.equal(200)
      times.push(performance.now() - began)
    }
    const median = times.sort((a, b) => a - b)[20] ?? Infinity
    expect(median).to.be.lessThan(100)
    // Those beyond what one address may fail at once are throttled.
    for (const { status } of await Promise.all(logins)) expect(status).to.be.oneOf([429, 503])
    await slow.stop()
  })
})
