import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { Client } from './client'
import type { TestCell } from './cell'

const ADA = { username: 'ada', password: 'correct horse battery', name: 'Ada Lovelace', email: 'ada@example.org' }
const PHONE_AGENT =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1'
const DESKTOP_AGENT =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'

/** The sizes in which people see pages. */
export const SIZES = { phone: { width: 360, height: 640 }, desktop: { width: 1024, height: 640 } } as const
/** The themes of the stylesheet. */
export const THEMES = ['light', 'dark'] as const

/** Shows every page in the state that a name says. The cell has one owner, with two sessions. */
export class ShownPages {
  readonly #address: string
  #cookies: { name: string; value: string; url: string }[] = []

  private constructor(cell: TestCell) {
    this.#address = cell.address ?? ''
  }

  /** Registers the owner and begins their sessions. */
  static async of(cell: TestCell): Promise<ShownPages> {
    const shown = new ShownPages(cell)
    await new Client(shown.#address).post('/api/register', ADA)
    const { username, password } = ADA
    for (const agent of [PHONE_AGENT, DESKTOP_AGENT]) {
      const client = new Client(shown.#address)
      await client.post('/api/login', { username, password }, { 'user-agent': agent })
      shown.#cookies = [...client.cookies].map(([name, value]) => ({ name, value, url: shown.#address }))
    }
    return shown
  }

  /** How to come to each page, by its name. */
  readonly #ways: Record<string, (page: Page) => Promise<unknown>> = {
    start: (page) => page.goto(`${this.#address}/`),
    login: (page) => page.goto(`${this.#address}/login`),
    'login-error': async (page) => {
      await page.goto(`${this.#address}/login`)
      await fill(page, { Username: 'ada', Password: 'a wrong one' }, 'Log in')
    },
    register: (page) => page.goto(`${this.#address}/register`),
    'register-error': async (page) => {
      await page.goto(`${this.#address}/register`)
      await fill(page, { Username: 'ada', Password: ADA.password }, 'Create account')
    },
    'not-found': (page) => page.goto(`${this.#address}/nothing`),
    home: async (page) => {
      await this.#enter(page)
      await page.goto(`${this.#address}/`)
    },
    account: async (page) => {
      await this.#enter(page)
      await page.goto(`${this.#address}/account?done=session-ended`)
    },
    'account-error': async (page) => {
      await this.#enter(page)
      await page.goto(`${this.#address}/account`)
      await fill(page, { 'Current password': 'a wrong one', 'New password': 'staple horse battery' }, 'Change password')
    },
  }

  get names(): string[] {
    return Object.keys(this.#ways)
  }

  /** Opens a page in a profile of its own. */
  async open(browser: Browser, name: string, options: BrowserContextOptions): Promise<Page> {
    const context = await browser.newContext({ userAgent: DESKTOP_AGENT, locale: 'en', ...options })
    const page = await context.newPage()
    await this.#ways[name]?.(page)
    return page
  }

  #enter(page: Page): Promise<void> {
    return page.context().addCookies(this.#cookies)
  }
}

async function fill(page: Page, fields: Record<string, string>, button: string): Promise<void> {
  for (const [label, value] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(value)
  await page.getByRole('button', { name: button, exact: true }).click()
  await page.getByRole('alert').waitFor()
}
