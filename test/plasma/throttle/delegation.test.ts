import { expect } from 'chai'
import { newCredentials } from '../../support/client'
import { FREE, startThrottledCell, type ThrottledCell } from '../../support/throttled-cell'
import { TrustPoint } from '../../support/trust-point'

describe('an application that logs in for an owner', () => {
  let cell: ThrottledCell
  let applications: TrustPoint
  /** Whether the applications' trust point knows what it is asked about. It minds no field that it does not know. */
  let isKnown = true
  let owner: { id: string; username: string; password: string }

  before(async () => {
    applications = await TrustPoint.start((_req, res) => {
      res.writeHead(isKnown ? 200 : 401, { 'content-type': 'application/json' }).end(JSON.stringify({ id: 'app-1' }))
    })
    cell = await startThrottledCell({}, { sessions: { remoteAuthenticateEndpoint: applications.endpoint } })
  })
  beforeEach(async () => {
    isKnown = true
    const credentials = newCredentials()
    owner = {
      ...credentials,
      id: ((await cell.stranger().post('/api/register', credentials)).body as { id: string }).id,
    }
  })
  after(async () => {
    await cell.stop()
    await applications.stop()
  })

  const newApp = (): { appname: string; password: string } => ({
    appname: newCredentials().username,
    password: 'app secret',
  })

  it('is counted by its own name, whomever it is for (OWASP ASVS 6.3.1)', async () => {
    isKnown = false
    const app = newApp()
    const asked = applications.requests.length
    const statuses: number[] = []
    for (let count = 0; count < FREE.account + 2; count += 1) {
      statuses.push(
        await cell
          .stranger()
          .logIn({ ...app, appname: count % 2 ? app.appname.toUpperCase() : app.appname, ownerId: `owner-${count}` }),
      )
    }
    expect(statuses).to.deep.equal([401, 401, 401, 429, 429])
    expect(applications.requests.length - asked).to.equal(FREE.account)
  })

  it('is counted when it is right and its owner is not: it finds out nobody', async () => {
    const app = newApp()
    const statuses: number[] = []
    for (let count = 0; count < FREE.account + 1; count += 1)
      statuses.push(await cell.stranger().logIn({ ...app, ownerId: `owner-${count}` }))
    expect(statuses).to.deep.equal([401, 401, 401, 429])
  })

  it('gets in from where it has been before, while others try its password', async () => {
    const app = newApp()
    const home = cell.stranger()
    expect(await home.logIn({ ...app, ownerId: owner.id })).to.equal(200)
    isKnown = false
    for (let count = 0; count < FREE.account + 1; count += 1)
      await cell.stranger().logIn({ ...app, password: 'a guess', ownerId: owner.id })
    isKnown = true
    expect(await cell.stranger().logIn({ ...app, ownerId: owner.id })).to.equal(429)
    expect(await home.logIn({ ...app, ownerId: owner.id })).to.equal(200)
  })

  it('does not lock out, nor is it locked out by, a user of the same name', async () => {
    isKnown = false
    const { username } = owner
    for (let count = 0; count < FREE.account + 1; count += 1)
      await cell.stranger().logIn({ appname: username, password: 'a guess', ownerId: owner.id })
    expect(await cell.stranger().logIn({ username, password: owner.password })).to.equal(200)
    await cell.stranger().guess(username, FREE.account)
    isKnown = true
    expect(await cell.stranger().logIn({ ...newApp(), ownerId: owner.id })).to.equal(200)
  })

  it('makes its address known to no other account that it names besides: nobody buys guesses so (OWASP ASVS 6.3.1)', async () => {
    const guessers = Array.from({ length: 4 }, () => cell.stranger())
    for (const guesser of guessers) await guesser.logIn({ ...newApp(), ownerId: owner.id, username: owner.username })
    const statuses: number[] = []
    for (const guesser of guessers) statuses.push(...(await guesser.guess(owner.username, FREE.account)))
    expect(
      statuses.filter((status) => status === 401),
      statuses.join(),
    ).to.have.length(FREE.account)
  })
})
