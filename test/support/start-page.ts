import type { Page } from 'playwright-core'
import type { Client } from './client'

/** The cell's pages in a browser, used by their forms. */
export class StartPage {
  /** @param address of the cell */
  constructor(
    readonly page: Page,
    readonly address: string,
  ) {}

  /** Gives the browser a client's cookies, as if it had logged in itself. */
  async enterAs({ cookies }: Client): Promise<this> {
    const all = [...cookies].map(([name, value]) => ({
      name,
      value,
      url: this.address,
      httpOnly: true,
      sameSite: 'Lax' as const,
    }))
    await this.page.context().addCookies(all)
    return this
  }

  async visit(path = '/'): Promise<void> {
    await this.page.goto(this.address + path)
  }

  /** Fills in the form with this title by its labels and submits it. @returns the status of the resulting page */
  async submit(title: string, fields: Record<string, string | boolean> = {}): Promise<number> {
    const form = this.page.locator('form', { has: this.page.getByRole('button', { name: title, exact: true }) })
    for (const [label, value] of Object.entries(fields)) {
      if (typeof value === 'string') await form.getByLabel(label, { exact: true }).fill(value)
      else await form.getByLabel(label).setChecked(value)
    }
    const answering = this.page.waitForResponse(
      (response) => response.request().isNavigationRequest() && response.status() !== 303,
    )
    await form.getByRole('button').click()
    const answer = await answering
    await answer.finished()
    await this.page.waitForLoadState()
    return answer.status()
  }

  async register(username: string, password: string): Promise<number> {
    await this.visit('/register')
    return this.submit('Create account', { Username: username, Password: password })
  }

  async logIn(username: string, password: string): Promise<number> {
    await this.visit('/login')
    return this.submit('Log in', { Username: username, Password: password })
  }

  logOut(): Promise<number> {
    return this.submit('Log out')
  }

  async changePassword(current: string, next: string): Promise<number> {
    await this.visit('/account')
    return this.submit('Change password', { 'Current password': current, 'New password': next })
  }

  /** What the start page says about who is logged in. */
  async says(): Promise<string> {
    return (await this.page.locator('.lead').textContent()) ?? ''
  }

  /** What the page confirms. */
  async confirms(): Promise<string> {
    return (await this.page.getByRole('status').textContent()) ?? ''
  }

  /** All errors, beside fields and above forms. */
  async faults(): Promise<string[]> {
    return this.page.locator('.fault, .faults').allTextContents()
  }
}
