import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { cellFolder, startTestCell, type TestCell } from '../support/cell'
import { Arrivals } from '../support/arrivals'
import { describeInBrowser } from '../support/browser'
import { newCredentials } from '../support/client'
import { HostileSite } from '../support/hostile-site'
import { StartPage } from '../support/start-page'
import { until } from '../support/until'

const DAY = 24 * 60 * 60
const NEW = 'staple horse battery'
/** A route whose author shows user input unescaped. */
const CARELESS = `module.exports = function () {
  return { 'GET': function (req, res) { res.type('html').send('<!doctype html><title>Careless</title><body>' + req.query.html) } }
}`

const REPORT_VIOLATIONS = `addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
  console.error('violation of ' + violatedDirective + ' by ' + blockedURI)
})`

/** Collects a page's console errors and warnings, uncaught errors, failed requests and policy violations from now on. */
async function keepTroubles(page: Page): Promise<string[]> {
  const troubles: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) troubles.push(message.text())
  })
  page.on('pageerror', (error) => troubles.push(error.message))
  page.on('requestfailed', (request) => troubles.push(`${request.url()}: ${request.failure()?.errorText ?? ''}`))
  await page.addInitScript(REPORT_VIOLATIONS)
  return troubles
}

describeInBrowser('the pages', (browser) => {
  const arrivals = Arrivals.keep()
  const hostile = new HostileSite()
  const owner = newCredentials()
  let cell: TestCell

  before(async () => {
    const remember = { idleSeconds: 7 * DAY, absoluteSeconds: 30 * DAY }
    const reactOn = ['ExpressServer', 'ExpressSessions']
    const own = { source: 'plasma/express-routes', reactOn, emitReady: 'OwnRoutes', path: 'routes/own' }
    const plasma = { own, 'express-sessions': { remember } }
    cell = await startTestCell({ plasma }, cellFolder({ 'routes/own/careless.js': CARELESS }))
    await cell.client().post('/api/register', owner)
    await hostile.start()
  })
  after(async () => {
    await hostile.stop()
    await cell.stop()
  })

  it('let a person register, change the password and log out without scripts, where a browser sends no Sec-Fetch-Site', async () => {
    const username = `"><img src=x onerror=ran=1> at cell.test`
    const { password } = newCredentials()
    const address = `http://cell.test:${new URL(cell.address ?? '').port}`
    const start = new StartPage(await browser.open({ javaScriptEnabled: false }), address)
    const troubles = await keepTroubles(start.page)
    await start.visit()
    expect(await start.says()).to.equal('You are not logged in.')
    expect(await start.register(username, password)).to.equal(200)
    expect(await start.says()).to.equal(`You are logged in as ${username}.`)
    expect(await start.changePassword(password, NEW)).to.equal(200)
    expect(await start.confirms()).to.equal('Your password has been changed. All your other sessions have ended.')
    expect(await start.submit('Log out')).to.equal(200)
    expect(await start.confirms()).to.equal('You are logged out.')
    expect(await start.says(), 'OWASP ASVS 7.4.4').to.equal('You are not logged in.')
    const posts = await arrivals.posts(address, 3)
    expect(posts.map(({ request }) => request.headers['sec-fetch-site'])).to.deep.equal(posts.map(() => undefined))
    // Chromium reports violations of the policy, and headers that it ignores without HTTPS.
    expect(troubles.filter((trouble) => !/-(Policy|Cluster|Data) header/.test(trouble))).to.deep.equal([])
    expect(await start.page.context().cookies()).to.deep.equal([])
  })

  for (const remember of [false, true]) {
    it(`keep a session cookie that is ${remember ? 'remembered' : 'not remembered'} from scripts, and delete it at the logout (OWASP ASVS 3.3.2, 3.3.4, 14.3.1)`, async () => {
      const start = new StartPage(await browser.open(), cell.address ?? '')
      await start.visit('/login')
      const fields = { Username: owner.username, Password: owner.password, 'Remember me on this device': remember }
      expect(await start.submit('Log in', fields)).to.equal(200)
      const [cookie, ...others] = await start.page.context().cookies()
      if (!cookie) throw new Error('there is no cookie')
      const { value, expires, ...rest } = cookie
      const attributes = { httpOnly: true, secure: false, sameSite: 'Lax' }
      expect([rest, others]).to.deep.equal([{ name: 'id', domain: '127.0.0.1', path: '/', ...attributes }, []])
      if (remember) expect(expires).to.be.closeTo(Date.now() / 1000 + 30 * DAY, 60)
      else expect(expires).to.equal(-1)

      expect(await start.page.evaluate('document.cookie')).to.equal('')
      await start.page.evaluate("document.cookie = 'id=forged; path=/'; document.cookie = 'id=; max-age=0; path=/'")
      expect((await start.page.context().cookies()).map((kept) => kept.value)).to.deep.equal([value])
      await start.logOut()
      expect(await start.page.context().cookies()).to.deep.equal([])
      await start.page.context().addCookies([cookie])
      await start.visit()
      expect(await start.says()).to.equal('You are not logged in.')
    })
  }

  it('stop everything that a careless author lets in', async () => {
    const page = await browser.open()
    const troubles = await keepTroubles(page)
    const url = hostile.show('127.0.0.1', '')
    const injections: [directive: string, html: string][] = [
      ['script-src-elem', '<script>ran = 1</script>'],
      ['script-src-attr', '<img src="data:," onerror="ran = 1">'],
      ['script-src-elem', `<script src="${url}"></script><script src="/api/me"></script>`],
      ['img-src', `<img src="${url}">`],
      ['frame-src', `<iframe src="${url}"></iframe>`],
      ['frame-src', '<iframe src="/"></iframe>'],
      ['style-src-elem', '<style>body { display: none }</style>'],
      ['style-src-attr', '<p style="display: none">'],
      ['style-src-elem', `<link rel="stylesheet" href="${url}">`],
      ['base-uri', `<base href="${url}">`],
      ['object-src', `<object data="${url}"></object>`],
      ['form-action', `<form action="${url}"><input name="password"></form>`],
    ]
    const html = injections.map(([, injection]) => injection).join('')
    await page.goto(`${cell.address ?? ''}/careless?html=${encodeURIComponent(html)}`)
    await page.evaluate('document.forms[0].submit()')
    for (const directive of new Set(injections.map(([directive]) => directive))) {
      const count = injections.filter(([own]) => own === directive).length
      await until(
        () => troubles.filter((trouble) => trouble.startsWith(`violation of ${directive} `)).length >= count,
        () => `${directive}: ${troubles.join('\n')}`,
      )
    }
    expect(await page.evaluate('typeof ran')).to.equal('undefined')
    expect(arrivals.at(url)).to.deep.equal([])
    expect(page.url()).to.match(/\/careless\?/)
  })
})
