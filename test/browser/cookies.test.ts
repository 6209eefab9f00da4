import { expect } from 'chai'
import type { Cookie } from 'playwright-core'
import { startTestCell, type TestCell } from '../support/cell'
import { Arrivals } from '../support/arrivals'
import { describeInBrowser } from '../support/browser'
import { newCredentials } from '../support/client'
import { HostileSite } from '../support/hostile-site'
import { StartPage } from '../support/start-page'

const DAY = 24 * 60 * 60

describeInBrowser('the session cookie', (browser) => {
  const arrivals = Arrivals.keep()
  const hostile = new HostileSite()
  const credentials = newCredentials()
  let cell: TestCell

  before(async () => {
    const remember = { idleSeconds: 7 * DAY, absoluteSeconds: 30 * DAY }
    cell = await startTestCell({ plasma: { 'express-sessions': { remember } } })
    await cell.client().post('/api/register', credentials)
    await hostile.start()
  })
  after(async () => {
    await hostile.stop()
    await cell.stop()
  })

  async function visit(): Promise<StartPage> {
    const start = new StartPage(await browser.open(), cell.address ?? '')
    await start.visit()
    return start
  }

  async function loggedIn(remember = false): Promise<{ start: StartPage; cookie: Cookie }> {
    const start = await visit()
    const fields = { Username: credentials.username, Password: credentials.password }
    expect(await start.submit('Log in', { ...fields, 'Remember me on this device': remember })).to.equal(200)
    const [cookie, ...others] = await start.page.context().cookies()
    if (!cookie) throw new Error('there is no cookie')
    expect(others).to.deep.equal([])
    return { start, cookie }
  }

  it('is not there before a login, nor after one that is refused', async () => {
    const start = await visit()
    expect(await start.page.context().cookies()).to.deep.equal([])
    expect(await start.logIn(credentials.username, 'not the password')).to.equal(401)
    expect(await start.page.context().cookies()).to.deep.equal([])
  })

  it('is kept for the whole host, for no script, for no other site, and until the browser ends (OWASP ASVS 3.3.2, 3.3.4)', async () => {
    const { cookie } = await loggedIn()
    const { name, domain, path, expires, httpOnly, secure, sameSite } = cookie
    expect({ name, domain, path, expires, httpOnly, secure, sameSite }).to.deep.equal({
      name: 'id',
      domain: '127.0.0.1',
      path: '/',
      expires: -1,
      httpOnly: true,
      secure: false,
      sameSite: 'Lax',
    })
  })

  it('is kept as long as the session of who asks to be remembered may last', async () => {
    const before = Date.now() / 1000
    const { cookie } = await loggedIn(true)
    expect(cookie.expires).to.be.within(before + 30 * DAY - 1, Date.now() / 1000 + 30 * DAY)
    expect(cookie).to.include({ httpOnly: true, sameSite: 'Lax', path: '/' })
  })

  for (const remember of [false, true]) {
    it(`is gone after a logout, ${remember ? 'remembered' : 'not remembered'} (OWASP ASVS 14.3.1)`, async () => {
      const { start, cookie } = await loggedIn(remember)
      await start.logOut()
      expect(await start.page.context().cookies()).to.deep.equal([])
      await start.page.context().addCookies([cookie])
      await start.visit()
      expect(await start.says()).to.equal('Nobody is logged in.')
    })
  }

  it('is another one after a password change, as it was kept before (OWASP ASVS 7.2.4)', async () => {
    for (const remember of [false, true]) {
      const { start, cookie } = await loggedIn(remember)
      const next = `${credentials.password} ${String(remember)}`
      expect(await start.changePassword(credentials.password, next)).to.equal(200)
      credentials.password = next
      const [renewed] = await start.page.context().cookies()
      expect(renewed?.value).to.be.a('string').and.not.equal(cookie.value)
      expect((renewed?.expires ?? 0) > 0).to.equal(remember)
      expect(await start.says()).to.equal(`You are logged in as ${credentials.username}.`)
    }
  })

  it('is shown to no script, and no script takes its place (OWASP ASVS 3.3.4)', async () => {
    const { start, cookie } = await loggedIn()
    expect(await start.page.evaluate('document.cookie')).to.equal('')
    await start.page.evaluate("document.cookie = 'id=forged; path=/'; document.cookie = 'id=; max-age=0; path=/'")
    expect((await start.page.context().cookies()).map(({ value }) => value)).to.deep.equal([cookie.value])
    await start.visit()
    expect(await start.says()).to.equal(`You are logged in as ${credentials.username}.`)
  })

  it('is sent with a link on another site, and with no form there, however young it is (OWASP ASVS 3.3.2)', async () => {
    const { start } = await loggedIn()
    const html = `<form method="post" action="${start.address}/api/me"><button>prize</button></form><a href="${start.address}/">cell</a>`
    for (const role of ['button', 'link'] as const) {
      await start.page.goto(hostile.show('localhost', html))
      await start.page.getByRole(role).click()
      await start.page.waitForURL(`${start.address}/**`)
    }
    expect(await start.says()).to.equal(`You are logged in as ${credentials.username}.`)
    const [post] = (await arrivals.posts(start.address, 2)).slice(-1)
    expect(post?.request.headers).to.include({ 'sec-fetch-site': 'cross-site' }).and.not.have.property('cookie')
  })

  it('is never in a URL (OWASP ASVS 14.2.1)', async () => {
    const { start, cookie } = await loggedIn()
    const [id = ''] = decodeURIComponent(cookie.value).slice(2).split('.')
    expect(start.page.url()).to.equal(`${start.address}/`)
    expect(await start.page.content()).to.not.include(id)
  })

  for (const [where, host] of [
    ['another port', '127.0.0.1'],
    ['another site', 'localhost'],
  ] as const) {
    for (const [name, attribute] of [
      ['iframe', 'src'],
      ['object', 'data'],
    ] as const) {
      it(`shows its page in no ${name} on ${where}`, async () => {
        const { start } = await loggedIn()
        await start.page.goto(
          hostile.show(host, `<${name} ${attribute}="${start.address}/" width="600" height="600"></${name}>`),
        )
        // A frame that is refused may be gone.
        const contents = await Promise.all(start.page.frames().map((frame) => frame.content().catch(() => '')))
        expect(contents.join('\n'))
          .to.include('Win a prize')
          .and.not.include('Organic cell')
          .and.not.include(credentials.username)
      })
    }

    it(`sends its page to no script on ${where}`, async () => {
      const { start } = await loggedIn()
      await start.page.goto(hostile.show(host, ''))
      for (const path of ['/', '/api/me', '/api/sessions']) {
        const url = JSON.stringify(start.address + path)
        expect(
          await start.page.evaluate(
            `fetch(${url}, { credentials: 'include' }).then((answer) => answer.text(), () => 'kept from it')`,
          ),
        ).to.equal('kept from it')
        expect(
          await start.page.evaluate(
            `fetch(${url}, { credentials: 'include', mode: 'no-cors' }).then((answer) => answer.text(), () => '')`,
          ),
        ).to.equal('')
      }
    })

    it(`leaves no hold on its window to a page on ${where}`, async () => {
      const { start } = await loggedIn()
      await start.page.goto(
        hostile.show(host, `<button onclick="opened = window.open('${start.address}/')">prize</button>`),
      )
      await start.page.getByRole('button').click()
      await start.page.waitForFunction('opened.closed')
    })
  }
})
