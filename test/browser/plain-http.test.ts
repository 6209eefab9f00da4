import { expect } from 'chai'
import { startTestCell, type TestCell } from '../support/cell'
import { Arrivals } from '../support/arrivals'
import { FORMS, SCRIPTS, pagesOf } from '../support/attacks'
import { describeInBrowser } from '../support/browser'
import { newCredentials } from '../support/client'
import { HostileSite } from '../support/hostile-site'
import { StartPage } from '../support/start-page'
import { tableRows } from '../support/table-rows'

/** To other machines, browsers send no Sec-Fetch-Site without HTTPS, and old ones never do. */
describeInBrowser(
  'a cell on another machine without HTTPS, where there is no Sec-Fetch-Site (OWASP ASVS 3.5.1)',
  (browser) => {
    const arrivals = Arrivals.keep()
    const hostile = new HostileSite()
    let cell: TestCell
    let address: string

    before(async () => {
      // What throttling counts, it writes when a request is over.
      cell = await startTestCell({ plasma: { throttle: false } })
      address = `http://cell.test:${new URL(cell.address ?? '').port}`
      await hostile.start()
    })
    after(async () => {
      await hostile.stop()
      await cell.stop()
    })

    async function loggedIn(username: string): Promise<StartPage> {
      const client = cell.client()
      await client.registerAndLogIn({ ...newCredentials(), username })
      return new StartPage(await browser.open(), address).enterAs(client)
    }

    it('takes the forms of its own pages', async () => {
      const { username, password } = newCredentials()
      const start = new StartPage(await browser.open(), address)
      await start.visit()
      expect(await start.register(username, password)).to.equal(200)
      expect(await start.logIn(username, password)).to.equal(200)
      expect(await start.says()).to.equal(`You are logged in as ${username}.`)
      expect(await start.changePassword(password, 'staple horse battery')).to.equal(200)
      expect(await start.logOut()).to.equal(200)
      expect(await start.says()).to.equal('Nobody is logged in.')

      const posts = await arrivals.posts(address, 4)
      expect(posts.map(({ request: { headers } }) => [headers.origin, headers['sec-fetch-site']])).to.deep.equal(
        posts.map(() => [address, undefined]),
      )
    })

    for (const [where, host] of [
      ['another port', 'cell.test'],
      ['a sub domain', 'sub.cell.test'],
      ['another site', 'evil.test'],
    ] as const) {
      it(`is not logged out by a page on ${where}`, async () => {
        const { username } = newCredentials()
        const start = await loggedIn(username)
        const before = await tableRows(cell)
        const pages = Object.keys({ ...FORMS, ...SCRIPTS }).flatMap((how) =>
          pagesOf(how, [{ url: `${address}/api/logout`, fields: {} }]),
        )
        await hostile.lure(start.page, host, pages)
        const posts = await arrivals.posts(address, pages.length)
        expect(
          posts.map(({ request, response }) => [request.headers['sec-fetch-site'], response.statusCode]),
        ).to.deep.equal(pages.map(() => [undefined, 403]))
        // The sub domain is the same site, as another port is.
        expect(posts.filter(({ request }) => request.headers.cookie?.startsWith('id='))).to.have.length(
          host === 'evil.test' ? 0 : pages.length - 1,
        )
        expect(await tableRows(cell)).to.deep.equal(before)
        await start.visit()
        expect(await start.says()).to.equal(`You are logged in as ${username}.`)
      })
    }
  },
)
