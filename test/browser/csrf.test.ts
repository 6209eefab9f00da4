import { expect } from 'chai'
import { startTestCell, type TestCell } from '../support/cell'
import { Arrivals } from '../support/arrivals'
import { FORMS, SCRIPTS, pagesOf, type Target } from '../support/attacks'
import { describeInBrowser } from '../support/browser'
import { newCredentials } from '../support/client'
import { HostileSite } from '../support/hostile-site'
import { StartPage } from '../support/start-page'
import { tableRows } from '../support/table-rows'

describeInBrowser('a hostile page (OWASP ASVS 3.5.1)', (browser) => {
  const arrivals = Arrivals.keep()
  const hostile = new HostileSite()
  const victim = newCredentials()
  const attacker = newCredentials()
  let cell: TestCell

  before(async () => {
    // What throttling counts, it writes when a request is over.
    cell = await startTestCell({ plasma: { throttle: false } })
    await hostile.start()
    for (const credentials of [victim, attacker]) await cell.client().post('/api/register', credentials)
  })
  after(async () => {
    await hostile.stop()
    await cell.stop()
  })

  const targets = (): Target[] => [
    { url: `${cell.address ?? ''}/api/logout`, fields: {} },
    { url: `${cell.address ?? ''}/api/login`, fields: attacker },
    { url: `${cell.address ?? ''}/api/register`, fields: newCredentials() },
    {
      url: `${cell.address ?? ''}/api/password`,
      fields: { currentPassword: victim.password, newPassword: 'staple horse battery' },
    },
  ]

  /** Looks at hostile pages, and changes nothing by it. @returns the cookies that were sent */
  async function lookAt(pages: string[], host: string, { page, address }: StartPage, count: number): Promise<string[]> {
    const before = await tableRows(cell)
    await hostile.lure(page, host, pages)
    const posts = await arrivals.posts(address, count)
    expect(posts.map(({ response }) => response.statusCode)).to.deep.equal(new Array(count).fill(403))
    expect(await tableRows(cell)).to.deep.equal(before)
    return posts.map(({ request }) => request.headers.cookie ?? '')
  }

  async function victimsPage(): Promise<StartPage> {
    const client = cell.client()
    await client.post('/api/login', victim)
    return new StartPage(await browser.open(), cell.address ?? '').enterAs(client)
  }

  // Another port is the same site: the cookie is sent, and SameSite is no help.
  for (const [where, host, ways] of [
    ['another port', '127.0.0.1', Object.keys({ ...FORMS, ...SCRIPTS })],
    ['another site', 'localhost', ['a form', 'a form in a frame', 'fetch', 'a beacon']],
  ] as const) {
    for (const how of ways) {
      it(`on ${where} changes nothing by ${how}`, async () => {
        const start = await victimsPage()
        const isSent = host === '127.0.0.1' && how !== 'a form in a sandbox'
        const cookies = await lookAt(pagesOf(how, targets()), host, start, targets().length)
        expect(cookies.map((cookie) => cookie.startsWith('id='))).to.deep.equal(targets().map(() => isSent))
        await start.visit()
        expect(await start.says()).to.equal(`You are logged in as ${victim.username}.`)
      })
    }

    it(`on ${where} logs nobody in who is not`, async () => {
      const start = new StartPage(await browser.open(), cell.address ?? '')
      const login = targets().filter(({ url }) => url.endsWith('/login'))
      await lookAt(
        ways.flatMap((how) => pagesOf(how, login)),
        host,
        start,
        ways.length,
      )
      expect(await start.page.context().cookies()).to.deep.equal([])
      await start.visit()
      expect(await start.says()).to.equal('Nobody is logged in.')
    })
  }

  it('is refused as often as the victim sends its form again', async () => {
    const start = await victimsPage()
    const [logout = ''] = pagesOf('a form', targets())
    const before = await tableRows(cell)
    await start.page.goto(hostile.show('127.0.0.1', logout)).catch(() => undefined)
    await start.page.getByText('This request comes from a page of another site.').waitFor()
    await start.page.reload()
    await start.page.goto('about:blank')
    // A browser asks whether to send a form again, and a reload says yes.
    await start.page.goBack().catch(() => undefined)
    await start.page.waitForURL('chrome-error://chromewebdata/')
    await start.page.reload()
    const posts = await arrivals.posts(start.address, 3)
    expect(posts.map(({ response }) => response.statusCode)).to.deep.equal([403, 403, 403])
    expect(await tableRows(cell)).to.deep.equal(before)
  })

  it('cannot ask for what needs asking: a browser sends neither JSON nor DELETE there', async () => {
    const start = await victimsPage()
    const before = await tableRows(cell)
    await start.page.goto(hostile.show('127.0.0.1', ''))
    const asked = await start.page.evaluate(`Promise.all([
      fetch('${start.address}/api/logout', { method: 'POST', credentials: 'include', headers: { 'content-type': 'application/json' }, body: '{}' }),
      fetch('${start.address}/api/sessions', { method: 'DELETE', credentials: 'include' }),
      fetch('${start.address}/api/me', { credentials: 'include' }),
    ].map((answer) => answer.then(() => 'read', () => 'kept from it')))`)
    expect(asked).to.deep.equal(['kept from it', 'kept from it', 'kept from it'])
    expect(await arrivals.posts(start.address, 0)).to.deep.equal([])
    expect(await tableRows(cell)).to.deep.equal(before)
  })

  it('leaves the own pages as they are: their forms work in the same browser', async () => {
    const own = newCredentials()
    const start = new StartPage(await browser.open(), cell.address ?? '')
    await lookAt(pagesOf('fetch', targets()), '127.0.0.1', start, targets().length)
    await start.visit()
    expect(await start.register(own.username, own.password)).to.equal(200)
    expect(await start.logIn(own.username, own.password)).to.equal(200)
    expect(await start.changePassword(own.password, 'staple horse battery')).to.equal(200)
    expect(await start.says()).to.equal(`You are logged in as ${own.username}.`)
    expect(await start.logOut()).to.equal(200)
    expect(await start.says()).to.equal('Nobody is logged in.')
  })
})
