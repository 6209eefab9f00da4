import { expect } from 'chai'
import { now } from '../../../context/cell/clock'
import type { LoginRecord } from '../../../plasma/sessions/types'
import { called, refused } from '../../support/called'
import { MemoryOwners } from '../../support/memory-owners'
import { buildSessions, type BuiltSessions } from '../../support/sessions-organelle'
import { TrustPoint } from '../../support/trust-point'

const ann = { id: 'ann-1', username: 'ann', password: 'correct horse' }
const credentials = { username: 'ann', password: 'correct horse' }
const remote = { username: 'grace', password: 'known elsewhere' }
const application = { appname: 'bot', password: 'app secret' }

describe('a login that asks to be remembered', () => {
  let ownerModel: MemoryOwners
  let users: TrustPoint
  let apps: TrustPoint
  let built: BuiltSessions

  before(async () => {
    // What a trust point says of remembering is no wish of the owner's.
    users = await TrustPoint.answering(200, { id: 'grace-1', remember: true, login: { remember: true } })
    apps = await TrustPoint.answering(200, { id: 'app-1', remember: true })
  })
  after(() => Promise.all([users.stop(), apps.stop()]))
  beforeEach(() => {
    for (const point of [users, apps]) point.requests.length = 0
    ownerModel = new MemoryOwners(ann)
    built = buildSessions({
      ownerModel,
      remoteLoginEndpoint: users.endpoint,
      remoteAuthenticateEndpoint: apps.endpoint,
    })
  })
  afterEach(() => built.plasma.emit('killed'))

  /** Logs in. @returns what is kept of the login */
  async function loginOf(given: object): Promise<LoginRecord | undefined> {
    const storage: { login?: LoginRecord } = {}
    const [error, owner] = await called((callback) => built.sessions(storage).login(given as never, callback))
    expect([error, typeof owner]).to.deep.equal([null, 'object'])
    return storage.login
  }

  for (const remember of [true, 'true', 'on']) {
    it(`is one with ${JSON.stringify(remember)}, and no model or trust point hears of it`, async () => {
      expect(await loginOf({ ...credentials, remember })).to.deep.equal({ remember: true })
      expect((await loginOf({ ...remote, remember }))?.remember).to.equal(true)
      expect(await loginOf({ ...application, ownerId: 'ann-1', remember })).to.deep.include({
        remember: true,
        actor: { id: 'app-1' },
      })

      const asked = ownerModel.asked.filter(([question]) => question !== 'createOrUpdate')
      expect(asked).to.deep.equal([
        ['findByCredentials', credentials],
        ['findByCredentials', remote],
        ['findById', 'ann-1'],
      ])
      expect(users.requests.map(({ body }) => body)).to.deep.equal([remote])
      expect(apps.requests.map(({ body }) => body)).to.deep.equal([application])
    })
  }

  for (const [what, wish] of Object.entries({
    nothing: {},
    false: { remember: false },
    '"false"': { remember: 'false' },
    null: { remember: null },
    undefined: { remember: undefined },
  })) {
    it(`is none with ${what}, and no model or trust point hears of it either`, async () => {
      expect((await loginOf({ ...credentials, ...wish }))?.remember).to.equal(undefined)
      expect((await loginOf({ ...remote, ...wish }))?.remember).to.equal(undefined)
      expect((await loginOf({ ...application, ownerId: 'ann-1', ...wish }))?.remember).to.equal(undefined)
      const bodies = [...users.requests, ...apps.requests].map(({ body }) => body)
      expect([ownerModel.asked[0], ...bodies]).to.deep.equal([['findByCredentials', credentials], remote, application])
    })
  }

  it('is one for the time that a trust point vouches, and no longer', async () => {
    const before = now()
    const login = await loginOf({ ...remote, remember: true })
    expect(login?.trustedUntil).to.be.within(before + 3_600_000, now() + 3_600_000)
  })

  it('is none because of what the owner model or a former login says', async () => {
    ownerModel.owners[0] = Object.assign({ ...ann }, { remember: true })
    const storage = { login: { remember: true } }
    await called((callback) => built.sessions(storage).login(credentials, callback))
    expect(storage).to.deep.equal({ ownerId: 'ann-1' })
    built.sessions(storage).login({ id: 'ann-1' })
    expect(storage).to.deep.equal({ ownerId: 'ann-1' })
  })

  for (const remember of [1, 0, '', 'yes', 'TRUE', ' true', [], [true], {}, { $ne: false }]) {
    it(`is refused with ${JSON.stringify(remember)}, and nobody is asked about it`, async () => {
      for (const given of [credentials, remote, { ...application, ownerId: 'ann-1' }]) {
        const storage = {}
        const error = await refused((callback) => built.sessions(storage).login({ ...given, remember }, callback))
        expect(error).to.include({ status: 400, code: 'INVALID_CREDENTIALS_SHAPE' })
        expect(error.message).to.include('remember')
        expect(storage).to.deep.equal({})
      }
      expect([ownerModel.asked, users.requests, apps.requests]).to.deep.equal([[], [], []])
      expect(built.chemicals.map(({ type, reason }) => [type, reason])).to.deep.equal(
        Array.from({ length: 3 }, () => ['SessionLoginFailed', 'INVALID_CREDENTIALS_SHAPE']),
      )
    })
  }
})
