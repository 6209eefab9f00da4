import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { Client } from './client'
import type { TestCell } from './cell'
import { ROOT } from './project'

const ADA = { username: 'ada', password: 'correct horse battery', name: 'Ada Lovelace', email: 'ada@example.org' }
const PHONE_AGENT =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1'
const DESKTOP_AGENT =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'

/** The sizes in which people see pages. */
export const SIZES = { phone: { width: 360, height: 640 }, desktop: { width: 1024, height: 640 } } as const
/** The themes of the stylesheet. */
export const THEMES = ['light', 'dark'] as const

/** A page before it has come to what it shows, and what a user needs. */
interface Way {
  page: Page
  address: string
  /** Gives the page the cookie of a user. */
  enter(): Promise<void>
}

/** How to come to what is shown, by its name. */
const WAYS: Record<string, (way: Way) => Promise<unknown>> = {
  start: ({ page, address }) => page.goto(`${address}/`),
  login: ({ page, address }) => page.goto(`${address}/login`),
  'login-error': async ({ page, address }) => {
    await page.goto(`${address}/login`)
    await fillIn(page, { username: 'ada', password: 'a wrong one' })
  },
  register: ({ page, address }) => page.goto(`${address}/register`),
  'register-error': async ({ page, address }) => {
    await page.goto(`${address}/register`)
    await fillIn(page, { username: 'ada', password: ADA.password })
  },
  'not-found': ({ page, address }) => page.goto(`${address}/nothing`),
  home: async ({ page, address, enter }) => {
    await enter()
    await page.goto(`${address}/`)
  },
  account: async ({ page, address, enter }) => {
    await enter()
    await page.goto(`${address}/account`)
    // Typing the address confirms nothing.
    await page.evaluate("location.search = 'done=session-ended'")
    await page.getByRole('status').waitFor()
  },
  'account-error': async ({ page, address, enter }) => {
    await enter()
    await page.goto(`${address}/account`)
    await fillIn(page, { currentPassword: 'a wrong one', newPassword: 'staple horse battery' })
  },
}

/** What is shown: every page, and every form with an error. */
export const SHOWN = Object.keys(WAYS)

/** Shows every page of a cell with one owner, who has two sessions. */
export class ShownPages {
  private constructor(
    readonly address: string,
    readonly cookies: { name: string; value: string; url: string }[],
  ) {}

  /** Registers the owner and begins their sessions. */
  static async of(cell: TestCell): Promise<ShownPages> {
    const address = cell.address ?? ''
    await new Client(address).post('/api/register', ADA)
    const { username, password } = ADA
    const logIn = async (agent: string): Promise<Client> => {
      const client = new Client(address)
      await client.post('/api/login', { username, password }, { 'user-agent': agent })
      return client
    }
    await logIn(PHONE_AGENT)
    const { cookies } = await logIn(DESKTOP_AGENT)
    return new ShownPages(
      address,
      [...cookies].map(([name, value]) => ({ name, value, url: address })),
    )
  }

  /** Opens a page in a profile of its own. */
  async open(browser: Browser, name: string, options: BrowserContextOptions): Promise<Page> {
    const context = await browser.newContext({ userAgent: DESKTOP_AGENT, locale: 'en', ...options })
    const page = await context.newPage()
    await WAYS[name]?.({ page, address: this.address, enter: () => context.addCookies(this.cookies) })
    return page
  }
}

/** A hash of all that decides what the pages look like. The pixels depend on a machine's fonts as well. */
export function hashLooks(): string {
  const looks = createHash('sha256')
  const folder = join(ROOT, 'context/pages')
  const files = ['templates', 'texts'].flatMap((inner) =>
    readdirSync(join(folder, inner)).map((name) => join(inner, name)),
  )
  for (const file of [...files.sort(), 'style.css', 'mark.svg'])
    looks.update(readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n'))
  return looks.digest('hex')
}

/** Fills in fields by their ids, whatever the language. The form has an error. */
async function fillIn(page: Page, fields: Record<string, string>): Promise<void> {
  for (const [id, value] of Object.entries(fields)) await page.locator(`#${id}`).fill(value)
  await page.locator('button.primary').click()
  await page.locator('.fault, .faults').waitFor()
}
