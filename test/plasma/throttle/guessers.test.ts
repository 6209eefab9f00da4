import { expect } from 'chai'
import { newCredentials } from '../../support/client'
import { FREE, startThrottledCell, type ThrottledCell } from '../../support/throttled-cell'

const JUDGED = Array<number>(FREE.account).fill(401)

describe('who guesses passwords', () => {
  let cell: ThrottledCell

  before(async () => {
    cell = await startThrottledCell()
  })
  after(() => cell.stop())

  it('is refused at one account after so many guesses, at one address (OWASP ASVS 6.3.1)', async () => {
    const { username } = await cell.stranger().register()
    expect(await cell.stranger().guess(username, FREE.account + 2)).to.deep.equal([...JUDGED, 429, 429])
  })

  it('is refused at one account after so many guesses, each from another address (OWASP ASVS 6.3.1)', async () => {
    const credentials = await cell.stranger().register()
    const statuses: number[] = []
    for (let count = 0; count < FREE.account + 3; count += 1)
      statuses.push(...(await cell.stranger().guess(credentials.username, 1)))
    expect(statuses).to.deep.equal([...JUDGED, 429, 429, 429])
    // Not even with the password, which he might have found.
    expect(await cell.stranger().logIn(credentials)).to.equal(429)
  })

  it('is refused at all accounts after so many guesses from one address (OWASP ASVS 6.3.1)', async () => {
    const { username, password } = await cell.stranger().register()
    const sprayer = cell.stranger()
    const statuses: number[] = []
    for (let count = 0; count < FREE.address + 2; count += 1) statuses.push(await sprayer.logIn(newCredentials()))
    expect(statuses).to.deep.equal([...Array<number>(FREE.address).fill(401), 429, 429])
    expect(await sprayer.logIn({ username, password })).to.equal(429)
    expect(await cell.stranger().logIn({ username, password })).to.equal(200)
  })

  for (const [what, first, ...others] of [
    ['within one /64 of IPv6', '2001:db8:1:1::1', '2001:db8:1:1::2', '2001:DB8:1:1:ffff::', '2001:db8:1:1:a:b:c:d'],
    ['with IPv4, said in other ways', '203.0.113.9', '::ffff:203.0.113.9', '::ffff:cb00:7109', '::FFFF:203.0.113.9'],
  ] as const) {
    it(`is at one address with all that he has ${what} (OWASP ASVS 6.3.1)`, async () => {
      const statuses: number[] = []
      for (let count = 0; count < FREE.address; count += 1) {
        statuses.push(await cell.at([first, ...others][count % 4] ?? '').logIn(newCredentials()))
      }
      expect(new Set(statuses)).to.deep.equal(new Set([401]))
      for (const address of [first, ...others])
        expect(await cell.at(address).logIn(newCredentials()), address).to.equal(429)
    })
  }

  it('is at another address in another /64, and counted by account all the same', async () => {
    const { username } = await cell.stranger().register()
    const statuses: number[] = []
    for (let network = 0; network < FREE.account + 1; network += 1)
      statuses.push(...(await cell.at(`2001:db8:2:${network}::1`).guess(username, 1)))
    expect(statuses).to.deep.equal([...JUDGED, 429])
  })

  it('gains nothing by successes with an account of his own, at the same address', async () => {
    const { username } = await cell.stranger().register()
    const guesser = cell.stranger()
    const own = await guesser.register()
    const statuses: number[] = []
    for (let count = 0; count < FREE.account + 1; count += 1) {
      statuses.push(...(await guesser.guess(username, 1)))
      expect(await guesser.logIn(own)).to.equal(200)
    }
    expect(statuses).to.deep.equal([...JUDGED, 429])
    expect(await guesser.logIn(own)).to.equal(200)
  })

  it('is not let in again by failing on: what is refused is not judged', async () => {
    const { username } = await cell.stranger().register()
    const statuses = await cell.stranger().guess(username, 25)
    expect(statuses.filter((status) => status !== 429)).to.deep.equal(JUDGED)
  })

  it('does not keep anybody from other accounts, nor from what is no login', async () => {
    const { username } = await cell.stranger().register()
    const guesser = cell.stranger()
    await guesser.guess(username, FREE.account + 1)
    const bystander = cell.stranger()
    await bystander.registerAndLogIn()
    expect((await guesser.get('/')).status).to.equal(200)
    expect((await bystander.get('/api/me')).status).to.equal(200)
    expect((await bystander.post('/api/logout')).status).to.equal(204)
  })
})
