import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { startTestCell, type TestCell } from '../support/cell'
import { describeInBrowser } from '../support/browser'
import { newCredentials } from '../support/client'
import { StartPage } from '../support/start-page'
import { until } from '../support/until'

const NEW = 'staple horse battery'
const PHONE = { viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true }

/** Presses keys until the element with this role and name has the focus, as somebody without a pointer does. */
async function tabTo(page: Page, role: 'button' | 'link' | 'textbox', name: string): Promise<void> {
  // A password is no textbox.
  const target =
    role === 'textbox' ? page.getByLabel(name, { exact: true }) : page.getByRole(role, { name, exact: true })
  for (let presses = 0; presses < 20; presses += 1) {
    await page.keyboard.press('Tab')
    if (!(await target.evaluate((element) => element === element.ownerDocument.activeElement))) continue
    const ring = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')
    expect(ring, `the ring around ${name}`).to.equal('solid')
    return
  }
  expect.fail(`no key leads to ${name}`)
}

/** Types into fields by keyboard alone, and submits with Enter. */
async function typeIn(page: Page, fields: Record<string, string>): Promise<void> {
  for (const [label, value] of Object.entries(fields)) {
    await tabTo(page, 'textbox', label)
    await page.keyboard.type(value)
  }
  const loading = page.waitForEvent('load')
  await page.keyboard.press('Enter')
  await loading
}

async function follow(page: Page, role: 'button' | 'link', name: string): Promise<void> {
  await tabTo(page, role, name)
  const loading = page.waitForEvent('load')
  await page.keyboard.press('Enter')
  await loading
}

describeInBrowser('every flow', (browser) => {
  let cell: TestCell
  before(async () => {
    cell = await startTestCell()
  })
  after(() => cell.stop())

  for (const [how, options] of [
    ['with scripts on', {}],
    ['with scripts off, on a phone', { ...PHONE, javaScriptEnabled: false }],
  ] as const) {
    it(`works ${how}`, async () => {
      const { username, password } = newCredentials()
      const address = cell.address ?? ''
      const start = new StartPage(await browser.open(options), address)
      // Asked to log in, one registers instead, and comes back.
      await start.visit('/account')
      expect(start.page.url()).to.equal(`${address}/login?return-to=%2Faccount`)
      await start.page.getByRole('link', { name: 'Create an account' }).click()
      await start.page.waitForURL(/register/)
      const fields = { Username: username, Password: password }
      expect(await start.submit('Create account', { ...fields, Username: '-x' })).to.equal(400)
      expect(await start.faults()).to.deep.equal(['This must not begin with -.'])
      expect(await start.page.getByLabel('Username').inputValue()).to.equal('-x')
      expect(await start.submit('Create account', fields)).to.equal(200)
      expect(start.page.url()).to.equal(`${address}/account`)

      // At another place, with a wrong password first.
      const other = new StartPage(await browser.open(options), address)
      expect(await other.logIn(username, 'a wrong one')).to.equal(401)
      expect(await other.page.title()).to.equal('Error: Log in · Organic cell')
      expect(await other.page.getByLabel('Username').inputValue()).to.equal(username)
      expect(await other.page.getByLabel('Password').inputValue()).to.equal('')
      expect(await other.submit('Log in', fields)).to.equal(200)
      expect(await other.says()).to.equal(`You are logged in as ${username}.`)

      // A session ends while one of its forms is open.
      await other.visit('/account')
      await start.visit('/account')
      await start.page.getByRole('button', { name: /^End session: / }).click()
      await start.page.waitForURL(/done=session-ended/)
      expect(await start.confirms()).to.equal('The session has ended.')
      const change = { 'Current password': password, 'New password': NEW }
      expect(await other.submit('Change password', change)).to.equal(401)
      expect(await other.faults()).to.deep.equal([
        'You are not logged in, or your session has ended. Log in to continue.',
      ])
      expect(await other.submit('Log in', fields)).to.equal(200)
      expect(await other.page.title()).to.equal('Your account · Organic cell')

      expect(await start.submit('Change password', { ...change, 'Current password': 'a wrong one' })).to.equal(403)
      expect(await start.faults()).to.deep.equal(['This is not your current password.'])
      expect(await start.submit('Change password', change)).to.equal(200)
      expect(await start.confirms()).to.match(/^Your password has been changed/)
      expect(await start.submit('Log out')).to.equal(200)
      expect(await start.confirms()).to.equal('You are logged out.')
      await other.visit('/account')
      expect(other.page.url()).to.include('/login')
    })
  }

  it('works by keyboard alone, and shows where the focus is', async () => {
    const { username, password } = newCredentials()
    const page = await browser.open()
    await page.goto(`${cell.address ?? ''}/`)
    await follow(page, 'link', 'Create an account')
    await typeIn(page, { Username: username, Password: password })
    await follow(page, 'link', 'Your account')
    await typeIn(page, { 'Current password': 'a wrong one', 'New password': NEW })
    // The field at fault gets the focus.
    await until(async () => (await page.evaluate('document.activeElement.name')) === 'currentPassword')
    await page.keyboard.type(password)
    await page.keyboard.press('Tab')
    await page.keyboard.type(NEW)
    const loading = page.waitForEvent('load')
    await page.keyboard.press('Enter')
    await loading
    expect(await page.getByRole('status').textContent()).to.match(/^Your password has been changed/)
    await follow(page, 'button', 'Log out')
    await follow(page, 'link', 'Log in')
    await typeIn(page, { Username: username, Password: NEW })
    expect(await page.locator('.lead').textContent()).to.equal(`You are logged in as ${username}.`)
    // The first key offers to skip what all pages have.
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await until(async () => (await page.evaluate('document.activeElement.id')) === 'content')
  })

  it('is offered to password managers as they expect it', async () => {
    const page = await browser.open()
    const autocompletes = (): Promise<string[]> =>
      page.locator('input').evaluateAll((all) => all.map((each) => each.getAttribute('autocomplete') ?? ''))
    await page.goto(`${cell.address ?? ''}/login`)
    expect(await autocompletes()).to.deep.equal(['username', 'current-password'])
    await page.goto(`${cell.address ?? ''}/register`)
    expect(await autocompletes()).to.deep.equal(['username', 'new-password'])
  })
})
