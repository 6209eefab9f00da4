import { expect } from 'chai'
import { newCredentials } from '../../support/client'
import { keepErrorLog } from '../../support/error-log'
import { FREE, startThrottledCell, type ClientAt, type ThrottledCell } from '../../support/throttled-cell'
import { TrustPoint } from '../../support/trust-point'

const password = 'correct horse battery'

describe('a failure that says nothing of a password', () => {
  let cell: ThrottledCell

  before(async () => {
    cell = await startThrottledCell()
  })
  after(() => cell.stop())

  const json = { 'content-type': 'application/json' }
  const failures: [
    what: string,
    status: number,
    fail: (client: ClientAt, username: string) => Promise<{ status: number }>,
  ][] = [
    ['credentials without a password', 400, (client, username) => client.post('/api/login', { username })],
    [
      'credentials with a field too many',
      400,
      (client, username) => client.post('/api/login', { username, password, admin: true }),
    ],
    [
      'a password that is none',
      400,
      (client, username) => client.post('/api/login', { username, password: { $ne: '' } }),
    ],
    [
      'an ownerId where no application may act',
      400,
      (client, username) => client.post('/api/login', { username, password, ownerId: 'x' }),
    ],
    [
      'a body that is broken',
      400,
      (client, username) => client.send('POST', '/api/login', `{"username":"${username}"`, json),
    ],
    [
      'a body that is no object',
      400,
      (client, username) => client.send('POST', '/api/login', JSON.stringify([{ username, password }]), json),
    ],
    [
      'a body that is too large',
      413,
      (client, username) => client.post('/api/login', { username, password: 'x'.repeat(20_000) }),
    ],
    [
      'a body of another type',
      415,
      (client, username) => client.send('POST', '/api/login', username, { 'content-type': 'text/plain' }),
    ],
    [
      'a registration that is none',
      400,
      (client, username) => client.post('/api/register', { username, password: 'short' }),
    ],
    [
      'a page of another site',
      403,
      (client, username) =>
        client.post('/api/login', { username, password: 'a guess' }, { origin: 'http://evil.example' }),
    ],
    [
      'what is no login',
      404,
      (client, username) => client.send('POST', '/login', JSON.stringify({ username, password }), json),
    ],
  ]
  for (const [what, expected, fail] of failures) {
    it(`is not counted, of the account or of the address: ${what}`, async () => {
      const owner = await cell.stranger().register()
      const from = cell.stranger()
      for (let count = 0; count < FREE.address + 1; count += 1)
        expect((await fail(from, owner.username)).status).to.equal(expected)
      expect(await from.guess(owner.username, FREE.account + 1)).to.deep.equal([401, 401, 401, 429])
    })
  }

  it('is not counted when it comes from many addresses: nobody is locked out by it', async () => {
    const owner = await cell.stranger().register()
    for (let count = 0; count < FREE.account + 1; count += 1)
      await cell.stranger().post('/api/login', { username: owner.username })
    expect(await cell.stranger().logIn(owner)).to.equal(200)
  })
})

describe('a login at a trust point', () => {
  const log = keepErrorLog()
  let cell: ThrottledCell
  let users: TrustPoint
  /** What that answers. Nothing: it hangs up. */
  let status: number | undefined

  before(async () => {
    users = await TrustPoint.start((_req, res) => {
      if (status === undefined) res.destroy()
      else
        res
          .writeHead(status, { 'content-type': 'application/json' })
          .end(JSON.stringify({ id: 'grace-1', username: 'grace' }))
    })
    cell = await startThrottledCell({}, { sessions: { remoteLoginEndpoint: users.endpoint, remoteFailures: 1000 } })
  })
  beforeEach(() => {
    status = undefined
  })
  after(async () => {
    await cell.stop()
    await users.stop()
  })

  it('is counted at the account while that is down, and not at the address: others there do not wait for it', async () => {
    const from = cell.stranger()
    const { username } = newCredentials()
    expect(await from.guess(username, FREE.account + 1)).to.deep.equal([503, 503, 503, 429])
    for (let count = 0; count < FREE.address + 1; count += 1) expect(await from.logIn(newCredentials())).to.equal(503)
    expect(log.join()).to.contain('REMOTE_UNAVAILABLE')
    status = 200
    expect(await from.logIn({ username: 'grace', password })).to.equal(200)
  })

  it('is counted when that refuses it, and it is not asked again', async () => {
    status = 401
    const { username } = newCredentials()
    const asked = users.requests.length
    expect(await cell.stranger().guess(username, FREE.account + 3)).to.deep.equal([401, 401, 401, 429, 429, 429])
    expect(users.requests.length - asked).to.equal(FREE.account)
  })

  it('is counted at the address where that throttles this cell: whoever made it do so tries no accounts of this cell without end', async () => {
    status = 429
    const [guesser, victim] = [cell.stranger(), await cell.stranger().register()]
    for (let count = 0; count < FREE.address; count += 1) {
      const { username } = await cell.stranger().register()
      expect(await guesser.logIn({ username, password: 'a guess for all' })).to.equal(429)
    }
    expect(await guesser.logIn(victim)).to.equal(429)
  })

  for (const [what, answer] of [
    ['down', undefined],
    ['throttling this cell', 429],
    ['broken', 500],
  ] as const) {
    it(`is counted at an account of this cell while that is ${what}: its password was judged here (OWASP ASVS 6.3.1)`, async () => {
      status = answer
      const owner = await cell.stranger().register()
      const guesser = cell.stranger()
      const statuses = await guesser.guess(owner.username, FREE.account + 2)
      expect(statuses.slice(FREE.account), statuses.join()).to.deep.equal([429, 429])
      expect(await guesser.logIn(owner)).to.equal(429)
    })
  }
})
