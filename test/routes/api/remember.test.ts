import { expect } from 'chai'
import type { OwnSession } from '../../../plasma/sessions/session-api'
import { startTestCell, type TestCell } from '../../support/cell'
import { newCredentials, type Answer, type Client } from '../../support/client'
import { stoppedClock } from '../../support/clock'

const SECONDS = { idleSeconds: 600, absoluteSeconds: 3600 }
const REMEMBERED = { idleSeconds: 86_400, absoluteSeconds: 864_000 }
const SHORT = ['HttpOnly', 'Path=/', 'SameSite=Lax']
const BOX = '<input name="remember" type="checkbox">'
const HTML = { accept: 'text/html' }

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

  it('makes the session long if a login asks for it, by JSON or by the checkbox on the page', async () => {
    const [client, other] = [cell.client(), cell.client()]
    await expectRemembered(client, await logIn(client, { remember: true }), true)
    expect((await other.get('/login', HTML)).text).to.include(BOX)
    await expectRemembered(other, await other.submit('/login', { ...owner, remember: 'on' }), true)
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
      expect((await other.get('/api/me')).status).to.equal(401)
    }
  })

  it('is forgotten by the next login in the same browser (OWASP ASVS 7.2.4)', async () => {
    const client = cell.client()
    await logIn(client, { remember: true })
    const first = client.copy()
    await expectRemembered(client, await logIn(client, {}), false)
    expect((await first.get('/api/me')).status).to.equal(401)
  })

  it('changes nothing if DNA does not have it, and is not offered', async () => {
    const cell = await startTestCell({ plasma: { 'express-sessions': SECONDS } })
    try {
      const client = cell.client()
      await client.post('/api/register', owner)
      await expectRemembered(client, await client.post('/api/login', { ...owner, remember: 'on' }), false)
      expect((await cell.client().get('/', HTML)).text).not.to.include('remember')
    } finally {
      await cell.stop()
    }
  })
})
