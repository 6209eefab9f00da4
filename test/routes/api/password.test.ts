import { expect } from 'chai'
import { startTestCell, type TestCell } from '../../support/cell'
import type { Answer, Client } from '../../support/client'

const NEW = 'staple horse battery'

interface Owner {
  username: string
  password: string
}

describe('POST /api/password', () => {
  let cell: TestCell

  before(async () => {
    cell = await startTestCell()
  })
  after(() => cell.stop())

  const change = (client: Client, currentPassword: string, newPassword = NEW): Promise<Answer> => {
    return client.post('/api/password', { currentPassword, newPassword })
  }
  const statusOf = async (client: Client): Promise<number> => (await client.get('/api/me')).status

  function expectProblem({ status, headers, body }: Answer, expected: { status: number; code: string }): void {
    expect(body).to.include(expected)
    expect(status).to.equal(expected.status)
    expect(headers.get('content-type')).to.match(/^application\/problem\+json\b/)
    expect(headers.getSetCookie()).to.deep.equal([])
  }

  async function loggedIn(owner: Owner): Promise<Client> {
    const client = cell.client()
    expect((await client.post('/api/login', owner)).status).to.equal(200)
    return client
  }

  /** Which of these passwords the owner logs in with. */
  async function valid(username: string, ...passwords: string[]): Promise<string[]> {
    const statuses = await Promise.all(
      passwords.map(async (password) => (await cell.client().post('/api/login', { username, password })).status),
    )
    return passwords.filter((_password, index) => statuses[index] === 200)
  }

  it('gives a new password, and the old one is none any more', async () => {
    const client = cell.client()
    const { username, password } = await client.registerAndLogIn()
    const { status, text, headers } = await change(client, password)
    expect([status, text, headers.get('cache-control'), headers.has('clear-site-data')]).to.deep.equal([
      204,
      '',
      'no-store',
      false,
    ])
    expect(await valid(username, password, NEW)).to.deep.equal([NEW])
  })

  it('goes on under a new cookie, and the old one is dead (OWASP ASVS 7.2.4)', async () => {
    const client = cell.client()
    const { username, password } = await client.registerAndLogIn()
    const old = client.copy()
    const { headers } = await change(client, password)
    expect(headers.getSetCookie()).to.have.length(1)
    expect(client.cookies.get('id')).not.to.equal(old.cookies.get('id'))
    expect([await statusOf(client), await statusOf(old)]).to.deep.equal([200, 401])
    expect((await client.get('/api/me')).body).to.include({ username })
  })

  it("ends the owner's other sessions at once, and nobody else's (OWASP ASVS 7.4.3)", async () => {
    const client = cell.client()
    const owner = await client.registerAndLogIn()
    const [one, two, other] = [await loggedIn(owner), await loggedIn(owner), cell.client()]
    await other.registerAndLogIn()
    await change(client, owner.password)
    expect(await Promise.all([client, one, two, other].map(statusOf))).to.deep.equal([200, 401, 401, 200])
    const { body } = await client.get('/api/sessions')
    expect(body).to.have.length(1)
  })

  for (const [what, make] of Object.entries<(owner: Owner) => string>({
    'another password': () => 'not the password',
    none: () => '',
    'the new one': () => NEW,
    'his, in capitals': ({ password }) => password.toUpperCase(),
    'his, and a space': ({ password }) => `${password} `,
    'his name': ({ username }) => username,
  })) {
    it(`needs the current one, and is refused to who knows ${what} (OWASP ASVS 6.2.3)`, async () => {
      const client = cell.client()
      const owner = await client.registerAndLogIn()
      const other = await loggedIn(owner)
      expectProblem(await change(client, make(owner)), { status: 403, code: 'CURRENT_PASSWORD_WRONG' })
      expect([await statusOf(client), await statusOf(other)]).to.deep.equal([200, 200])
      expect(await valid(owner.username, owner.password, NEW)).to.deep.equal([owner.password])
    })
  }

  it('is refused to who is not logged in, though he knows the password', async () => {
    const client = cell.client()
    const owner = await client.registerAndLogIn()
    const left = client.copy()
    await client.post('/api/logout')
    for (const visitor of [cell.client(), client, left]) {
      expectProblem(await change(visitor, owner.password), { status: 401, code: 'OWNER_NOT_FOUND' })
      const named = { ...owner, currentPassword: owner.password, newPassword: NEW }
      expectProblem(await visitor.post('/api/password', named), { status: 401, code: 'OWNER_NOT_FOUND' })
    }
    expect(await valid(owner.username, owner.password, NEW)).to.deep.equal([owner.password])
  })

  it("is his own alone: another's is refused, in whatever way he is named", async () => {
    const [client, victim] = [cell.client(), cell.client()]
    const [owner, his] = [await client.registerAndLogIn(), await victim.registerAndLogIn()]
    const { id } = (await victim.get('/api/me')).body as { id: string }
    const body = { currentPassword: owner.password, newPassword: NEW }
    for (const named of [{ id }, { ownerId: id }, { username: his.username }]) {
      expectProblem(await client.post('/api/password', { ...body, ...named }), {
        status: 400,
        code: 'INVALID_PASSWORD_CHANGE',
      })
    }
    expect(await valid(his.username, his.password, NEW)).to.deep.equal([his.password])
    expect(await valid(owner.username, owner.password, NEW)).to.deep.equal([owner.password])
  })

  it('is won by one of two who ask at once: he stays in, and the other is out', async () => {
    const first = cell.client()
    const owner = await first.registerAndLogIn()
    const clients = [first, await loggedIn(owner), await loggedIn(owner)]
    const passwords = clients.map((_client, index) => `${NEW} ${index}`)
    const answers = await Promise.all(clients.map((client, index) => change(client, owner.password, passwords[index])))
    const statuses = answers.map(({ status }) => status)
    const winner = statuses.indexOf(204)
    for (const [index, client] of clients.entries()) {
      expect(statuses[index]).to.be.oneOf(index === winner ? [204] : [401, 403])
      expect(await statusOf(client)).to.equal(index === winner ? 200 : 401)
    }
    expect(await valid(owner.username, owner.password, ...passwords)).to.deep.equal([passwords[winner]])
  })

  it('leads browsers back to the start page with their new cookie, and shows a page for what goes wrong', async () => {
    const client = cell.client()
    const { password } = await client.registerAndLogIn()
    const wrong = await client.submit('/api/password', { currentPassword: 'not the password', newPassword: NEW })
    expect([wrong.status, wrong.headers.get('content-type')]).to.deep.equal([403, 'text/html; charset=utf-8'])
    const { status, headers } = await client.submit('/api/password', { currentPassword: password, newPassword: NEW })
    expect([status, headers.get('location'), headers.getSetCookie().length]).to.deep.equal([303, '/', 1])
    expect(await statusOf(client)).to.equal(200)
  })
})
