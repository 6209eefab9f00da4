import { expect } from 'chai'
import { sql } from 'kysely'
import { Pipeline } from '../../support/pipeline'
import { rawRequest } from '../../support/raw-request'
import { ThrottledApp } from '../../support/throttled-app'
import { FREE, LIMITS, newAddress, type ClientAt } from '../../support/throttled-cell'
import { until } from '../../support/until'
import { keepWarnings } from '../../support/warnings'

const underWay = 3
const password = 'a guess'
const newName = (): string => `user-${crypto.randomUUID()}`

describe('a throttled route', () => {
  const warnings = keepWarnings()
  let app: ThrottledApp
  let from: ClientAt
  let username = ''

  before(async () => {
    app = await ThrottledApp.start({
      address: { ...LIMITS.address, underWay },
      exempt: ['203.0.113.0/24', '2001:db8:e::7'],
    })
  })
  beforeEach(() => {
    from = app.at()
    username = newName()
  })
  after(() => app.stop())

  const logIn = async (client: ClientAt, name: unknown = username, how = '401'): Promise<number> =>
    (await client.post(`/login?${how}`, { username: name, password })).status
  const guess = async (count: number, client: () => ClientAt, name = username): Promise<number[]> => {
    const statuses: number[] = []
    for (let done = 0; done < count; done += 1) statuses.push(await logIn(client(), name))
    return statuses
  }
  const accountPoints = (name = username): Promise<number> => app.pointsOf('account', `username ${name}`)

  describe('by how it answers', () => {
    const rows: [answers: string, account: number, address: number, known: number][] = [
      ['401 403 429 REMOTE_INVALID', 1, 1, 0],
      // A trust point is down. This cell may have judged the password before.
      ['REMOTE_UNAVAILABLE error', 1, 0, 0],
      ['400 404 409 413 STORE_UNAVAILABLE TOO_BUSY', 0, 0, 0],
      ['200 204 303', 0, 0, 1],
    ]
    for (const [answers, ...left] of rows) {
      it(`keeps the points that an attempt has earned: ${answers} (OWASP ASVS 6.3.1)`, async () => {
        for (const answer of answers.split(' ')) {
          const id = newName()
          for (const [route, name] of [
            ['/login', `username ${id}`],
            ['/password', `id ${id}`],
          ] as const) {
            const client = app.at()
            await client.post(`${route}?${answer}`, { username: id, password }, { 'x-owner': id })
            const account = await app.pointsOf('account', name)
            const points = [
              account,
              await app.pointsOf('address', client.from),
              await app.pointsOf('known', name, client.from),
            ]
            expect(points, `${route} ${answer}`).to.deep.equal(left)
          }
        }
      })
    }

    it('counts registrations, successful ones and those that tell whether a name is taken, and nothing else', async () => {
      for (const answer of ['201', '409', '400', 'STORE_UNAVAILABLE'])
        await from.post(`/register?${answer}`, { username, password })
      const points = [await app.pointsOf('registration', from.from), await accountPoints()]
      expect([...points, await app.pointsOf('address', from.from)]).to.deep.equal([2, 0, 0])
    })

    it('makes the address known to the owner of a session that the password opened, and to no other', async () => {
      const headers = { 'x-owner': 'eve', 'x-next-owner': 'ada' }
      await from.post('/login?200', { username, password }, headers)
      // A registration with a stolen session proves nothing of its owner.
      await from.post('/register?201', { username: newName(), password }, { 'x-owner': 'bob' })
      const known = ['id ada', 'id eve', 'id bob', `username ${username}`].map((name) =>
        app.pointsOf('known', name, from.from),
      )
      expect(await Promise.all(known)).to.deep.equal([1, 0, 0, 1])
    })

    it('counts what has ended though the client is gone', async () => {
      const hangUpDuring = async (status: number): Promise<void> => {
        const pipeline = new Pipeline(app.address).send(1, '/login?hold', { username, password }, from.from)
        await until(() => app.held.length === 1)
        const [res] = app.held.splice(0)
        const closed = new Promise((resolve) => res?.once('close', resolve))
        pipeline.hangUp()
        await closed
        res?.status(status).json({})
      }
      await hangUpDuring(401)
      expect(await accountPoints()).to.equal(1)
      await hangUpDuring(200)
      await until(async () => (await app.pointsOf('known', `username ${username}`, from.from)) === 1)
      expect(await accountPoints()).to.equal(1)
    })

    it('gives back the points of answers that nobody reads: an unread answer locks nobody out (OWASP ASVS 6.3.1)', async () => {
      const pipeline = new Pipeline(app.address).pause()
      pipeline
        .send(1, '/large', undefined, from.from)
        .send(FREE.account, '/login?200', { username, password }, from.from)
      await until(async () => (await app.pointsOf('known', `username ${username}`, from.from)) === 1)
      await until(async () => (await accountPoints()) === 0)
      pipeline.hangUp()
    })
  })

  describe('by its address', () => {
    for (const [what, ...addresses] of [
      ['a /64 of IPv6', '2001:db8:1:1::1', '2001:db8:1:1::2', '2001:DB8:1:1:ffff::', '[2001:db8:1:1:a:b:c:d]:443'],
      ['IPv4 in all spellings', '203.0.114.9', '::ffff:203.0.114.9', '::ffff:cb00:7209', '203.0.114.9:40001'],
      ['whatever is no address', 'unknown', '_hidden', 'unknown', '999.1.1.1'],
    ] as const) {
      it(`counts ${what} as one (OWASP ASVS 6.3.1)`, async () => {
        for (let count = 0; count < FREE.address; count += 1)
          expect(await logIn(app.at(addresses[count % addresses.length]), newName())).to.equal(401)
        for (const address of addresses) expect(await logIn(app.at(address), newName()), address).to.equal(429)
        expect(await logIn(app.at('2001:db8:1:2::1'), newName())).to.equal(401)
      })
    }

    it('counts nothing if it is exempt', async () => {
      for (const exempt of ['203.0.113.9', '::ffff:203.0.113.9', '2001:db8:e::7'])
        expect(new Set(await guess(FREE.address + 1, () => app.at(exempt)))).to.deep.equal(new Set([401]))
      expect(await accountPoints()).to.equal(0)
      for (const counted of ['2001:db8:e::8', `203.0.113.9, ${newAddress()}`]) await logIn(app.at(counted))
      expect(await accountPoints()).to.equal(2)
    })

    it('admits a bounded number of attempts at once, known or not, until their work is done (OWASP ASVS 6.3.1)', async () => {
      expect(await logIn(from, username, '200')).to.equal(200)
      const pipelines = Array.from({ length: underWay }, () =>
        new Pipeline(app.address).send(1, '/login?hold', { username: newName(), password }, from.from),
      )
      await until(() => app.held.length === underWay)
      // Hanging up makes no room for more.
      for (const pipeline of pipelines) pipeline.hangUp()
      const { status, headers } = await from.post('/login?200', { username, password })
      expect([status, headers.get('retry-after')]).to.deep.equal([429, '1'])
      expect(await logIn(app.at(), username, '200')).to.equal(200)
      for (const res of app.held.splice(0)) res.status(400).end()
      expect(await logIn(from, username, '200')).to.equal(200)
    })
  })

  describe('by its account', () => {
    it('counts all spellings of a name as one, in JSON and in forms (OWASP ASVS 6.3.1)', async () => {
      const tail = crypto.randomUUID()
      for (const start of ['KATE', '\u212aate', '\uff4bate', 'K\uff21te', '\u{1d4c0}ate'].slice(0, FREE.account))
        expect(await logIn(app.at(), start + tail)).to.equal(401)
      for (const start of ['kate', 'kat\uff45']) expect(await logIn(app.at(), start + tail)).to.equal(429)
      expect((await app.at().submit('/login', { username: `Kate${tail}`, password })).status).to.equal(429)
    })

    it('counts every field that may name an account, and no other', async () => {
      await from.post('/login', { username, email: username, nickname: username, password })
      const points = ['username', 'email', 'nickname'].map((field) => app.pointsOf('account', `${field} ${username}`))
      expect(await Promise.all(points)).to.deep.equal([1, 1, 0])
    })

    it('settles an attempt whose route fails halfway through its answer', async () => {
      for (let attempt = 0; attempt < underWay + 1; attempt += 1) {
        await app
          .at(from.from)
          .post('/login?half', { username: crypto.randomUUID(), password })
          .catch(() => undefined)
      }
      await until(async () => (await from.post('/login?200', { username, password })).status === 200)
    })

    it('counts only the address if a name is not a string', async () => {
      const rows = (): Promise<unknown[]> => app.database.query.selectFrom('throttles').select('key').execute()
      await logIn(from, ['ada'])
      const before = await rows()
      for (const name of [{ $ne: '' }, null, 5, true]) await logIn(from, name)
      expect(await rows()).to.deep.equal(before)
      expect(await app.pointsOf('address', from.from)).to.equal(5)
    })

    it('normalizes no name that is too long to be one', async () => {
      // Quadratic: 7,800 combining marks take a third of a second.
      const name = 'a' + '\u0301\u0316'.repeat(3900)
      const { normalize } = String.prototype
      let longest = 0
      String.prototype.normalize = function (form) {
        longest = Math.max(longest, this.length)
        return normalize.call(this, form)
      }
      try {
        for (const value of [name, 'x'.repeat(256)]) await logIn(from, value)
      } finally {
        String.prototype.normalize = normalize
      }
      expect(longest).to.equal(256)
      expect(await accountPoints(name)).to.equal(1)
    })

    it('admits nobody by another spelling of the URL (OWASP ASVS 6.3.1)', async () => {
      await guess(FREE.account, () => app.at())
      const urls = ['/login', '/LOGIN', '/login/', '/login?', '/login/?x', 'http://evil.example/Login/']
      // Express takes these for other URLs.
      const others = '//login /login// /./login /x/../login /login%2f /login;a=b \\login /login%00'.split(' ')
      const post = async (path: string): Promise<number> => {
        const headers = { 'x-forwarded-for': newAddress() }
        return (await rawRequest(app.address, { path, headers, body: JSON.stringify({ username, password }) })).status
      }
      const { judged } = app
      for (const url of urls) expect(await post(url), url).to.equal(429)
      for (const url of others) expect(await post(url), url).not.to.equal(401)
      expect(app.judged).to.equal(judged)
    })
  })

  it('emits LoginThrottled for each refusal, with the client and the seconds to wait', async () => {
    const emitted: unknown[] = []
    const keep = (chemical: object): unknown => emitted.push(chemical)
    app.plasma.on('LoginThrottled', keep)
    await guess(FREE.account + 1, () => from)
    app.plasma.off('LoginThrottled', keep)
    expect(emitted).to.have.length(1)
    const [{ time, retryAfter, ...facts }] = emitted as [{ time: number; retryAfter: number }]
    expect(time).to.be.closeTo(Date.now(), 60_000)
    expect(retryAfter).to.be.within(1, 60)
    expect(facts).to.deep.equal({ type: 'LoginThrottled', address: from.from, agent: 'node' })
  })

  it('stores neither names nor addresses', async () => {
    for (const how of ['401', '200']) await logIn(from, username, how)
    const rows = await app.database.query.selectFrom('throttles').selectAll().execute()
    expect(rows.length).to.be.at.least(3)
    for (const row of rows) {
      expect(Object.keys(row)).to.have.members(['key', 'points', 'expires_at', 'blocked_until'])
      expect(row.key).to.match(/^[\w-]{43}$/)
    }
  })

  it('deletes what has expired', async () => {
    const cleaning = await ThrottledApp.start({ cleanupSeconds: 1 })
    const { query } = cleaning.database
    const rows = [1, 2, 1e15].map((expires_at) => ({
      key: String(expires_at),
      points: 1,
      blocked_until: 0,
      expires_at,
    }))
    try {
      await query.insertInto('throttles').values(rows).execute()
      const left = async (): Promise<number[]> =>
        (await query.selectFrom('throttles').select('expires_at').execute()).map(({ expires_at }) => expires_at)
      await until(async () => (await left()).join() === '1000000000000000')
    } finally {
      await cleaning.stop()
    }
  })

  describe('while its database fails', () => {
    const run = (statement: string): Promise<unknown> => sql.raw(statement).execute(app.database.query)

    it('judges no password, and has nothing under way afterwards (OWASP ASVS 16.5.3)', async () => {
      const { judged } = app
      await run(`create trigger full before insert on throttles begin select raise(fail, 'full'); end`)
      const attempts = Array.from({ length: underWay * 2 }, () => logIn(from, username, '200'))
      const statuses = await Promise.all(attempts).finally(() => run('drop trigger full'))
      expect(statuses.filter((status) => status !== 429 && status !== 503)).to.deep.equal([])
      expect(app.judged).to.equal(judged)
      expect(await logIn(from, username, '200')).to.equal(200)
    })

    it('keeps a point that it cannot give back, and warns (OWASP ASVS 16.5.3)', async () => {
      await run(`create trigger full before delete on throttles begin select raise(fail, 'full'); end`)
      await logIn(from, username, '200').finally(() => run('drop trigger full'))
      await until(() => warnings.length > 0)
      expect(warnings.join()).to.contain('stays counted as a wrong password').and.not.to.contain(username)
      const known = await app.pointsOf('known', `username ${username}`, from.from)
      // The password was right all the same.
      expect([await accountPoints(), known]).to.deep.equal([1, 1])
    })
  })
})
