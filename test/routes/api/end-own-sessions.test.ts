import { expect } from 'chai'
import type { OwnSession } from '../../../plasma/sessions/types'
import { startTestCell, type TestCell } from '../../support/cell'
import { newCredentials, type Answer, type Client } from '../../support/client'

const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
const CLEARS = '"cache", "storage"'

describe('DELETE /api/sessions', () => {
  let cell: TestCell

  before(async () => {
    cell = await startTestCell()
  })
  after(() => cell.stop())

  /** Clients of one owner, each with a session of its own. */
  async function loggedIn(count: number): Promise<Client[]> {
    const credentials = newCredentials()
    await cell.client().post('/api/register', credentials)
    const clients = Array.from({ length: count }, () => cell.client())
    for (const client of clients) expect((await client.post('/api/login', credentials)).status).to.equal(200)
    return clients
  }

  const end = (client: Client, id = '', headers = {}): Promise<Answer> =>
    client.send('DELETE', `/api/sessions${id && `/${id}`}`, undefined, headers)
  const list = async (client: Client): Promise<OwnSession[]> => (await client.get('/api/sessions')).body as OwnSession[]
  const idOf = async (client: Client): Promise<string> =>
    (await list(client)).find(({ current }) => current)?.id ?? expect.fail('not listed')
  const statuses = (...clients: Client[]): Promise<number[]> =>
    Promise.all(clients.map(async (client) => (await client.get('/api/me')).status))

  function expectNone({ status, headers, body }: Answer, expected = { status: 404, code: 'SESSION_NOT_FOUND' }): void {
    expect(body).to.include(expected)
    expect(status).to.equal(expected.status)
    expect(headers.get('content-type')).to.match(/^application\/problem\+json\b/)
    expect(headers.has('clear-site-data')).to.equal(false)
  }

  describe('/:id', () => {
    let pair: Client[] = []

    /** Two clients of one owner, for what is not to end either. */
    async function loggedInStill(): Promise<[Client, Client]> {
      if (pair.length === 0 || (await statuses(...pair)).includes(401)) pair = await loggedIn(2)
      return pair as [Client, Client]
    }

    it('ends another session of the owner, and no more than that (OWASP ASVS 7.5.2)', async () => {
      const [one, two, three] = (await loggedIn(3)) as [Client, Client, Client]
      const id = await idOf(two)
      const { status, text, headers } = await end(one, id)
      expect([status, text, headers.has('clear-site-data'), headers.getSetCookie()]).to.deep.equal([204, '', false, []])
      expect(await statuses(one, two, three)).to.deep.equal([200, 401, 200])
      expect((await list(one)).map((session) => session.id))
        .to.have.length(2)
        .and.not.include(id)
    })

    it('logs out where it is the session that asks, and its cookie is dead (OWASP ASVS 7.4.1, 14.3.1)', async () => {
      const [one, two] = (await loggedIn(2)) as [Client, Client]
      const old = one.copy()
      const { status, headers } = await end(one, await idOf(one))
      expect([status, headers.get('clear-site-data')]).to.deep.equal([204, CLEARS])
      expect(await statuses(one, old, two)).to.deep.equal([401, 401, 200])
      expect(await list(two)).to.have.length(1)
    })

    it("does not end another owner's, and answers as if there were none (OWASP ASVS 6.3.8)", async () => {
      const [[mine], [victim]] = [await loggedIn(1), await loggedIn(1)] as [[Client], [Client]]
      const answer = await end(mine, await idOf(victim))
      expectNone(answer)
      expect(answer.body).to.deep.equal((await end(mine, 'A'.repeat(43))).body)
      expect(await statuses(mine, victim)).to.deep.equal([200, 200])
    })

    it('ends a session once', async () => {
      const [one, two] = (await loggedIn(2)) as [Client, Client]
      const id = await idOf(two)
      expect([(await end(one, id)).status, (await end(one, id)).status]).to.deep.equal([204, 404])
      expectNone(await end(one, id))
    })

    it('ends it for one of those who want it at once', async () => {
      const [one, two, three] = (await loggedIn(3)) as [Client, Client, Client]
      const id = await idOf(three)
      const answers = await Promise.all([one, two, one, two].map((client) => end(client, id)))
      expect(answers.map(({ status }) => status).sort()).to.deep.equal([204, 404, 404, 404])
    })

    const ids: Record<string, (id: string, sessionId: string) => string> = {
      unknown: () => 'A'.repeat(43),
      'a space': () => '%20',
      'a NUL': () => '%00',
      'its, and a NUL': (id) => `${id}%00`,
      'its first half': (id) => id.slice(0, 20),
      'its, in small letters': (id) => `${id.toLowerCase()}-`,
      'the id that is in the cookie': (_id, sessionId) => sessionId,
      'a pattern': () => '%25',
      SQL: () => encodeURIComponent("' OR '1'='1"),
      __proto__: () => '__proto__',
      'in another script': () => encodeURIComponent('сессия😀'),
      'eight thousand letters': () => 'x'.repeat(8000),
    }
    for (const [what, make] of Object.entries(ids)) {
      it(`is a 404 for an id that is ${what}, and nothing ends`, async () => {
        const [one, two] = await loggedInStill()
        const [sessionId = ''] = decodeURIComponent(two.cookies.get('id') ?? '')
          .slice(2)
          .split('.')
        expectNone(await end(one, make(await idOf(two), sessionId)))
        expect(await statuses(one, two)).to.deep.equal([200, 200])
      })
    }

    for (const [what, path, status] of [
      ['an escape that breaks off', '/api/sessions/%E0%A4%A', 400],
      ['sixty thousand letters', `/api/sessions/${'x'.repeat(60_000)}`, 431],
      ['two ids', `/api/sessions/${'A'.repeat(43)}/${'B'.repeat(43)}`, 404],
      ['empty, behind a slash', '/api/sessions/', 404],
      ['empty, behind two', '/api/sessions//', 404],
    ] as const) {
      it(`is a ${status} for an id that is ${what}, and nothing ends`, async () => {
        const [one, two] = await loggedInStill()
        const { status: answered } = await one.send('DELETE', path)
        expect(await statuses(one, two)).to.deep.equal([200, 200])
        expect(answered).to.equal(status)
      })
    }

    it('is the only method that ends: reading never does (OWASP ASVS 3.5.1)', async () => {
      const [one, two] = await loggedInStill()
      const path = `/api/sessions/${await idOf(two)}`
      for (const url of [path, `${path}?_method=DELETE`, `${path}/delete`]) {
        for (const method of ['GET', 'OPTIONS', 'POST', 'PUT', 'PATCH']) {
          await one.send(method, url, undefined, { 'x-http-method-override': 'DELETE' })
        }
      }
      expect(await statuses(one, two)).to.deep.equal([200, 200])
    })
  })

  it('ends all others of the owner: this one stays, and so does whoever else is logged in (OWASP ASVS 7.5.2)', async () => {
    const [[one, two, three], [other]] = [await loggedIn(3), await loggedIn(1)] as [[Client, Client, Client], [Client]]
    const cookie = one.cookies.get('id')
    const { status, headers, text } = await end(one)
    expect([status, text, headers.has('clear-site-data')]).to.deep.equal([204, '', false])
    expect(one.cookies.get('id')).to.equal(cookie)
    expect(await statuses(one, two, three, other)).to.deep.equal([200, 401, 401, 200])
    expect(await list(one)).to.have.length(1)
    expect((await end(one)).status).to.equal(204)
    expect(await statuses(one)).to.deep.equal([200])
  })

  it('leads browsers back to the start page, and tells those that are logged out to forget all', async () => {
    const [one, two, three] = (await loggedIn(3)) as [Client, Client, Client]
    const answers = [
      await end(one, await idOf(two), HTML),
      await end(one, '', HTML),
      await end(one, await idOf(one), HTML),
    ]
    const seen = answers.map(({ status, headers }) => [status, headers.get('location'), headers.get('clear-site-data')])
    expect(seen).to.deep.equal([
      [303, '/', null],
      [303, '/', null],
      [303, '/', CLEARS],
    ])
    expect(await statuses(one, two, three)).to.deep.equal([401, 401, 401])
    expect((await end(one, 'A'.repeat(43), HTML)).headers.get('content-type')).to.match(/^text\/html\b/)
  })

  for (const [method, path] of [
    ['GET', ''],
    ['DELETE', ''],
    ['DELETE', '/:id'],
  ] as const) {
    it(`needs a login, as ${method} /api/sessions${path} does`, async () => {
      const [victim] = (await loggedIn(1)) as [Client]
      const url = `/api/sessions${path.replace(':id', await idOf(victim))}`
      const left = victim.copy()
      const [gone] = (await loggedIn(1)) as [Client]
      const before = gone.copy()
      await gone.post('/api/logout')
      for (const client of [cell.client(), gone, before]) {
        expectNone(await client.send(method, url), { status: 401, code: 'OWNER_NOT_FOUND' })
      }
      expect((await cell.client().send(method, url, undefined, { cookie: 'id=s%3Aforged.forged' })).status).to.equal(
        401,
      )
      expect(await statuses(victim, left)).to.deep.equal([200, 200])
    })
  }
})
