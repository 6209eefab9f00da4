import { expect } from 'chai'
import { called } from '../../support/called'
import { stoppedClock } from '../../support/clock'
import { MemoryOwners, type MemoryOwner } from '../../support/memory-owners'
import { buildSessions, type BuiltSessions } from '../../support/sessions-organelle'
import { TrustPoint } from '../../support/trust-point'

const SECONDS = 600
const credentials = { username: 'grace', password: 'correct horse' }
const application = { appname: 'bot', password: 'correct horse' }
const local = { id: 'ann-1' }

/** A model that says which trust point keeps an owner, as the cell's own does. */
class KeepingOwners extends MemoryOwners {
  override createOrUpdate(
    ownerData: Record<string, unknown>,
    callback: (error?: unknown, owner?: MemoryOwner) => void,
    from?: string,
  ): void {
    super.createOrUpdate({ ...ownerData, trustPoint: from }, callback)
  }
}

type Begin = (api: ReturnType<BuiltSessions['sessions']>, known: MemoryOwner) => unknown

/** Every way in which a session of whom, or through whom, a trust point vouches for can begin. */
const WAYS: Record<string, Begin> = {
  'a login': (api) => called((callback) => api.login(credentials, callback)),
  'a login by promise': (api) => api.authenticate(credentials),
  'a login that is remembered': (api) => called((callback) => api.login({ ...credentials, remember: true }, callback)),
  'login(owner)': (api, known) => api.login(known),
  'login(owner) with the id alone': (api, { id }) => api.login({ id }),
  'loginAs(owner)': (api, known) => api.loginAs(known),
  'loginAs(owner) with the id alone': (api, { id }) => api.loginAs({ id }),
  'an application for the owner': (api, { id }) =>
    called((callback) => api.login({ ...application, ownerId: id }, callback)),
  'an application for an owner of this cell': (api) =>
    called((callback) => api.login({ ...application, ownerId: 'ann-1' }, callback)),
}

describe('what a trust point vouched for', () => {
  const clock = stoppedClock()
  let users: TrustPoint
  let apps: TrustPoint
  let built: BuiltSessions
  let known: MemoryOwner

  before(async () => {
    users = await TrustPoint.answering(200, { id: 'grace-1', username: 'grace' })
    apps = await TrustPoint.answering(200, { id: 'app-1' })
  })
  after(() => Promise.all([users.stop(), apps.stop()]))
  beforeEach(async () => {
    built = buildSessions({
      ownerModel: new KeepingOwners(local),
      remoteLoginEndpoint: users.endpoint,
      remoteAuthenticateEndpoint: apps.endpoint,
      remoteSessionSeconds: SECONDS,
    })
    known = (await built.sessions({}).authenticate(credentials)) as MemoryOwner
  })
  afterEach(() => built.plasma.emit('killed'))

  for (const [what, begin] of Object.entries(WAYS)) {
    for (const how of ['used', 'renewed'] as const) {
      it(`is over in remoteSessionSeconds, ${how} or not, where it began by ${what} (OWASP ASVS 7.4.2)`, async () => {
        const storage = {}
        const api = built.sessions(storage)
        await begin(api, known)
        const owner = await api.owner()
        if (!owner) throw new Error('nobody is logged in')
        clock.pass(SECONDS * 500)
        if (how === 'renewed') await api.renew({ ...owner, securityStamp: 'another' })
        if (how === 'renewed') Object.assign(owner, { securityStamp: 'another' })
        expect(await api.owner()).to.equal(owner)

        clock.pass(SECONDS * 500 - 1)
        expect(await api.owner()).to.equal(owner)
        clock.pass(1)
        expect(await api.owner()).to.equal(undefined)
        expect(storage).to.deep.equal({})
        expect(built.chemicals.at(-1)).to.include({ type: 'SessionDenied', reason: 'TRUST_EXPIRED' })
      })
    }
  }

  it('is not the word for an owner of this cell, who logs in without one', async () => {
    const api = built.sessions({})
    api.login(local)
    clock.pass(SECONDS * 10_000)
    expect(await api.owner()).to.equal(local)
  })
})
