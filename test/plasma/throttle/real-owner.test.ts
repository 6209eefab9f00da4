import { expect } from 'chai'
import { newCredentials } from '../../support/client'
import { stoppedClock } from '../../support/clock'
import { FREE, startThrottledCell, type ClientAt, type ThrottledCell } from '../../support/throttled-cell'

describe('an owner whose account, or whose address, others guess at', () => {
  const clock = stoppedClock()
  let cell: ThrottledCell

  before(async () => {
    cell = await startThrottledCell()
  })
  after(() => cell.stop())

  /** Guesses at an account from everywhere, until nobody else is let in. */
  async function besiege(username: string): Promise<void> {
    for (let count = 0; count < FREE.account; count += 1) await cell.stranger().guess(username, 1)
    expect(await cell.stranger().guess(username, 1)).to.deep.equal([429])
  }

  /** Guesses at accounts of nobody from one address, until no stranger there is let in. */
  async function spray(from: ClientAt): Promise<void> {
    for (let count = 0; count < FREE.address; count += 1) await from.logIn(newCredentials())
    expect(await from.logIn(newCredentials())).to.equal(429)
  }

  it('gets in from where he has registered, at once (OWASP ASVS 6.3.1)', async () => {
    const home = cell.stranger()
    const owner = await home.register()
    await besiege(owner.username)
    expect(await home.logIn(owner)).to.equal(200)
    expect((await home.get('/api/me')).status).to.equal(200)
  })

  it('gets in from where he has logged in before, from each of these places (OWASP ASVS 6.3.1)', async () => {
    const [home, office] = [cell.stranger(), cell.stranger()]
    const owner = await home.register()
    expect(await office.logIn(owner)).to.equal(200)
    await besiege(owner.username)
    expect([await office.logIn(owner), await home.logIn(owner)]).to.deep.equal([200, 200])
  })

  it('gets in from another address of his IPv6 network', async () => {
    const owner = await cell.at('2001:db8:7:7::1').register()
    await besiege(owner.username)
    expect(await cell.at('2001:db8:7:7:dead:beef::1').logIn(owner)).to.equal(200)
    expect(await cell.at('2001:db8:7:8::1').logIn(owner)).to.equal(429)
  })

  it('gets in while the siege goes on for days, and it goes on to be one', async () => {
    const home = cell.stranger()
    const owner = await home.register()
    await besiege(owner.username)
    for (let round = 0; round < 20; round += 1) {
      clock.pass(240_000)
      expect((await cell.stranger().guess(owner.username, 1))[0]).to.be.oneOf([401, 429])
      expect(await home.logIn(owner)).to.equal(200)
    }
    expect(await cell.stranger().logIn(owner)).to.equal(429)
  })

  it('is let in after his own slips, and may slip again (OWASP ASVS 6.3.1)', async () => {
    const home = cell.stranger()
    const owner = await home.register()
    for (let round = 0; round < 3; round += 1) {
      expect(await home.guess(owner.username, FREE.account - 1)).to.deep.equal([401, 401])
      expect(await home.logIn(owner)).to.equal(200)
    }
  })

  it('gets in while a neighbour at his address guesses at everybody', async () => {
    const home = cell.stranger()
    const owner = await home.register()
    await spray(cell.at(home.from))
    expect(await home.logIn(owner)).to.equal(200)
  })

  it('has a neighbour who is no better off than a stranger: his guesses are counted, and he waits', async () => {
    const home = cell.stranger()
    const owner = await home.register()
    const neighbour = cell.at(home.from)
    expect(await neighbour.guess(owner.username, FREE.account + 1)).to.deep.equal([401, 401, 401, 429])
    // Nobody can tell them apart there. Elsewhere, the owner is let in.
    expect(await home.logIn(owner)).to.equal(429)
    expect(await cell.stranger().logIn(owner)).to.equal(200)
    clock.pass(60_000)
    expect(await home.logIn(owner)).to.equal(200)
  })

  it('gets in at a new address once the wait is over', async () => {
    const owner = await cell.stranger().register()
    await besiege(owner.username)
    const away = cell.stranger()
    clock.pass(59_000)
    expect(await away.logIn(owner)).to.equal(429)
    clock.pass(1000)
    expect(await away.logIn(owner)).to.equal(200)
    await besiege(owner.username)
    expect(await away.logIn(owner)).to.equal(200)
  })

  it('stays logged in', async () => {
    const home = cell.stranger()
    const owner = await home.registerAndLogIn()
    await besiege(owner.username)
    await spray(cell.at(home.from))
    expect((await home.get('/api/me')).status).to.equal(200)
    expect((await home.get('/api/sessions')).status).to.equal(200)
    expect((await home.post('/api/logout')).status).to.equal(204)
  })

  it('is known only where he has proved who he is: not where somebody failed, or was refused', async () => {
    const owner = await cell.stranger().register()
    const guesser = cell.stranger()
    await guesser.guess(owner.username, 1)
    await guesser.post('/api/register', owner)
    await guesser.post('/api/login', { ...owner, role: 'admin' })
    await besiege(owner.username)
    expect(await guesser.logIn(owner)).to.equal(429)
  })
})
