import { expect } from 'chai'
import { MemoryStore } from 'express-session'
import { inspect } from 'node:util'
import type { StoredLogin } from '../../../plasma/sessions/login-record'
import { stoppedClock } from '../../support/clock'
import { LoginApp } from '../../support/login-app'
import { MemoryOwners, type MemoryOwner } from '../../support/memory-owners'
import { rejectionOf } from '../../support/rejection'
import { buildSessions, type AnySessions, type BuiltSessions } from '../../support/sessions-organelle'
import { TrustPoint, sendsJson } from '../../support/trust-point'

const SECONDS = 600
const local = { id: 'ann-1', username: 'ann', password: 'correct horse' }
const credentials = { username: 'grace', password: 'known elsewhere' }
const app = { appname: 'billing', password: 'app secret' }
const graceThere = { id: 'grace-1', username: 'grace' }

describe('the owner of credentials', () => {
  const clock = stoppedClock()
  let users: TrustPoint
  let apps: TrustPoint
  let owners: MemoryOwners
  let built: BuiltSessions
  let storage: StoredLogin

  before(async () => {
    users = await TrustPoint.answering(200)
    apps = await TrustPoint.answering(200)
  })
  after(() => Promise.all([users.stop(), apps.stop()]))

  function build(dna: object = {}, ownerModel: object = owners): void {
    const endpoints = { remoteLoginEndpoint: `${users.endpoint}#here`, remoteAuthenticateEndpoint: apps.endpoint }
    built = buildSessions({ ownerModel, remoteSessionSeconds: SECONDS, ...endpoints, ...dna })
  }
  beforeEach(() => {
    users.answer = sendsJson(200, graceThere)
    apps.answer = sendsJson(200, { id: 'app-1', secret: 'of the app' })
    storage = {}
    owners = new MemoryOwners({ ...local })
    build()
  })
  afterEach(async () => {
    await built.plasma.emit('killed')
    takeBodies()
  })

  const takeBodies = (): unknown[] => [users.takeBodies(), apps.takeBodies()]
  const logIn = (given: object): Promise<MemoryOwner | undefined> =>
    built.sessions(storage).authenticate(given as Record<string, unknown>)
  const actFor = (ownerId: unknown): Promise<MemoryOwner | undefined> => logIn({ ...app, ownerId })
  /** Nothing is stored, and the model is asked nothing but this. */
  function expectNothingStored(asked: typeof owners.asked): void {
    expect([storage, owners.asked]).to.deep.equal([{}, asked])
  }

  it('is found here first, without asking anybody else', async () => {
    const { id, ...own } = local
    expect(await logIn(own)).to.deep.equal(local)
    expect(storage).to.deep.equal({ ownerId: id })
    const api = built.sessions({})
    api.login({ id })
    expect(await api.owner()).to.deep.equal(local)
    await api.logout()
    expect(takeBodies()).to.deep.equal([[], []])
  })

  it('is found at the trust point for users otherwise, at every login, and stored here', async () => {
    for (const name of ['Grace', 'Admiral Grace']) {
      users.answer = sendsJson(200, { ...graceThere, name })
      expect(await logIn(credentials)).to.include({ id: 'grace-1', name, trustPoint: users.endpoint })
      expect(storage.ownerId).to.equal('grace-1')
      expect(takeBodies()).to.deep.equal([[credentials], []])
    }
  })

  it('expires with the word of that trust point, even if the model does not say who keeps them (OWASP ASVS 7.4.2)', async () => {
    build({}, Object.assign(owners, { createOrUpdate: () => Promise.resolve({ ...graceThere }) }))
    await logIn(credentials)
    expect(storage).to.deep.equal({ ownerId: 'grace-1', login: { trustedUntil: Date.now() + SECONDS * 1000 } })
  })

  it('is nobody if that trust point knows nobody', async () => {
    users.answer = sendsJson(401, graceThere)
    expect(await logIn(credentials)).to.equal(undefined)
    expectNothingStored([['findByCredentials', credentials]])
  })

  it('is nobody if the model refuses to store them, or stores them without an id', async () => {
    const refusing = Object.assign(owners, { createOrUpdate: () => Promise.reject(new Error('not ours')) })
    build({}, refusing)
    expect((await rejectionOf(() => logIn(credentials))).message).to.equal('not ours')
    build({}, Object.assign(refusing, { createOrUpdate: () => Promise.resolve({}) }))
    expect((await rejectionOf(() => logIn(credentials))).message).to.include('neither an id')
    expect(storage).to.deep.equal({})
  })

  for (const [answer, id] of [
    [{ id: 'app-1', secret: 'of the app' }, 'app-1'],
    [{ _id: 'x'.repeat(255), appname: 'billing', username: 'x' }, 'x'.repeat(255)],
    [{ id: 7 }, 7],
  ] as const) {
    it(`lets an application act that its trust point knows, recorded by its id alone: ${typeof id}`, async () => {
      apps.answer = sendsJson(200, answer)
      expect(await actFor('ann-1')).to.deep.equal(local)
      expect(storage).to.deep.equal({
        ownerId: 'ann-1',
        login: { actor: { id }, trustedUntil: Date.now() + SECONDS * 1000 },
      })
      expect(built.chemicals.at(-1)).to.deep.include({ type: 'SessionLogin', ownerId: 'ann-1', actor: { id } })
      expect(takeBodies()).to.deep.equal([[], [app]])
      expect(owners.asked).to.deep.equal([['findById', 'ann-1']])
    })
  }

  for (const answer of [
    {},
    ...[null, '', 'x'.repeat(256), { a: 'b' }, ['app-1'], 1.5, true].map((id) => ({ id })),
    graceThere,
  ]) {
    it(`lets nobody act if the answer names no application (OWASP ASVS 8.3.3): ${inspect(answer).slice(0, 40)}`, async () => {
      apps.answer = sendsJson(200, answer)
      expect(await rejectionOf(() => actFor('ann-1'))).to.include({ status: 502, code: 'REMOTE_INVALID' })
      expectNothingStored([])
    })
  }

  it('lets no application act that its trust point does not know, and asks nobody else', async () => {
    apps.answer = sendsJson(403, { id: 'app-1' })
    expect(await actFor('ann-1')).to.equal(undefined)
    expectNothingStored([])
    expect(takeBodies()).to.deep.equal([[], [app]])
  })

  it('lets no application act without a trust point for applications, and repeats nothing', async () => {
    build({ remoteAuthenticateEndpoint: undefined })
    const error = await rejectionOf(() => actFor('ann-1'))
    expect(error).to.include({ status: 400, code: 'INVALID_CREDENTIALS_SHAPE' })
    expect(inspect(error, { depth: Infinity })).not.to.match(/billing|app secret|ann-1/)
    expectNothingStored([])
    expect(takeBodies()).to.deep.equal([[], []])
  })

  it('lets an application act for an owner not known here, whom the trust point for users then confirms', async () => {
    users.answer = sendsJson(200, { id: 7 })
    expect(await actFor('7')).to.include({ id: 7 })
    expect(storage).to.deep.include({ ownerId: 7 })
    expect(takeBodies()).to.deep.equal([[{ ...app, ownerId: '7' }], [app]])
    // An owner whom a trust point keeps may have been deleted there since.
    users.answer = sendsJson(404)
    storage = {}
    expect(await actFor(7)).to.equal(undefined)
    build({ remoteLoginEndpoint: undefined })
    expect(await actFor('eve-1')).to.equal(undefined)
    expect(storage).to.deep.equal({})
  })

  for (const id of ['ann-1', 'EVE-1', ['eve-1'], '', true]) {
    it(`lets no application act for another owner than it named: ${inspect(id)}`, async () => {
      users.answer = sendsJson(200, { id })
      expect(await rejectionOf(() => actFor('eve-1'))).to.include({ status: 502, code: 'REMOTE_INVALID' })
      expectNothingStored([['findById', 'eve-1']])
    })
  }

  it('may ask to be remembered, which no model and no trust point sees or decides', async () => {
    users.answer = sendsJson(200, { ...graceThere, remember: true })
    owners.owners[0] = Object.assign({ ...local }, { remember: true })
    const { id: ownerId, ...own } = local
    for (const given of [own, credentials, { ...app, ownerId }]) {
      await logIn({ ...given, remember: 'on' })
      expect(storage.login?.remember).to.equal(true)
      await logIn({ ...given, remember: false })
      expect(storage.login?.remember).to.equal(undefined)
    }
    expect(takeBodies()).to.deep.equal([
      [credentials, credentials],
      [app, app],
    ])
    for (const [, subject] of owners.asked.filter(([question]) => question !== 'createOrUpdate'))
      expect(subject).not.to.have.property('remember')
  })

  type Api = ReturnType<AnySessions>
  /** How a session can begin that depends on a trust point. */
  const WAYS: Record<string, (api: Api, owner: MemoryOwner) => unknown> = {
    'a login': (api) => api.authenticate(credentials),
    'a login that is remembered': (api) => api.authenticate({ ...credentials, remember: true }),
    'login(owner)': (api, owner) => api.login(owner),
    'login(owner) with the id alone': (api, { id }) => api.login({ id }),
    'loginAs(owner)': (api, { id }) => api.loginAs({ id }),
    'an application for the owner': (api, { id }) => api.authenticate({ ...app, ownerId: id }),
    'an application for an owner of this cell': (api) => api.authenticate({ ...app, ownerId: 'ann-1' }),
  }
  for (const [what, begin] of Object.entries(WAYS)) {
    it(`stays logged in for remoteSessionSeconds, used and renewed or not, after ${what} (OWASP ASVS 7.4.2)`, async () => {
      const known = (await logIn(credentials)) as MemoryOwner
      const api = built.sessions({})
      await begin(api, known)
      const owner = (await api.owner()) as MemoryOwner
      clock.pass(SECONDS * 500)
      await api.renew(Object.assign(owner, { securityStamp: 'another' }))
      clock.pass(SECONDS * 500 - 1)
      expect(await api.owner()).to.equal(owner)
      clock.pass(1)
      expect(await api.owner()).to.equal(undefined)
      expect(built.chemicals.at(-1)).to.include({ type: 'SessionDenied', reason: 'TRUST_EXPIRED' })
    })
  }

  it("is asked for with the client's address, as far as the cell believes its proxy (OWASP ASVS 4.1.3)", async () => {
    users.answer = sendsJson(401)
    const dna = { remoteLoginEndpoint: users.endpoint }
    const site = await LoginApp.start({ store: new MemoryStore(), owners: [], dna })
    for (const forwarded of ['203.0.113.1, 192.0.2.7', '192.0.2.7:1234'])
      await site.client().post('/login', credentials, { 'x-forwarded-for': forwarded })
    await site.built.sessions({ req: { ip: '192.0.2.7' } }).authenticate(credentials)
    await site.stop()
    const addresses = users.requests.map(({ headers }) => headers['x-forwarded-for'])
    expect(addresses).to.deep.equal(['192.0.2.7', '192.0.2.7', undefined])
  })
})
