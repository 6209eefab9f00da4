import { expect } from 'chai'
import { newCredentials } from '../../support/client'
import { keepErrorLog } from '../../support/error-log'
import { startThrottledCell, type ClientAt, type ThrottledCell } from '../../support/throttled-cell'

const FREE = 10
const FREE_OF_ADDRESS = 20

describe('logins that come at once', () => {
  // Those that wait for too long are errors of the server, and logged.
  keepErrorLog()
  let cell: ThrottledCell

  before(async () => {
    const limits = { firstWaitSeconds: 60, longestWaitSeconds: 240, forgetSeconds: 3600 }
    cell = await startThrottledCell({ account: { failures: FREE, ...limits }, address: { failures: FREE_OF_ADDRESS, ...limits } })
  })
  after(() => cell.stop())

  /** So many at once. @returns how often each status was answered */
  async function atOnce(count: number, work: (index: number) => Promise<number>): Promise<Record<number, number>> {
    const counts: Record<number, number> = {}
    for (const status of await Promise.all(Array.from({ length: count }, (_, index) => work(index)))) counts[status] = (counts[status] ?? 0) + 1
    return counts
  }

  const guess = (from: ClientAt, username: string): Promise<number> => from.logIn({ username, password: 'a wrong guess' })

  /** No more were judged than are free, and the rest refused: at a slow machine, some because they waited for too long. */
  function expectJudged(counts: Record<number, number>, judged: number, all = 100): void {
    expect(counts[401], JSON.stringify(counts)).to.equal(judged)
    expect((counts[429] ?? 0) + (counts[503] ?? 0), JSON.stringify(counts)).to.equal(all - judged)
  }

  const names: [what: string, name: () => Promise<string>][] = [
    ['an account', async () => (await cell.stranger().register()).username],
    ['no account', () => Promise.resolve(newCredentials().username)],
  ]
  for (const [what, name] of names) {
    it(`are counted exactly: of 100 wrong guesses at ${what}, as many are judged as are free (OWASP ASVS 6.3.1)`, async () => {
      const username = await name()
      expectJudged(await atOnce(100, () => guess(cell.stranger(), username)), FREE)
      const { status, headers } = await cell.stranger().post('/api/login', { username, password: 'a wrong guess' })
      expect(status).to.equal(429)
      // The first wait, and no longer one.
      expect(Number(headers.get('retry-after'))).to.be.within(1, 60)
    })
  }

  it('are counted exactly under all spellings of a name together', async () => {
    const { username } = await cell.stranger().register()
    expectJudged(await atOnce(100, (index) => guess(cell.stranger(), index % 2 ? username.toUpperCase() : username)), FREE)
  })

  it('are counted exactly at an address that is known to the account', async () => {
    const home = cell.stranger()
    const owner = await home.register()
    expectJudged(await atOnce(100, () => guess(cell.at(home.from), owner.username)), FREE)
    expect(await home.logIn(owner)).to.equal(429)
    expect(await cell.stranger().logIn(owner)).to.equal(200)
  })

  it('are counted exactly at one address: of 100 accounts, as many are tried as are free (OWASP ASVS 6.3.1)', async () => {
    const { from } = cell.stranger()
    expectJudged(await atOnce(100, () => guess(cell.at(from), newCredentials().username)), FREE_OF_ADDRESS)
  })

  it('are counted exactly in the change of a password, with one session', async () => {
    const home = cell.stranger()
    await home.registerAndLogIn()
    const change = { currentPassword: 'a wrong guess', newPassword: 'staple horse battery' }
    const counts = await atOnce(50, async () => (await cell.stranger().withCookiesOf(home).post('/api/password', change)).status)
    expect(counts[403], JSON.stringify(counts)).to.equal(FREE)
  })

  it('do not let the right password through among wrong ones, when those are more than are free', async () => {
    const owner = await cell.stranger().register()
    const counts = await atOnce(60, (index) => (index === 59 ? cell.stranger().logIn(owner) : guess(cell.stranger(), owner.username)))
    expect(counts[200] ?? 0, JSON.stringify(counts)).to.equal(0)
    expect(counts[401], JSON.stringify(counts)).to.equal(FREE)
  })

  it('all get in with the right password, 60 of them from one address (OWASP ASVS 6.3.1)', async () => {
    const home = cell.stranger()
    const owner = await home.register()
    expect(await atOnce(60, () => cell.at(home.from).logIn(owner))).to.deep.equal({ 200: 60 })
  })

  it('all get in with the right passwords of many owners, from one address', async () => {
    const home = cell.stranger()
    const owners: object[] = []
    for (let count = 0; count < 30; count += 1) owners.push(await home.register())
    expect(await atOnce(30, (index) => cell.at(home.from).logIn(owners[index] ?? {}))).to.deep.equal({ 200: 30 })
  })

  it('do not keep their owner waiting, where he has been before', async () => {
    const home = cell.stranger()
    const owner = await home.register()
    const storm = atOnce(100, () => guess(cell.stranger(), owner.username))
    const mine = []
    for (let count = 0; count < 3; count += 1) mine.push(await home.logIn(owner))
    expect(mine).to.deep.equal([200, 200, 200])
    expectJudged(await storm, FREE)
  })
})
