import { existsSync } from 'node:fs'
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core'
import { temporaryFolder } from './temporary-folder'
import { PATIENCE } from './until'

const CHROMIUM_PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
/** The headless shell takes a third of the CPU time, but has no back-forward cache. */
const HEADLESS_SHELL = '/usr/bin/chromium-headless-shell'
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Unlike 127.0.0.1, Chromium does not trust these hosts, and sends them no Sec-Fetch-Site.
  '--host-resolver-rules=MAP *.test 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
]

/** A real browser. Every page of a test has its own profile. */
export interface TestBrowser {
  /** Opens a page in a new profile, without cookies. */
  open(options?: BrowserContextOptions): Promise<Page>
}

/** Starts Chromium. @returns nothing if there is none */
export async function launchBrowser(needsPageCache = false): Promise<Browser | undefined> {
  const paths = [process.env['CHROMIUM_PATH'] ?? '', ...(needsPageCache ? [] : [HEADLESS_SHELL]), ...CHROMIUM_PATHS]
  const executablePath = paths.find((path) => existsSync(path))
  if (executablePath === undefined) return undefined
  const home = temporaryFolder()
  const env = { ...process.env, HOME: home, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home, TMPDIR: home } as Record<
    string,
    string
  >
  // As people have it: going back may show a page from memory.
  const ignoreDefaultArgs = ['--disable-back-forward-cache']
  return chromium.launch({ executablePath, headless: true, args: ARGUMENTS, env, ignoreDefaultArgs })
}

/**
 * Describes what happens in Chromium. Without Chromium, the tests are pending.
 *
 * @param options.needsPageCache whether the tests need the back-forward cache
 */
export function describeInBrowser(
  title: string,
  tests: (browser: TestBrowser) => void,
  { needsPageCache = false } = {},
): void {
  describe('in a browser (needs Chromium: CHROMIUM_PATH, or one in /usr/bin)', () => {
    const contexts: BrowserContext[] = []
    let browser: Browser | undefined

    before(async function () {
      browser = await launchBrowser(needsPageCache)
      if (!browser) this.skip()
    })
    afterEach(async () => {
      for (const context of contexts.splice(0)) await context.close()
    })
    after(() => browser?.close())

    // Nested, so that the hooks of pending tests do not run.
    describe(title, () => {
      tests({
        async open(options) {
          if (!browser) throw new Error('the browser has not started')
          const context = await browser.newContext(options)
          contexts.push(context)
          context.setDefaultTimeout(PATIENCE)
          return context.newPage()
        },
      })
    })
  })
}
