import { expect } from 'chai'
import type { OwnSession } from '../../../plasma/sessions/session-api'
import { startTestCell, type TestCell } from '../../support/cell'
import { newCredentials, type Answer, type Client } from '../../support/client'
import { stoppedClock } from '../../support/clock'
import { signed } from '../../support/cookie'

const CLEARS = '"cache", "storage"'
const SECRET = 'k'.repeat(32)

describe('/api/sessions', () => {
  const clock = stoppedClock()
  let cell: TestCell

  before(async () => {
    cell = await startTestCell({
      plasma: { 'express-server': { trustProxy: 'loopback' }, 'express-sessions': { secret: SECRET } },
    })
  })
  after(() => cell.stop())

  /** Clients of one new owner, each with its own session, which began a second after the one before. */
  async function logInTimes(times: number, headers: Record<string, string> = {}): Promise<[Client, Client, Client]> {
    const credentials = newCredentials()
    await cell.client().post('/api/register', credentials)
    const clients: Client[] = []
    while (clients.length < times) {
      clock.pass(1000)
      const client = cell.client()
      expect((await client.post('/api/login', credentials, headers)).status).to.equal(200)
      clients.push(client)
    }
    return clients as [Client, Client, Client]
  }

  const list = async (client: Client): Promise<OwnSession[]> => (await client.get('/api/sessions')).body as OwnSession[]
  const currentOf = async (client: Client): Promise<OwnSession> =>
    (await list(client)).find(({ current }) => current) ?? expect.fail('not listed')
  const end = (client: Client, id = ''): Promise<Answer> => client.send('DELETE', `/api/sessions${id && `/${id}`}`)
  const statuses = (...clients: Client[]): Promise<number[]> =>
    Promise.all(clients.map(async (client) => (await client.get('/api/me')).status))

  describe('GET', () => {
    it('lists when and from where each session was used, and nothing else (OWASP ASVS 7.5.2)', async () => {
      const [client] = await logInTimes(1, { 'user-agent': 'Firefox', 'x-forwarded-for': '192.0.2.7' })
      const iso = (milliseconds = 0): string => new Date(Date.now() + milliseconds).toISOString()
      const { id } = await currentOf(client)
      expect(id).to.match(/^[\w-]{43}$/)
      const times = { createdAt: iso(), lastSeenAt: iso(), expiresAt: iso(1_800_000) }
      const first = { id, ...times, address: '192.0.2.7', agent: 'Firefox', current: true }
      clock.pass(60_000)
      const headers = { 'user-agent': '<script>"Lynx"</script>', 'x-forwarded-for': '2001:db8::1' }
      // Listed before this request is written down.
      const { body, headers: answered } = await client.get('/api/sessions', headers)
      expect([body, answered.get('cache-control')]).to.deep.equal([[first], 'no-store'])
      const seen = {
        lastSeenAt: iso(),
        expiresAt: iso(1_800_000),
        address: '2001:db8::1',
        agent: headers['user-agent'],
      }
      expect(await list(client)).to.deep.equal([{ ...first, ...seen }])
    })

    it('shows no part of a cookie, and no id that can be one (OWASP ASVS 16.2.5)', async () => {
      const [client] = await logInTimes(1)
      const { text, body } = await client.get('/api/sessions')
      const [{ id } = { id: '' }] = body as OwnSession[]
      const cookie = decodeURIComponent(client.cookies.get('id') ?? '').slice(2)
      const [sessionId = '', signature = ''] = cookie.split('.')
      for (let at = 0; at + 8 <= cookie.length; at += 1) expect(text).not.to.include(cookie.slice(at, at + 8))
      for (const value of [id, encodeURIComponent(`s:${id}.${signature}`), signed(id, SECRET)])
        expect((await cell.client().get('/api/me', { cookie: `id=${value}` })).status).to.equal(401)
      expect((await cell.client().get('/api/me', { cookie: `id=${signed(sessionId, SECRET)}` })).status).to.equal(200)
    })
  })

  describe('DELETE /:id', () => {
    it('ends another session of the owner, once (OWASP ASVS 7.5.2)', async () => {
      const [one, two, three] = await logInTimes(3)
      const { id } = await currentOf(two)
      const { status, text, headers } = await end(one, id)
      expect([status, text, headers.has('clear-site-data'), headers.getSetCookie()]).to.deep.equal([204, '', false, []])
      expect(await statuses(one, two, three)).to.deep.equal([200, 401, 200])
      expect((await end(one, id)).body).to.include({ status: 404, code: 'SESSION_NOT_FOUND' })
    })

    it('logs out if it is the session that asks (OWASP ASVS 7.4.1, 14.3.1)', async () => {
      const [one, two] = await logInTimes(2)
      const old = one.copy()
      const { status, headers } = await end(one, (await currentOf(one)).id)
      expect([status, headers.get('clear-site-data')]).to.deep.equal([204, CLEARS])
      expect(await statuses(one, old, two)).to.deep.equal([401, 401, 200])
    })

    it("answers for another owner's session as if there were none, and it goes on (OWASP ASVS 6.3.8)", async () => {
      const [[mine], [victim]] = [await logInTimes(1), await logInTimes(1)]
      const { id } = await currentOf(victim)
      const { status, body, headers } = await end(mine, id)
      expect([status, headers.has('clear-site-data')]).to.deep.equal([404, false])
      expect(body).to.deep.equal((await end(mine, 'A'.repeat(43))).body)
      expect(await statuses(mine, victim)).to.deep.equal([200, 200])
    })

    it('ends nothing for what is no id, or by another method', async () => {
      const [one, two] = await logInTimes(2)
      const { id } = await currentOf(two)
      for (const path of ['', '/', '%20', id.slice(0, 20), `${id}%00`, `${id}/${id}`, 'x'.repeat(8000)])
        expect((await one.send('DELETE', `/api/sessions/${path}`)).status, path).to.equal(404)
      expect((await end(one, '%E0%A4%A')).status).to.equal(400)
      for (const method of ['GET', 'OPTIONS', 'POST', 'PUT', 'PATCH'])
        await one.send(method, `/api/sessions/${id}?_method=DELETE`, undefined, { 'x-http-method-override': 'DELETE' })
      expect(await statuses(one, two)).to.deep.equal([200, 200])
    })
  })

  it('DELETE ends all others of the owner: this one stays, and so does everybody else (OWASP ASVS 7.5.2)', async () => {
    const [[one, two, three], [other]] = [await logInTimes(3), await logInTimes(1)]
    const cookie = one.cookies.get('id')
    const { status, headers, text } = await end(one)
    expect([status, text, headers.has('clear-site-data')]).to.deep.equal([204, '', false])
    expect(one.cookies.get('id')).to.equal(cookie)
    expect(await statuses(one, two, three, other)).to.deep.equal([200, 401, 401, 200])
    expect(await list(one)).to.have.length(1)
  })
})
