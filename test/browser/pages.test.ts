import { expect } from 'chai'
import { startTestCell, type TestCell } from '../support/cell'
import { describeInBrowser } from '../support/browser'
import { newCredentials } from '../support/client'
import { keepTroubles } from '../support/page-troubles'
import { StartPage } from '../support/start-page'

const NEW = 'staple horse battery'

describeInBrowser('the pages', (browser) => {
  let cell: TestCell

  before(async () => {
    cell = await startTestCell()
  })
  after(() => cell.stop())

  async function visit(): Promise<StartPage> {
    const start = new StartPage(await browser.open(), cell.address ?? '')
    await start.visit()
    return start
  }

  async function loggedIn({ username, password } = newCredentials()): Promise<StartPage> {
    const start = await visit()
    expect(await start.register(username, password)).to.equal(200)
    expect(await start.logIn(username, password)).to.equal(200)
    expect(await start.says()).to.equal(`You are logged in as ${username}.`)
    return start
  }

  for (const javaScriptEnabled of [true, false]) {
    it(`let a person register, log in, change the password and log out, ${javaScriptEnabled ? 'with' : 'without'} scripts`, async () => {
      const { username, password } = newCredentials()
      const start = new StartPage(await browser.open({ javaScriptEnabled }), cell.address ?? '')
      const troubles = await keepTroubles(start.page)
      await start.visit()
      expect(await start.says()).to.equal('Nobody is logged in.')
      expect(await start.register(username, password)).to.equal(200)
      expect(await start.says(), 'a registration is no login').to.equal('Nobody is logged in.')
      expect(await start.logIn(username, password)).to.equal(200)
      expect(await start.says()).to.equal(`You are logged in as ${username}.`)
      expect(await start.changePassword(password, NEW)).to.equal(200)
      expect(await start.says()).to.equal(`You are logged in as ${username}.`)
      expect(await start.logOut()).to.equal(200)
      expect(await start.says(), 'OWASP ASVS 7.4.4').to.equal('Nobody is logged in.')
      expect(await start.logIn(username, NEW)).to.equal(200)
      expect(await start.says()).to.equal(`You are logged in as ${username}.`)
      expect(start.page.url()).to.equal(`${start.address}/`)
      expect(troubles).to.deep.equal([])
    })
  }

  it('show nothing of a login once it is over, also to who goes back (OWASP ASVS 14.3.1)', async () => {
    const { username, password } = newCredentials()
    const start = await loggedIn({ username, password })
    await start.page.goto('about:blank')
    await start.visit()
    await start.logOut()
    expect(await start.says(), 'OWASP ASVS 7.4.4').to.equal('Nobody is logged in.')
    expect(await start.page.context().cookies()).to.deep.equal([])
    for (let steps = 0; steps < 5; steps += 1) {
      // A page that the browser has kept is shown without being loaded.
      await start.page.goBack({ waitUntil: 'commit' })
      expect(await start.page.content()).to.not.include(username)
    }
    await start.visit()
    await start.page.reload()
    expect(await start.says()).to.equal('Nobody is logged in.')
  })

  it('show the logout in one window to another at its next step', async () => {
    const start = await loggedIn()
    const other = new StartPage(await start.page.context().newPage(), start.address)
    await other.visit()
    await start.logOut()
    expect(await other.changePassword('correct horse battery', NEW)).to.equal(401)
    await other.visit()
    expect(await other.says()).to.equal('Nobody is logged in.')
  })

  const refusals: [what: string, status: number, says: RegExp, go: (start: StartPage) => Promise<number>][] = [
    ['a wrong password', 401, /^These credentials are wrong\.$/, (start) => start.logIn('ada', 'not the password')],
    ['an unknown name', 401, /^These credentials are wrong\.$/, (start) => start.logIn(newCredentials().username, NEW)],
    [
      'a password that is too short',
      400,
      /at least 8 characters/,
      (start) => start.register(newCredentials().username, 'short'),
    ],
    ['a name that is taken', 409, /taken/, (start) => start.register('ada', 'correct horse battery')],
  ]
  for (const [what, status, says, go] of refusals) {
    it(`lead back from the error of ${what}, and log nobody in`, async () => {
      await cell.client().post('/api/register', { username: 'ada', password: 'correct horse battery' })
      const start = await visit()
      expect(await go(start)).to.equal(status)
      expect(await start.says()).to.match(says)
      await start.page.getByRole('link', { name: 'Back to the start' }).click()
      await start.page.waitForURL(`${start.address}/`)
      expect(await start.says()).to.equal('Nobody is logged in.')
      expect(await start.page.context().cookies()).to.deep.equal([])
    })
  }

  it('keep somebody logged in whose current password is wrong, as it was (OWASP ASVS 6.2.3)', async () => {
    const { username, password } = newCredentials()
    const start = await loggedIn({ username, password })
    expect(await start.changePassword('not the password', NEW)).to.equal(403)
    expect(await start.says()).to.match(/password/)
    await start.visit()
    expect(await start.says()).to.equal(`You are logged in as ${username}.`)
    await start.logOut()
    expect(await start.logIn(username, NEW)).to.equal(401)
  })
})
