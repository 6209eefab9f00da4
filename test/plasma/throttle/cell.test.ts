import { expect } from 'chai'
import { sql } from 'kysely'
import { startTestCell } from '../../support/cell'
import { newCredentials, type Answer } from '../../support/client'
import { stoppedClock } from '../../support/clock'
import { keepErrorLog } from '../../support/error-log'
import {
  ClientAt,
  FREE,
  LIMITS,
  newAddress,
  startThrottledCell,
  type ThrottledCell,
} from '../../support/throttled-cell'
import { TrustPoint } from '../../support/trust-point'

const NEW = 'staple horse battery'
const once = async (count: number, attempt: (index: number) => Promise<number>): Promise<number[]> => {
  const statuses: number[] = []
  for (let index = 0; index < count; index += 1) statuses.push(await attempt(index))
  return statuses
}

describe('a cell that throttles logins', () => {
  const clock = stoppedClock()
  const log = keepErrorLog()
  let cell: ThrottledCell
  let users: TrustPoint
  let applications: TrustPoint
  /** What the trust points answer. Nothing: the users' one hangs up. */
  let usersStatus: number | undefined
  let applicationsStatus = 200

  before(async () => {
    users = await TrustPoint.start((_req, res) => {
      if (usersStatus === undefined) res.destroy()
      else res.writeHead(usersStatus, { 'content-type': 'application/json' }).end('{}')
    })
    applications = await TrustPoint.start((_req, res) => {
      res.writeHead(applicationsStatus, { 'content-type': 'application/json' }).end('{"id":"app-1"}')
    })
    const sessions = {
      remoteLoginEndpoint: users.endpoint,
      remoteAuthenticateEndpoint: applications.endpoint,
      remoteFailures: 1000,
    }
    cell = await startThrottledCell({}, { sessions })
  })
  beforeEach(() => {
    usersStatus = 401
    applicationsStatus = 200
  })
  after(async () => {
    await cell.stop()
    await users.stop()
    await applications.stop()
  })

  /** Guesses at an account from everywhere, until no stranger is admitted. */
  async function besiege(username: string): Promise<void> {
    const statuses = await once(FREE.account + 1, async () => (await cell.stranger().guess(username, 1))[0] ?? 0)
    expect(statuses).to.deep.equal([401, 401, 401, 429])
  }

  it('answers alike, byte for byte, if the account is unknown, known or disabled (OWASP ASVS 6.3.8)', async () => {
    const [unknown, known, disabled] = [
      newCredentials(),
      await cell.stranger().register(),
      await cell.stranger().register(),
    ]
    const { query } = cell.database
    await query.updateTable('owners').set({ disabled_at: 1 }).where('own_name', '=', disabled.username).execute()
    const told = []
    for (const { username, password } of [unknown, known, disabled]) {
      const answers: Answer[] = []
      for (let count = 0; count < FREE.account; count += 1)
        answers.push(await cell.stranger().post('/api/login', { username, password: 'a guess' }))
      answers.push(await cell.stranger().post('/api/login', { username, password }))
      answers.push(await cell.stranger().submit('/api/login', { username, password }))
      told.push(
        answers.map(({ status, headers, text }) => [status, [...headers].filter(([name]) => name !== 'date'), text]),
      )
    }
    expect(told[1]).to.deep.equal(told[0])
    expect(told[2]).to.deep.equal(told[0])
    const [json, page] = told[0]?.slice(-2) ?? []
    for (const part of ['TOO_MANY_ATTEMPTS', 'problem+json', '"retry-after","60"'])
      expect(JSON.stringify(json)).to.contain(part)
    for (const part of ['Too many attempts.', 'text/html', '"retry-after","60"'])
      expect(JSON.stringify(page)).to.contain(part)
  })

  it('lets an owner in who is besieged, from where they are known, and does not log them out (OWASP ASVS 6.3.1)', async () => {
    const home = cell.at('2001:db8:7:7::1')
    const owner = await home.registerAndLogIn()
    await besiege(owner.username)
    expect(await cell.at('2001:db8:7:7:dead:beef::1').logIn(owner)).to.equal(200)
    expect((await home.get('/api/me')).status).to.equal(200)
    expect(await cell.at('2001:db8:7:8::1').logIn(owner)).to.equal(429)
    clock.pass(60_000)
    expect(await cell.stranger().logIn(owner)).to.equal(200)
  })

  it('throttles guesses at the password with a stolen session, from any address (OWASP ASVS 6.3.1)', async () => {
    const home = cell.stranger()
    const owner = await home.registerAndLogIn()
    const change = async (client: ClientAt, currentPassword: string): Promise<number> =>
      (await client.post('/api/password', { currentPassword, newPassword: NEW })).status
    const thief = (): ClientAt => cell.stranger().withCookiesOf(home)
    expect(await once(FREE.account + 1, () => change(thief(), 'a guess'))).to.deep.equal([403, 403, 403, 429])
    // Otherwise the thief would learn that they have found it.
    expect(await change(thief(), owner.password)).to.equal(429)
    expect(await cell.stranger().logIn(owner)).to.equal(200)
    const former = thief()
    expect(await change(home, owner.password)).to.equal(204)
    expect([(await home.get('/api/me')).status, (await former.get('/api/me')).status]).to.deep.equal([200, 401])
  })

  it('counts applications by their own names, apart from users (OWASP ASVS 6.3.1)', async () => {
    applicationsStatus = 401
    const { username, password } = await cell.stranger().register()
    const act = (index: number): Promise<number> => {
      const appname = index % 2 ? username.toUpperCase() : username
      return cell.stranger().logIn({ appname, password: 'secret', ownerId: `owner-${index}` })
    }
    expect(await once(FREE.account + 1, act)).to.deep.equal([401, 401, 401, 429])
    expect(await cell.stranger().logIn({ username, password })).to.equal(200)
  })

  it('counts guesses at its own accounts whatever the trust point answers afterwards (OWASP ASVS 6.3.1)', async () => {
    for (const status of [undefined, 429, 500]) {
      usersStatus = status
      const owner = await cell.stranger().register()
      const statuses = await cell.stranger().guess(owner.username, FREE.account + 1)
      expect(statuses.at(-1), String(status)).to.equal(429)
      expect(await cell.stranger().logIn(owner)).to.equal(429)
    }
    expect(log.join()).to.contain('REMOTE_UNAVAILABLE')
  })

  it('answers 503 to every password while it cannot count, and logs nobody out (OWASP ASVS 16.5.3)', async () => {
    const home = cell.stranger()
    const owner = await home.registerAndLogIn()
    const run = (statement: string): unknown => sql.raw(statement).execute(cell.database.query)
    await run('alter table throttles rename to elsewhere')
    try {
      for (const [path, body] of [
        ['/api/login', owner],
        ['/api/password', { currentPassword: owner.password, newPassword: NEW }],
        ['/api/register', newCredentials()],
      ] as const) {
        const { status, body: problem, headers } = await home.post(path, body)
        expect([path, status, (problem as { code: string }).code]).to.deep.equal([path, 503, 'STORE_UNAVAILABLE'])
        expect(headers.getSetCookie()).to.deep.equal([])
      }
      expect((await home.get('/api/me')).status).to.equal(200)
    } finally {
      await run('alter table elsewhere rename to throttles')
    }
    expect(log.join()).to.contain('no such table').and.not.to.contain(owner.username)
  })
})

