import { expect } from 'chai'
import { stoppedClock } from '../../support/clock'
import { FREE, startThrottledCell, type ClientAt, type ThrottledCell } from '../../support/throttled-cell'

const NEW = 'staple horse battery'
const JUDGED = Array<number>(FREE.account).fill(403)

describe('who guesses a password with a stolen session', () => {
  const clock = stoppedClock()
  let cell: ThrottledCell

  before(async () => {
    cell = await startThrottledCell()
  })
  after(() => cell.stop())

  /** An owner where he lives, and a thief who has his cookie. */
  async function robbed(): Promise<{
    home: ClientAt
    owner: { username: string; password: string }
    thief: () => ClientAt
  }> {
    const home = cell.stranger()
    const owner = await home.registerAndLogIn()
    return { home, owner, thief: () => cell.stranger().withCookiesOf(home) }
  }

  async function change(client: ClientAt, currentPassword = 'a wrong guess', more: object = {}): Promise<number> {
    return (await client.post('/api/password', { currentPassword, newPassword: NEW, ...more })).status
  }

  it('is refused after so many guesses, at one address (OWASP ASVS 6.3.1)', async () => {
    const { thief, owner } = await robbed()
    const one = thief()
    const statuses: number[] = []
    for (let count = 0; count < FREE.account + 2; count += 1) statuses.push(await change(one))
    expect(statuses).to.deep.equal([...JUDGED, 429, 429])
    // He would be told, otherwise, that he has found it.
    expect(await change(one, owner.password)).to.equal(429)
  })

  it('is refused after so many guesses, each from another address (OWASP ASVS 6.3.1)', async () => {
    const { thief, owner } = await robbed()
    const statuses: number[] = []
    for (let count = 0; count < FREE.account + 1; count += 1) statuses.push(await change(thief()))
    expect(statuses).to.deep.equal([...JUDGED, 429])
    expect(await change(thief(), owner.password)).to.equal(429)
    clock.pass(60_000)
    expect([await change(thief()), await change(thief())]).to.deep.equal([403, 429])
  })

  it('makes himself known by nothing that needs no password of the owner, as a registration (OWASP ASVS 6.3.1)', async () => {
    const { thief } = await robbed()
    const statuses: number[] = []
    for (let address = 0; address < 3; address += 1) {
      const one = thief()
      await one.register()
      for (let count = 0; count < FREE.account; count += 1) statuses.push(await change(one))
    }
    expect(
      statuses.filter((status) => status === 403),
      statuses.join(),
    ).to.have.length(FREE.account)
  })

  it('hides behind no name: with one, nothing is judged', async () => {
    const { thief, owner } = await robbed()
    for (const more of [
      { username: 'somebody' },
      { appname: 'somebody' },
      { username: owner.username },
      { username: 5 },
    ]) {
      expect(await change(thief(), owner.password, more), JSON.stringify(more)).to.equal(400)
    }
    expect((await cell.stranger().post('/api/login', owner)).status).to.equal(200)
  })

  it('does not log the owner out, nor keep him from logging in and from ending that session', async () => {
    const { home, owner, thief } = await robbed()
    for (let count = 0; count < FREE.account + 1; count += 1) await change(thief())
    expect((await home.get('/api/me')).status).to.equal(200)
    expect(await cell.stranger().logIn(owner)).to.equal(200)
    const fresh = cell.at(home.from)
    expect(await fresh.logIn(owner)).to.equal(200)
    expect((await fresh.send('DELETE', '/api/sessions')).status).to.equal(204)
    expect((await thief().get('/api/me')).status).to.equal(401)
  })

  it('does not keep the owner, where he has logged in, from changing it (OWASP ASVS 6.3.1)', async () => {
    const { home, owner, thief } = await robbed()
    const one = thief()
    for (let count = 0; count < FREE.account + 1; count += 1) await change(one)
    expect(await change(home, owner.password)).to.equal(204)
    expect((await one.get('/api/me')).status).to.equal(401)
  })

  it('is judged as a stranger where the owner has changed it, after the session has ended', async () => {
    const { home, owner, thief } = await robbed()
    const old = thief()
    expect(await change(home, owner.password)).to.equal(204)
    expect(await change(old, NEW)).to.equal(401)
  })
})

describe('a change of password', () => {
  let cell: ThrottledCell

  before(async () => {
    cell = await startThrottledCell()
  })
  after(() => cell.stop())

  it('makes no room for guesses at others: its success resets nothing of the address (OWASP ASVS 6.3.1)', async () => {
    const home = cell.stranger()
    const { password } = await home.registerAndLogIn()
    let [now, next] = [password, NEW]
    let judged = 0
    for (let count = 0; count < FREE.address * 2; count += 1) {
      if (count % 2 === 0) {
        const { status } = await home.post('/api/password', { currentPassword: now, newPassword: next })
        if (status === 204) [now, next] = [next, now]
      }
      // Another model's credentials, which a trust point may know, and of which no field is a name here.
      const { status } = await home.post('/api/login', { email: `victim-${count}@example.org`, password: 'a guess' })
      if (status === 401) judged += 1
    }
    expect(judged).to.be.within(1, FREE.address)
  })
})
