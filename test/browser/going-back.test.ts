import { expect } from 'chai'
import { startTestCell, type TestCell } from '../support/cell'
import { describeInBrowser } from '../support/browser'
import { newCredentials } from '../support/client'
import { StartPage } from '../support/start-page'

describeInBrowser(
  'going back',
  (browser) => {
    const owner = newCredentials()
    let cell: TestCell

    before(async () => {
      cell = await startTestCell()
      await cell.client().post('/api/register', owner)
    })
    after(() => cell.stop())

    it('shows no page of before a logout (OWASP ASVS 14.3.1)', async () => {
      const client = cell.client()
      await client.post('/api/login', owner)
      const start = await new StartPage(await browser.open(), client.address).enterAs(client)
      await start.visit()
      await start.page.goto('about:blank')
      await start.visit()
      await start.logOut()
      for (let steps = 0; steps < 3; steps += 1) {
        // A page that the browser has kept is shown without being loaded.
        await start.page.goBack({ waitUntil: 'commit' })
        expect(await start.page.content()).to.not.include(owner.username)
      }
    })
  },
  { needsPageCache: true },
)
