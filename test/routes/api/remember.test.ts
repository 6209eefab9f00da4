import { expect } from 'chai'
import type { OwnSession } from '../../../plasma/sessions/types'
import { startTestCell, type TestCell } from '../../support/cell'
import { newCredentials, type Answer, type Client } from '../../support/client'
import { stoppedClock } from '../../support/clock'

const SECONDS = { idleSeconds: 600, absoluteSeconds: 3600 }
const REMEMBERED = { idleSeconds: 86_400, absoluteSeconds: 864_000 }
const SHORT = ['HttpOnly', 'Path=/', 'SameSite=Lax']
const BOX = '<input name="remember" type="checkbox">'

const statusOf = async (client: Client): Promise<number> => (await client.get('/api/me')).status

async function currentOf(client: Client): Promise<OwnSession> {
  const sessions = (await client.get('/api/sessions')).body as OwnSession[]
  return sessions.find(({ current }) => current) ?? expect.fail('not listed')
}

/** What the one cookie of an answer says of itself, in order. */
function attributes({ headers }: Answer): string[] {
  const [cookie = '', ...others] = headers.getSetCookie()
  expect(others).to.be.empty
  return cookie.split('; ').slice(1).sort()
}

describe('remember, where DNA has it', () => {
  const clock = stoppedClock()
  let cell: TestCell

  before(async () => {
    cell = await startTestCell({
      plasma: { 'express-sessions': { ...SECONDS, remember: REMEMBERED, touchSeconds: 0 } },
    })
  })
  after(() => cell.stop())

  /** Those of a cookie that a browser keeps until the session is over in any case. */
  const long = (): string[] => [
    `Expires=${new Date(Date.now() + REMEMBERED.absoluteSeconds * 1000).toUTCString()}`,
    ...SHORT,
  ]
  const inSeconds = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString()

  async function logIn(
    wish: object,
    client = cell.client(),
  ): Promise<{ client: Client; answer: Answer; credentials: { username: string; password: string } }> {
    const credentials = newCredentials()
    await client.post('/api/register', credentials)
    const answer = await client.post('/api/login', { ...credentials, ...wish })
    return { client, answer, credentials }
  }

  for (const remember of [true, 'true', 'on']) {
    it(`gives a longer session, and a cookie that the browser keeps, for ${JSON.stringify(remember)}`, async () => {
      const { client, answer } = await logIn({ remember })
      expect(answer.status).to.equal(200)
      expect(answer.body).not.to.have.property('remember')
      expect(attributes(answer)).to.deep.equal(long())
      expect((await currentOf(client)).expiresAt).to.equal(inSeconds(REMEMBERED.idleSeconds))
    })
  }

  it('is a box of the form of the start page, which does the same', async () => {
    const client = cell.client()
    const credentials = newCredentials()
    expect((await client.get('/', { accept: 'text/html' })).text).to.include(BOX)
    await client.submit('/api/register', credentials)
    expect(attributes(await client.submit('/api/login', { ...credentials, remember: 'on' }))).to.deep.equal(long())
    expect((await client.get('/', { accept: 'text/html' })).text).not.to.include(BOX)
  })

  for (const wish of [{}, { remember: false }, { remember: 'false' }, { remember: null }]) {
    it(`leaves the session short, and the cookie one that the browser forgets, for ${JSON.stringify(wish)}`, async () => {
      const { client, answer } = await logIn(wish)
      expect(attributes(answer)).to.deep.equal(SHORT)
      expect((await currentOf(client)).expiresAt).to.equal(inSeconds(SECONDS.idleSeconds))
      clock.pass(SECONDS.idleSeconds * 1000)
      expect(await statusOf(client)).to.equal(401)
    })
  }

  for (const remember of [1, '', 'yes', [true], { $ne: false }]) {
    it(`is refused with 400 for ${JSON.stringify(remember)}, and logs nobody in`, async () => {
      const { answer, client } = await logIn({ remember })
      expect([answer.status, (answer.body as { code: string }).code]).to.deep.equal([400, 'INVALID_CREDENTIALS_SHAPE'])
      expect([client.cookies.size, await statusOf(client)]).to.deep.equal([0, 401])
    })
  }

  it('is of no use to who does not know the password', async () => {
    const { credentials } = await logIn({})
    const client = cell.client()
    expect(
      (await client.post('/api/login', { ...credentials, password: 'not the password', remember: true })).status,
    ).to.equal(401)
    expect(client.cookies.size).to.equal(0)
  })

  it('ends when it is not used, whatever the cookie says (OWASP ASVS 7.3.1)', async () => {
    const { client } = await logIn({ remember: true })
    clock.pass(REMEMBERED.idleSeconds * 1000 - 1)
    expect(await statusOf(client)).to.equal(200)
    clock.pass(REMEMBERED.idleSeconds * 1000 - 1)
    expect(await statusOf(client)).to.equal(200)
    clock.pass(REMEMBERED.idleSeconds * 1000)
    expect(await statusOf(client)).to.equal(401)
  })

  it('ends when it is old, however much it is used (OWASP ASVS 7.3.2)', async () => {
    const { client } = await logIn({ remember: true })
    for (let day = 1; day <= 10; day += 1) {
      expect(await statusOf(client)).to.equal(200)
      clock.pass(REMEMBERED.idleSeconds * 1000 - 1)
    }
    expect(await statusOf(client)).to.equal(200)
    clock.pass(10)
    expect(await statusOf(client)).to.equal(401)
  })

  it('is kept by a password change, and ends then for all other sessions (OWASP ASVS 7.4.3)', async () => {
    const { client, credentials } = await logIn({ remember: true })
    const other = cell.client()
    await other.post('/api/login', { ...credentials, remember: true })
    clock.pass(1000)
    const change = { currentPassword: credentials.password, newPassword: 'staple horse battery' }
    expect(attributes(await client.post('/api/password', change))).to.deep.equal(long())
    expect((await currentOf(client)).expiresAt).to.equal(inSeconds(REMEMBERED.idleSeconds))
    expect([await statusOf(client), await statusOf(other)]).to.deep.equal([200, 401])
  })

  it('is not made by a password change of who did not ask for it', async () => {
    const { client, credentials } = await logIn({})
    const change = { currentPassword: credentials.password, newPassword: 'staple horse battery' }
    expect(attributes(await client.post('/api/password', change))).to.deep.equal(SHORT)
    expect((await currentOf(client)).expiresAt).to.equal(inSeconds(SECONDS.idleSeconds))
  })

  it('is forgotten by the next login in the same browser, and by a logout (OWASP ASVS 7.2.4, 7.4.1)', async () => {
    const { client } = await logIn({ remember: true })
    const remembered = client.copy()
    expect(attributes((await logIn({}, client)).answer)).to.deep.equal(SHORT)
    expect((await currentOf(client)).expiresAt).to.equal(inSeconds(SECONDS.idleSeconds))
    const { client: left } = await logIn({ remember: true })
    const copy = left.copy()
    await left.post('/api/logout')
    expect([await statusOf(remembered), await statusOf(left), await statusOf(copy)]).to.deep.equal([401, 401, 401])
  })
})

describe('remember, where DNA does not have it', () => {
  stoppedClock()

  it('changes nothing, and is offered to nobody', async () => {
    const cell = await startTestCell({ plasma: { 'express-sessions': SECONDS } })
    try {
      const client = cell.client()
      const credentials = newCredentials()
      await client.post('/api/register', credentials)
      for (const remember of [true, 'true', 'on']) {
        const answer = await client.post('/api/login', { ...credentials, remember })
        expect([answer.status, attributes(answer)]).to.deep.equal([200, SHORT])
        expect(Date.parse((await currentOf(client)).expiresAt)).to.equal(Date.now() + SECONDS.idleSeconds * 1000)
      }
      expect((await cell.client().get('/', { accept: 'text/html' })).text).not.to.include('remember')
      expect((await cell.client().post('/api/login', { ...credentials, remember: 1 })).status).to.equal(400)
    } finally {
      await cell.stop()
    }
  })
})
