import { expect } from 'chai'
import { startTestCell } from '../../support/cell'
import { newCredentials } from '../../support/client'
import { stoppedClock } from '../../support/clock'
import {
  ClientAt,
  FREE,
  LIMITS,
  newAddress,
  startThrottledCell,
  type ThrottledCell,
} from '../../support/throttled-cell'
import { TrustPoint } from '../../support/trust-point'

const repeat = async (count: number, attempt: (index: number) => Promise<number>): Promise<number[]> => {
  const statuses: number[] = []
  for (let index = 0; index < count; index += 1) statuses.push(await attempt(index))
  return statuses
}

describe('a cell that throttles logins', () => {
  const clock = stoppedClock()
  let cell: ThrottledCell
  let applications: TrustPoint

  before(async () => {
    applications = await TrustPoint.answering(401)
    cell = await startThrottledCell({}, { sessions: { remoteAuthenticateEndpoint: applications.endpoint } })
  })
  after(async () => {
    await cell.stop()
    await applications.stop()
  })

  it('lets an owner in who is besieged, from where they are known, and does not log them out (OWASP ASVS 6.3.1)', async () => {
    const home = cell.at('2001:db8:7:7::1')
    const owner = await home.registerAndLogIn()
    const guess = (): Promise<number> => cell.stranger().logIn({ ...owner, password: 'a guess' })
    expect(await repeat(FREE.account + 1, guess)).to.deep.equal([401, 401, 401, 429])
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
      (await client.post('/api/password', { currentPassword, newPassword: 'staple horse battery' })).status
    const thief = (): ClientAt => Object.assign(cell.stranger(), { cookies: home.cookies })
    expect(await repeat(FREE.account + 1, () => change(thief(), 'a guess'))).to.deep.equal([403, 403, 403, 429])
    // Otherwise the thief would learn that they have found it.
    expect(await change(thief(), owner.password)).to.equal(429)
    expect(await cell.stranger().logIn(owner)).to.equal(200)
    expect(await change(home, owner.password)).to.equal(204)
  })

  it('counts applications by their own names, apart from users (OWASP ASVS 6.3.1)', async () => {
    const owner = await cell.stranger().registerAndLogIn()
    const act = (index: number): Promise<number> => {
      const appname = index % 2 ? owner.username.toUpperCase() : owner.username
      return cell.stranger().logIn({ appname, password: 'secret', ownerId: `owner-${index}` })
    }
    expect(await repeat(FREE.account + 1, act)).to.deep.equal([401, 401, 401, 429])
    expect(await cell.stranger().logIn(owner)).to.equal(200)
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
