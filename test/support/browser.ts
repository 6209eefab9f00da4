import { existsSync } from 'node:fs'
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core'
import { temporaryFolder } from './temporary-folder'
import { PATIENCE } from './until'

const PLACES = [
  process.env['CHROMIUM_PATH'] ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
]
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Hosts that Chromium does not take for trustworthy, as it does this machine: it sends them no Sec-Fetch-Site.
  '--host-resolver-rules=MAP *.test 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
]

/** A real browser, each test of a block with a profile of its own. */
export interface TestBrowser {
  /** A page in a new profile: nobody has been here before. */
  open(options?: BrowserContextOptions): Promise<Page>
}

/** Describes what happens in Chromium. The tests are pending where there is none. */
export function describeInBrowser(title: string, tests: (browser: TestBrowser) => void): void {
  describe('in a browser (needs Chromium: CHROMIUM_PATH, or one in /usr/bin)', () => {
    const contexts: BrowserContext[] = []
    let browser: Browser | undefined

    before(async function () {
      const executablePath = PLACES.find((path) => existsSync(path))
      if (executablePath === undefined) this.skip()
      const home = temporaryFolder()
      const env = { ...process.env, HOME: home, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home, TMPDIR: home } as Record<
        string,
        string
      >
      // As people have it: a page that they go back to may come from memory.
      browser = await chromium.launch({
        executablePath,
        headless: true,
        args: ARGUMENTS,
        env,
        ignoreDefaultArgs: ['--disable-back-forward-cache'],
      })
    })
    afterEach(async () => {
      for (const context of contexts.splice(0)) await context.close()
    })
    after(() => browser?.close())

    // Inside: what is before these tests is not done where they are pending.
    describe(title, () => {
      tests({
        async open(options) {
          if (!browser) throw new Error('the browser is not there')
          const context = await browser.newContext(options)
          contexts.push(context)
          context.setDefaultTimeout(PATIENCE)
          return context.newPage()
        },
      })
    })
  })
}
