import { expect } from 'chai'
import { startTestCell, type TestCell } from '../support/cell'
import { Arrivals } from '../support/arrivals'
import { ATTACKS, ATTACKS_WITH_COOKIE, attackPages } from '../support/attacks'
import { describeInBrowser } from '../support/browser'
import { newCredentials } from '../support/client'
import { HostileSite } from '../support/hostile-site'
import { StartPage } from '../support/start-page'
import { tableRows } from '../support/table-rows'

describeInBrowser('a hostile page', (browser) => {
  const arrivals = Arrivals.keep()
  const hostile = new HostileSite()
  const victim = newCredentials()
  const attacker = newCredentials()
  let cell: TestCell

  before(async () => {
    // The throttle writes its counts after the answer.
    cell = await startTestCell({ plasma: { throttle: false } })
    await hostile.start()
    for (const credentials of [victim, attacker]) await cell.client().post('/api/register', credentials)
  })
  after(async () => {
    await hostile.stop()
    await cell.stop()
  })

  /** @param host of the cell. Browsers trust 127.0.0.1 like HTTPS; to others they send no Sec-Fetch-Site */
  async function victimsPage(host = '127.0.0.1'): Promise<StartPage> {
    const client = cell.client()
    await client.post('/api/login', victim)
    const address = `http://${host}:${new URL(cell.address ?? '').port}`
    return new StartPage(await browser.open(), address).enterAs(client)
  }

  const places: [where: string, cellHost: string, hostileHost: string, isSameSite: boolean][] = [
    ['on another port', '127.0.0.1', '127.0.0.1', true],
    ['on another site', '127.0.0.1', 'localhost', false],
    ['on another port, without HTTPS', 'cell.test', 'cell.test', true],
    ['on a subdomain, without HTTPS', 'cell.test', 'sub.cell.test', true],
    ['on another site, without HTTPS', 'cell.test', 'evil.test', false],
  ]
  for (const [where, cellHost, hostileHost, isSameSite] of places) {
    it(`${where} cannot log the victim in as somebody else (OWASP ASVS 3.5.1)`, async () => {
      const start = await victimsPage(cellHost)
      const before = await tableRows(cell)
      const pages = attackPages({ url: `${start.address}/api/login`, fields: attacker })
      await hostile.lure(start.page, hostileHost, pages)
      const posts = await arrivals.posts(start.address, ATTACKS)
      expect(posts.map(({ response }) => response.statusCode)).to.deep.equal(Array(ATTACKS).fill(403))
      const sites = new Set(posts.map(({ request }) => request.headers['sec-fetch-site'] !== undefined))
      expect([...sites]).to.deep.equal([cellHost === '127.0.0.1'])
      // To the same site the cookie is sent, and SameSite is no help.
      const withCookie = posts.filter(({ request }) => request.headers.cookie?.startsWith('id='))
      expect(withCookie).to.have.length(isSameSite ? ATTACKS_WITH_COOKIE : 0)
      expect(await tableRows(cell)).to.deep.equal(before)
      await start.visit()
      expect(await start.says()).to.equal(`You are logged in as ${victim.username}.`)
    })
  }

  it('is refused as often as the victim sends its form again', async () => {
    const start = await victimsPage()
    const [logout = ''] = attackPages({ url: `${start.address}/api/logout`, fields: {} })
    await start.page.goto(hostile.show('127.0.0.1', logout)).catch(() => undefined)
    await start.page.getByText('This request comes from a page of another site.').waitFor()
    await start.page.reload()
    const posts = await arrivals.posts(start.address, 2)
    expect(posts.map(({ response }) => response.statusCode)).to.deep.equal([403, 403])
  })

  for (const [where, host] of [
    ['another port', '127.0.0.1'],
    ['another site', 'localhost'],
  ] as const) {
    it(`on ${where} can neither read, frame nor hold on to a page of the cell`, async () => {
      const start = await victimsPage()
      const { page, address } = start
      const frames = `<iframe src="${address}/"></iframe><object data="${address}/" width="600" height="600"></object>`
      const button = `<button onclick="opened = window.open('${address}/')">prize</button>`
      await page.goto(hostile.show(host, frames + button))
      // A frame that is refused may be gone.
      const contents = await Promise.all(page.frames().map((frame) => frame.content().catch(() => '')))
      expect(contents.join()).to.include('Win a prize').and.not.include('Organic cell')

      const requests = [
        ['/', {}],
        ['/api/me', {}],
        ['/api/me', { mode: 'no-cors' }],
        ['/api/sessions', { method: 'DELETE' }],
        ['/api/logout', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }],
      ]
      const read = await page.evaluate(`Promise.all(${JSON.stringify(requests)}.map(([path, init]) =>
        fetch('${address}' + path, { credentials: 'include', ...init }).then((answer) => answer.text(), () => '')))`)
      expect(read).to.deep.equal(requests.map(() => ''))
      expect(await arrivals.posts(address, 0)).to.deep.equal([])

      await page.getByRole('button').click()
      await page.waitForFunction('opened.closed')
    })
  }

  it('can link to the cell with the cookie, and post to it without (OWASP ASVS 3.3.2)', async () => {
    const start = await victimsPage()
    const html = `<form method="post" action="${start.address}/api/me"><button>prize</button></form><a href="${start.address}/">cell</a>`
    for (const role of ['button', 'link'] as const) {
      await start.page.goto(hostile.show('localhost', html))
      await start.page.getByRole(role).click()
      await start.page.waitForURL(`${start.address}/**`)
    }
    expect(await start.says()).to.equal(`You are logged in as ${victim.username}.`)
    const [post] = await arrivals.posts(start.address, 1)
    expect(post?.request.headers).to.include({ 'sec-fetch-site': 'cross-site' }).and.not.have.property('cookie')
  })
})
