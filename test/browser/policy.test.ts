import { expect } from 'chai'
import { relative } from 'node:path'
import { startTestCell, type TestCell } from '../support/cell'
import { Arrivals } from '../support/arrivals'
import { describeInBrowser } from '../support/browser'
import { newCredentials } from '../support/client'
import { HostileSite } from '../support/hostile-site'
import { keepTroubles } from '../support/page-troubles'
import { StartPage } from '../support/start-page'
import { temporaryFolder, writeFiles } from '../support/temporary-folder'
import { until } from '../support/until'

/** A page whose author shows what he got as it came. */
const CARELESS = `module.exports = function () {
  return { 'GET': function (req, res) { res.type('html').send('<!doctype html><title>Careless</title><body>' + req.query.html) } }
}`

describeInBrowser('the policy of the pages', (browser) => {
  const arrivals = Arrivals.keep()
  const hostile = new HostileSite()
  let cell: TestCell

  before(async () => {
    await hostile.start()
    const folder = temporaryFolder()
    writeFiles(folder, { 'careless.js': CARELESS })
    const own = {
      source: 'plasma/express-routes',
      reactOn: ['ExpressServer', 'ExpressSessions'],
      emitReady: 'OwnRoutes',
      path: relative(process.cwd(), folder),
    }
    cell = await startTestCell({ plasma: { own } })
  })
  after(async () => {
    await cell.stop()
    await hostile.stop()
  })

  const pages: [what: string, status: number, open: (start: StartPage) => Promise<number>][] = [
    ['the start page', 200, () => Promise.resolve(200)],
    ['the start page of somebody', 200, () => Promise.resolve(200)],
    ['a refused login', 401, (start) => start.logIn(newCredentials().username, 'correct horse battery')],
    ['a refused registration', 400, (start) => start.register('ada', 'short')],
    [
      'a page that is not there',
      404,
      async ({ page, address }) => (await page.goto(`${address}/nothing`))?.status() ?? 0,
    ],
  ]
  for (const [what, status, open] of pages) {
    it(`forbids nothing that ${what} needs, and its style applies`, async () => {
      const start = what.endsWith('somebody') ? await pageOf() : new StartPage(await browser.open(), cell.address ?? '')
      const troubles = await keepTroubles(start.page)
      await start.visit()
      expect(await open(start)).to.equal(status)
      expect(
        await start.page.evaluate(
          "getComputedStyle(document.body).maxWidth + ' ' + getComputedStyle(document.body).backgroundColor",
        ),
      ).to.equal('448px rgb(255, 255, 255)')
      expect(await start.page.evaluate('document.styleSheets[0].cssRules.length > 3 && document.compatMode')).to.equal(
        'CSS1Compat',
      )
      // Chromium tells of every page that is an error.
      expect(
        troubles.filter((trouble) => !trouble.includes(`responded with a status of ${String(status)}`)),
      ).to.deep.equal([])
    })
  }

  async function pageOf(username = newCredentials().username): Promise<StartPage> {
    const client = cell.client()
    await client.registerAndLogIn({ ...newCredentials(), username })
    return new StartPage(await browser.open(), cell.address ?? '').enterAs(client)
  }

  for (const name of [
    '<script>ran = 1</script>',
    '<img src=x onerror=ran=1>',
    '"><svg onload=ran=1>',
    "'><body onload=ran=1>",
    '</strong></p><style>*{display:none}</style>',
    '<a href=javascript:ran=1>x</a>',
    '<iframe srcdoc="<script>parent.ran=1</script>">',
    '&lt;script&gt;ran=1&lt;/script&gt;',
    '<base href=//evil.test>',
  ]) {
    it(`is not needed for the name ${name}, which is shown as it is and runs nothing`, async () => {
      const start = await pageOf(name)
      const troubles = await keepTroubles(start.page)
      await start.visit()
      expect(await start.says()).to.equal(`You are logged in as ${name}.`)
      expect(await start.page.evaluate('typeof ran')).to.equal('undefined')
      expect(await start.page.locator('body :is(script, img, svg, style, iframe, a, base)').count()).to.equal(0)
      expect(troubles).to.deep.equal([])
    })
  }

  const injections: [what: string, html: (url: string) => string, directive: string][] = [
    ['a script', () => '<script>ran = 1</script>', 'script-src-elem'],
    ['an event handler', () => '<img src="data:," onerror="ran = 1">', 'script-src-attr'],
    ['a script from elsewhere', (url) => `<script src="${url}"></script>`, 'script-src-elem'],
    ['a script of the own origin', () => '<script src="/api/me"></script>', 'script-src-elem'],
    ['a picture, which tells another site', (url) => `<img src="${url}">`, 'img-src'],
    ['a frame', (url) => `<iframe src="${url}"></iframe>`, 'frame-src'],
    ['a frame of the own origin', () => '<iframe src="/"></iframe>', 'frame-src'],
    ['a style', () => '<style>body { display: none }</style>', 'style-src-elem'],
    ['a style attribute', () => '<p style="display: none">', 'style-src-attr'],
    ['a style sheet from elsewhere', (url) => `<link rel="stylesheet" href="${url}">`, 'style-src-elem'],
    ['another base for links', (url) => `<base href="${url}">`, 'base-uri'],
    ['an object', (url) => `<object data="${url}"></object>`, 'object-src'],
    [
      'a form that sends a password elsewhere',
      (url) => `<form action="${url}"><input name="password"><button>Go</button></form>`,
      'form-action',
    ],
  ]
  for (const [what, html, directive] of injections) {
    it(`stops ${what} in a page whose author is careless`, async () => {
      const start = new StartPage(await browser.open(), cell.address ?? '')
      const troubles = await keepTroubles(start.page)
      const url = hostile.show('127.0.0.1', '')
      await start.page.goto(`${start.address}/careless?html=${encodeURIComponent(html(url))}`)
      if (directive === 'form-action') await start.page.evaluate('document.forms[0].submit()')
      await until(
        () => troubles.some((trouble) => trouble.startsWith(`violation of ${directive} `)),
        () => troubles.join('\n'),
      )
      expect(await start.page.evaluate('typeof ran')).to.equal('undefined')
      expect(arrivals.at(url)).to.deep.equal([])
      expect(start.page.url()).to.match(/\/careless\?/)
    })
  }
})
