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
const inSeconds = (seconds: number): Date => new Date(Date.now() + seconds * 1000)
/** The attributes of a cookie that browsers keep as long as the session can last. */
const long = (): string[] => [`Expires=${inSeconds(REMEMBERED.absoluteSeconds).toUTCString()}`, ...SHORT]

/** Checks what a client's session and the cookie in an answer say about how long they last. */
async function expectRemembered(client: Client, { headers }: Answer, isRemembered: boolean): Promise<void> {
  const [cookie = '', ...others] = headers.getSetCookie()
  expect([cookie.split('; ').slice(1).sort(), others]).to.deep.equal([isRemembered ? long() : SHORT, []])
  const sessions = (await client.get('/api/sessions')).body as OwnSession[]
  const { idleSeconds } = isRemembered ? REMEMBERED : SECONDS
  expect(sessions.find(({ current }) => current)?.expiresAt).to.equal(inSeconds(idleSeconds).toISOString())
}

describe('remember', () => {
  const clock = stoppedClock()
  const owner = newCredentials()
  let cell: TestCell

  before(async () => {
    const sessions = { ...SECONDS, remember: REMEMBERED, touchSeconds: 0 }
    cell = await startTestCell({ plasma: { 'express-sessions': sessions } })
    await cell.client().post('/api/register', owner)
  })
  after(() => cell.stop())

  const logIn = (client: Client, wish: object): Promise<Answer> => client.post('/api/login', { ...owner, ...wish })

  for (const [remember, isRemembered] of [
    [true, true],
    ['true', true],
    ['on', true],
    [undefined, false],
    [false, false],
    ['false', false],
    [null, false],
  ]) {
    it(`${isRemembered ? 'makes' : 'leaves'} the session ${isRemembered ? 'long' : 'short'} if it is ${JSON.stringify(remember)}`, async () => {
      const client = cell.client()
      const answer = await logIn(client, { remember })
      expect([answer.status, Object.keys(answer.body as object)]).to.deep.equal([200, ['id', 'username']])
      await expectRemembered(client, answer, isRemembered === true)
    })
  }

  it('is refused for anything else, and does not replace the password', async () => {
    const client = cell.client()
    for (const remember of [1, '', 'yes', [true], { $ne: false }])
      expect((await logIn(client, { remember })).body).to.include({ status: 400, code: 'INVALID_CREDENTIALS_SHAPE' })
    expect((await logIn(client, { password: 'not the password', remember: true })).status).to.equal(401)
    expect([client.cookies.size, await statusOf(client)]).to.deep.equal([0, 401])
  })

  it('is a checkbox on the start page', async () => {
    const client = cell.client()
    expect((await client.get('/', { accept: 'text/html' })).text).to.include(BOX)
    await expectRemembered(client, await client.submit('/api/login', { ...owner, remember: 'on' }), true)
    expect((await client.get('/', { accept: 'text/html' })).text).not.to.include(BOX)
  })

  it('ends by the longer idle and absolute times, whatever the cookie says (OWASP ASVS 7.3.1, 7.3.2)', async () => {
    const [unused, used, short] = [cell.client(), cell.client(), cell.client()]
    await logIn(unused, { remember: true })
    await logIn(used, { remember: true })
    await logIn(short, {})
    clock.pass(SECONDS.idleSeconds * 1000)
    expect([await statusOf(short), await statusOf(used)]).to.deep.equal([401, 200])
    clock.pass((REMEMBERED.idleSeconds - SECONDS.idleSeconds) * 1000)
    expect([await statusOf(unused), await statusOf(used)]).to.deep.equal([401, 200])
    for (let day = 2; day < 10; day += 1) {
      clock.pass(REMEMBERED.idleSeconds * 1000 - 1)
      expect(await statusOf(used)).to.equal(200)
    }
    clock.pass(REMEMBERED.idleSeconds * 1000 - 1)
    clock.pass(10)
    expect(await statusOf(used)).to.equal(401)
  })

  it('survives a password change, which ends the other sessions (OWASP ASVS 7.4.3)', async () => {
    for (const remember of [true, false]) {
      const [client, other] = [cell.client(), cell.client()]
      await logIn(client, { remember })
      await logIn(other, { remember: true })
      clock.pass(1000)
      const change = { currentPassword: owner.password, newPassword: `${owner.password}!` }
      const answer = await client.post('/api/password', change)
      owner.password = change.newPassword
      await expectRemembered(client, answer, remember)
      expect(await statusOf(other)).to.equal(401)
    }
  })

  it('is forgotten by the next login in the same browser, and by a logout (OWASP ASVS 7.2.4, 7.4.1)', async () => {
    const client = cell.client()
    await logIn(client, { remember: true })
    const first = client.copy()
    await expectRemembered(client, await logIn(client, {}), false)
    await logIn(client, { remember: true })
    const second = client.copy()
    await client.post('/api/logout')
    expect([await statusOf(first), await statusOf(second)]).to.deep.equal([401, 401])
  })

  it('changes nothing if DNA does not have it, and is not offered', async () => {
    const cell = await startTestCell({ plasma: { 'express-sessions': SECONDS } })
    try {
      const client = cell.client()
      await client.post('/api/register', owner)
      await expectRemembered(client, await client.post('/api/login', { ...owner, remember: 'on' }), false)
      expect((await client.post('/api/login', { ...owner, remember: 1 })).status).to.equal(400)
      expect((await cell.client().get('/', { accept: 'text/html' })).text).not.to.include('remember')
    } finally {
      await cell.stop()
    }
  })
})