describe('the address that a cell counts', () => {
  const throttle = { ...LIMITS, address: { ...LIMITS.address, failures: 1 }, exempt: ['203.0.113.0/24'] }

  /** The addresses of refused attempts. */
  async function guess(
    plasma: object,
    attempts: (at: (from: string) => ClientAt) => Promise<void>,
    mode?: string,
  ): Promise<unknown[]> {
    const cell = await startTestCell({ plasma }, undefined, mode)
    const refused: unknown[] = []
    cell.plasma.on('LoginThrottled', ({ address }) => refused.push(address))
    await attempts((from) => new ClientAt(cell.address ?? '', from)).finally(() => cell.stop())
    return refused
  }

  it('is that of the connection without a trusted proxy, whatever a header says (OWASP ASVS 4.1.3)', async () => {
    const names = ['x-real-ip', 'true-client-ip', 'x-client-ip', 'cf-connecting-ip', 'via', 'x-forwarded-host']
    const refused = await guess({ throttle }, async (at) => {
      expect(await at(newAddress()).logIn(newCredentials())).to.equal(401)
      for (const from of [newAddress(), '203.0.113.7', '127.0.0.1'])
        expect(await at(from).logIn(newCredentials()), from).to.equal(429)
      for (const name of [...names, 'forwarded']) {
        const value = name === 'forwarded' ? `for=${newAddress()}` : newAddress()
        expect((await at('').post('/api/login', newCredentials(), { [name]: value })).status, name).to.equal(429)
      }
    })
    expect(new Set(refused)).to.deep.equal(new Set(['127.0.0.1']))
  })

  for (const [mode, field, mount] of [
    ['_users', 'username', '/v2/api'],
    ['_apps', 'appname', '/api'],
  ] as const) {
    it(`is what a cell on this machine says of its client, and the routes follow the API: ${mode}`, async () => {
      const [guesser, neighbor] = [newAddress(), newAddress()]
      const refused = await guess(
        { throttle, 'api-routes': { mount } },
        async (at) => {
          const logIn = async (from: string): Promise<number> =>
            (await at(from).post(`${mount}/login`, { [field]: newCredentials().username, password: 'x' })).status
          const statuses = [await logIn(guesser), await logIn(guesser), await logIn(neighbor)]
          expect(statuses).to.deep.equal([401, 429, 401])
        },
        `${mode}+_test`,
      )
      expect(refused).to.deep.equal([guesser])
    })
  }
})
