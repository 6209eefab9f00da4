import { expect } from 'chai'
import { startTestCell, type TestCell } from '../support/cell'
import { Arrivals } from '../support/arrivals'
import { describeInBrowser } from '../support/browser'
import { newCredentials } from '../support/client'
import { HostileSite } from '../support/hostile-site'
import { StartPage } from '../support/start-page'
import { tableRows } from '../support/table-rows'

/** What a hostile page makes a browser post, and where. */
interface Target {
  url: string
  fields: Record<string, string>
}

/** HTML that makes a browser post as soon as it is shown. */
type Attack = (target: Target) => string

// Of the element before the script.
const SUBMIT = '<script>document.currentScript.previousElementSibling.submit()</script>'
const CLICK = '<script>document.currentScript.previousElementSibling.click()</script>'
const script = (code: string): string => `<script>${code}</script>`
const encoded = ({ fields }: Target): string => `new URLSearchParams(${JSON.stringify(fields)})`
const fetching = (target: Target): string =>
  `fetch('${target.url}', { method: 'POST', mode: 'no-cors', credentials: 'include', body: ${encoded(target)} })`
/** The hostile site redirects the browser with method and body. */
const redirected = ({ url, fields }: Target): Target => ({ url: `/?redirect=${encodeURIComponent(url)}`, fields })

function form({ url, fields }: Target, attributes = ''): string {
  const inputs = Object.entries(fields).map(([name, value]) => `<input type="hidden" name="${name}" value="${value}">`)
  return `<form method="post" action="${url}" ${attributes}>${inputs.join('')}</form>${SUBMIT}`
}

/** A form whose plain text is JSON: the part before the `=` of a field is its name, the rest its value. */
function plainTextForm({ url, fields }: Target): string {
  const [name = '', value = ''] = JSON.stringify({ ...fields, x: '=' }).split('=')
  return `<form method="post" enctype="text/plain" action="${url}"><input type="hidden" name='${name}' value='${value}'></form>${SUBMIT}`
}

/** These navigate, so each needs its own page. */
const FORMS: Attack[] = [
  (target) => form(target),
  plainTextForm,
  (target) => `<meta name="referrer" content="no-referrer">${form(target)}`,
  (target) => form(redirected(target)),
]

const SCRIPTS: Attack[] = [
  (target) => `<iframe name="${target.url}"></iframe>${form(target, `target="${target.url}"`)}`,
  // Browsers send no cookie from a sandbox.
  (target) => `<iframe sandbox="allow-forms allow-scripts" srcdoc='${form(target)}'></iframe>`,
  (target) => script(fetching(target)),
  (target) => script(fetching(redirected(target))),
  (target) => script(`new Worker(URL.createObjectURL(new Blob([${JSON.stringify(fetching(target))}])))`),
  (target) => script(`navigator.sendBeacon('${target.url}', ${encoded(target)})`),
  ({ url }) => `<a href="#" ping="${url}">prize</a>${CLICK}`,
]

/** How many posts {@link attackPages} make. */
const ATTACKS = FORMS.length + SCRIPTS.length
/** How many of them have the cookie, if the browser sends it to this site. */
const ATTACKS_WITH_COOKIE = ATTACKS - 1

/** Pages that post to a target in every way that browsers have. */
function attackPages(target: Target): string[] {
  return [...FORMS.map((attack) => attack(target)), SCRIPTS.map((attack) => attack(target)).join('\n')]
}

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

  const places: [where: string, cellHost: string, hostileHost: string, isSameSite: boolean, path: string][] = [
    ['on another port', '127.0.0.1', '127.0.0.1', true, '/api/login'],
    ['on another site', '127.0.0.1', 'localhost', false, '/login'],
    ['on a subdomain, without HTTPS', 'cell.test', 'sub.cell.test', true, '/login'],
    ['on another site, without HTTPS', 'cell.test', 'evil.test', false, '/api/login'],
  ]
  for (const [where, cellHost, hostileHost, isSameSite, path] of places) {
    it(`${where} cannot log the victim in as somebody else (OWASP ASVS 3.5.1)`, async () => {
      const start = await victimsPage(cellHost)
      const before = await tableRows(cell)
      const pages = attackPages({ url: `${start.address}${path}`, fields: attacker })
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
})
