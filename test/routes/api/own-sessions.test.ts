import { expect } from 'chai'
import { request } from 'node:http'
import { database } from '../../../context/sql'
import type { OwnSession } from '../../../plasma/sessions/types'
import { startTestCell, type TestCell } from '../../support/cell'
import { newCredentials, type Client } from '../../support/client'
import { stoppedClock } from '../../support/clock'
import { signed } from '../../support/cookie'
import { TrustPoint } from '../../support/trust-point'

const SECRET = 'k'.repeat(32)
const ID = /^[\w-]{43}$/

describe('GET /api/sessions', () => {
  const clock = stoppedClock()
  let apps: TrustPoint
  let cell: TestCell

  before(async () => {
    apps = await TrustPoint.answering(200, { id: 'app-1', secret: 'of the app' })
    cell = await startTestCell({
      plasma: {
        'express-server': { trustProxy: 'loopback' },
        'express-sessions': { secret: SECRET },
        sessions: { remoteAuthenticateEndpoint: apps.endpoint, remoteSessionSeconds: 600 },
      },
    })
  })
  after(async () => {
    await cell.stop()
    await apps.stop()
  })

  const list = async (client: Client, headers?: Record<string, string>): Promise<OwnSession[]> => {
    const { status, body } = await client.get('/api/sessions', headers)
    expect(status).to.equal(200)
    return body as OwnSession[]
  }
  const currentOf = async (client: Client): Promise<OwnSession> =>
    (await list(client)).find(({ current }) => current) ?? expect.fail('not listed')

  /** A client that has logged in a second after whoever came before. */
  async function loggedIn(credentials: object, headers: Record<string, string> = {}): Promise<Client> {
    clock.pass(1000)
    const client = cell.client()
    expect((await client.post('/api/login', credentials, headers)).status).to.equal(200)
    return client
  }

  async function registered(): Promise<{ id: string; username: string; password: string }> {
    const credentials = newCredentials()
    const { body } = await cell.client().post('/api/register', credentials)
    return { ...credentials, id: (body as { id: string }).id }
  }

  const iso = (time: number): string => new Date(time).toISOString()
  const own = ({ username, password }: { username: string; password: string }): object => ({ username, password })

  it('tells when and from where each session was used, in ISO 8601, and nothing else (OWASP ASVS 7.5.2)', async () => {
    const client = await loggedIn(own(await registered()), { 'user-agent': 'Firefox', 'x-forwarded-for': '192.0.2.7' })
    const created = Date.now()
    clock.pass(60_000)
    const { status, headers, body } = await client.get('/api/sessions', {
      'user-agent': 'Lynx',
      'x-forwarded-for': '2001:db8::1',
    })
    expect([status, headers.get('cache-control')]).to.deep.equal([200, 'no-store'])
    const [{ id } = expect.fail('nothing is listed')] = body as OwnSession[]
    expect(id).to.match(ID)
    const createdAt = iso(created)
    expect(createdAt).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    const first = {
      id,
      createdAt,
      lastSeenAt: createdAt,
      expiresAt: iso(created + 1_800_000),
      address: '192.0.2.7',
      agent: 'Firefox',
      current: true,
    }
    expect(body).to.deep.equal([first])
    const seen = {
      lastSeenAt: iso(created + 60_000),
      expiresAt: iso(created + 1_860_000),
      address: '2001:db8::1',
      agent: 'Lynx',
    }
    expect(await list(client)).to.deep.equal([{ ...first, ...seen }])
  })

  it('has the last seen first, and says which of them asks', async () => {
    const owner = own(await registered())
    const clients = [await loggedIn(owner), await loggedIn(owner), await loggedIn(owner)]
    const [one, two, three] = (await Promise.all(clients.map(currentOf))).map(({ id }) => id)
    expect((await list(clients[1] ?? cell.client())).map(({ id, current }) => [id, current])).to.deep.equal([
      [three, false],
      [two, true],
      [one, false],
    ])
    clock.pass(60_000)
    await clients[0]?.get('/api/me')
    expect((await list(clients[2] ?? cell.client())).map(({ id, current }) => [id, current])).to.deep.equal([
      [one, false],
      [three, true],
      [two, false],
    ])
  })

  it("never has another owner's, whoever is asked for", async () => {
    const [ann, bob] = [await registered(), await registered()]
    const [anns, bobs] = [await loggedIn(own(ann)), await loggedIn(own(bob))]
    const { id } = await currentOf(anns)
    for (const query of ['', `?ownerId=${bob.id}`, `?owner_id=${bob.id}`, `?id=${(await currentOf(bobs)).id}`]) {
      const { body } = await anns.get(`/api/sessions${query}`, { 'x-owner-id': bob.id })
      expect(
        (body as OwnSession[]).map((session) => session.id),
        query,
      ).to.deep.equal([id])
    }
  })

  it('shows no id that is a cookie, a part of one, or could be signed to be one (OWASP ASVS 16.2.5)', async () => {
    const client = await loggedIn(own(await registered()))
    const { text, body } = await client.get('/api/sessions')
    const [{ id } = expect.fail('nothing is listed')] = body as OwnSession[]
    const [sessionId = '', signature = ''] = decodeURIComponent(client.cookies.get('id') ?? '')
      .slice(2)
      .split('.')
    expect([sessionId.length, signature.length]).to.deep.equal([32, 43])
    for (const part of [sessionId, signature]) {
      for (let i = 0; i + 8 <= part.length; i += 1) expect(text).not.to.include(part.slice(i, i + 8))
    }
    for (const cookie of [id, encodeURIComponent(`s:${id}.${signature}`), signed(id, SECRET)]) {
      expect((await cell.client().get('/api/me', { cookie: `id=${cookie}` })).status).to.equal(401)
    }
    expect((await cell.client().get('/api/me', { cookie: `id=${signed(sessionId, SECRET)}` })).status).to.equal(200)
  })

  it('has those no more that are over, were logged out, or of before the password changed elsewhere', async () => {
    const owner = await registered()
    const [over, left] = [await loggedIn(own(owner)), await loggedIn(own(owner))]
    const overId = (await currentOf(over)).id
    clock.pass(1_700_000)
    const client = await loggedIn(own(owner))
    await left.get('/api/me')
    expect((await list(client)).map(({ id }) => id))
      .to.include(overId)
      .and.to.have.length(3)
    clock.pass(100_000)
    await left.post('/api/logout')
    expect(await list(client)).to.have.length(1)

    await cell.plasma.sessions.ownerModel.changePassword?.(owner.id, {
      currentPassword: owner.password,
      newPassword: 'another horse battery',
    })
    expect((await client.get('/api/sessions')).status).to.equal(401)
    const again = await loggedIn({ username: owner.username, password: 'another horse battery' })
    expect((await list(again)).map(({ current }) => current)).to.deep.equal([true])
  })

  it('says which application acts in a session, by its id alone, and until its trust ends', async () => {
    const owner = await registered()
    const client = await loggedIn(own(owner))
    const application = await loggedIn({ appname: 'bot', password: 'app secret', ownerId: owner.id })
    const sessions = await list(client)
    expect(sessions.map(({ actor }) => actor)).to.deep.equal([{ id: 'app-1' }, undefined])
    expect(await list(application)).to.deep.equal(
      sessions.map((session) => ({ ...session, current: !session.current })),
    )
    clock.pass(600_000)
    expect((await list(client)).map(({ actor }) => actor)).to.deep.equal([undefined])
  })

  describe('tells of an agent', () => {
    for (const [what, agent, expected] of [
      ['that is very long, 256 characters', 'x'.repeat(8000), 'x'.repeat(256)],
      ['that is markup, what it says', '<script>alert("1")</script>\t\\', '<script>alert("1")</script>\t\\'],
      ['in no alphabet, what came', '\u00e9\u00ff\u0080', '\u00e9\u00ff\u0080'],
      ['that is empty, that', '', ''],
    ] as const) {
      it(what, async () => {
        const client = await loggedIn(own(await registered()), { 'user-agent': agent })
        expect((await currentOf(client)).agent).to.equal(expected)
      })
    }

    it('that says nothing, null', async () => {
      const client = await loggedIn(own(await registered()), { 'user-agent': 'Firefox' })
      clock.pass(60_000)
      const headers = { cookie: `id=${client.cookies.get('id') ?? ''}` }
      await new Promise((resolve) =>
        request(`${client.address}/api/me`, { headers }, (res) => res.resume().on('end', resolve)).end(),
      )
      expect(await currentOf(client)).to.include({ agent: null, address: '127.0.0.1' })
    })

    it('and an address that were never known, null', async () => {
      const owner = await registered()
      const client = await loggedIn(own(owner))
      await database()
        .updateTable('sessions')
        .set({ address: null, agent: null })
        .where('owner_id', '=', owner.id)
        .execute()
      expect(await currentOf(client)).to.include({ agent: null, address: null })
    })
  })
})
