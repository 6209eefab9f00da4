import { expect } from 'chai'
import { inspect } from 'node:util'
import { called, refused } from '../../support/called'
import { MemoryOwners } from '../../support/memory-owners'
import { buildSessions, type BuiltSessions } from '../../support/sessions-organelle'
import { TrustPoint } from '../../support/trust-point'
import { withoutTimes } from '../../support/without-times'

const own = { appname: 'billing', password: 'app secret' }
const credentials = { ...own, ownerId: 'ann-1' }
const ann = { id: 'ann-1' }

describe('an application that logs in for an owner', () => {
  let points: TrustPoint[] = []
  let applications: TrustPoint
  let users: TrustPoint
  let ownerModel: MemoryOwners

  afterEach(async () => {
    await Promise.all(points.splice(0).map((point) => point.stop()))
    points = []
  })

  /** The applications' trust point answers the first, the users' one (where there is any) the second. */
  async function start(application: [number, unknown?], user?: [number, unknown?]): Promise<BuiltSessions> {
    applications = await TrustPoint.answering(...application)
    users = await TrustPoint.answering(...(user ?? [500]))
    points.push(applications, users)
    ownerModel = new MemoryOwners(ann)
    return buildSessions({
      ownerModel,
      remoteAuthenticateEndpoint: applications.endpoint,
      ...(user ? { remoteLoginEndpoint: users.endpoint } : {}),
    })
  }

  it('is authenticated with its credentials, without the ownerId', async () => {
    const { sessions } = await start([200, { id: 'app-1' }], [200, ann])
    const storage = {}
    expect(await called((callback) => sessions(storage).login(credentials, callback))).to.deep.equal([null, ann])
    expect(applications.requests.map(({ method, body }) => ({ method, body }))).to.deep.equal([
      { method: 'POST', body: own },
    ])
    expect(users.requests).to.deep.equal([])
    expect(ownerModel.asked).to.deep.equal([['findById', 'ann-1']])
  })

  for (const [application, actor] of [
    [{ id: 'app-1', secret: 'of the app' }, { id: 'app-1' }],
    [{ _id: 'app-1' }, { id: 'app-1' }],
    [{ id: 7 }, { id: 7 }],
  ] as const) {
    it(`is recorded as actor, by its id and nothing else: ${inspect(application)}`, async () => {
      const { sessions, chemicals } = await start([200, application])
      const storage = {}
      await called((callback) => sessions(storage).login(credentials, callback))
      expect(withoutTimes(storage)).to.deep.equal({ ownerId: 'ann-1', login: { actor } })
      expect(chemicals.map(({ type, ownerId, actor: told }) => [type, ownerId, told])).to.deep.equal([
        ['SessionLogin', 'ann-1', actor],
      ])
    })
  }

  it('is no user: what a cell of users answers names no application, and lets nobody act for others (OWASP ASVS 8.3.3)', async () => {
    const { sessions } = await start([200, { id: 'eve-1', username: 'eve' }])
    const storage = {}
    expect(await refused((callback) => sessions(storage).login(credentials, callback))).to.include({
      code: 'REMOTE_INVALID',
    })
    expect(storage).to.deep.equal({})
  })

  for (const application of [
    {},
    { error: 'wrong' },
    { id: null },
    { id: '' },
    { id: { a: 'b' } },
    { id: ['app-1'] },
    { id: 1.5 },
  ]) {
    it(`is nobody where its trust point names none: ${inspect(application)}`, async () => {
      const { sessions } = await start([200, application])
      const storage = {}
      expect(await refused((callback) => sessions(storage).login(credentials, callback))).to.include({
        code: 'REMOTE_INVALID',
      })
      expect(storage).to.deep.equal({})
    })
  }

  it('is no longer the actor once the owner himself logs in', async () => {
    const { sessions } = await start([200, { id: 'app-1' }])
    ownerModel.owners.push({ id: 'bob-1', username: 'bob', password: 'bob secret' })
    const storage = {}
    await called((callback) => sessions(storage).login(credentials, callback))
    await called((callback) => sessions(storage).login({ username: 'bob', password: 'bob secret' }, callback))
    expect(storage).to.deep.equal({ ownerId: 'bob-1' })
  })

  for (const status of [401, 403, 404]) {
    it(`is not found, and no model is asked, where its trust point answers ${status}`, async () => {
      const { sessions } = await start([status], [200, ann])
      const storage = {}
      expect(await called((callback) => sessions(storage).login(credentials, callback))).to.have.length(0)
      expect(storage).to.deep.equal({})
      expect(ownerModel.asked).to.deep.equal([])
      expect(users.requests).to.deep.equal([])
    })
  }

  const app = { id: 'app-1' }
  for (const [status, body] of [[500], [204], [201, app], [200, [app]], [200, 'app-1'], [200]] as const) {
    it(`is a 502, and no model is asked, where that answers ${status} with ${inspect(body)}`, async () => {
      const { sessions } = await start([status, body], [200, ann])
      const storage = {}
      expect(await refused((callback) => sessions(storage).login(credentials, callback))).to.include({
        code: 'REMOTE_INVALID',
      })
      expect(storage).to.deep.equal({})
      expect(ownerModel.asked).to.deep.equal([])
      expect(users.requests).to.deep.equal([])
    })
  }

  describe('who is not known here', () => {
    const absent = { ...own, ownerId: 'eve-1' }

    it('is not found where there is no trust point for users', async () => {
      const { sessions } = await start([200, { id: 'app-1' }])
      const storage = {}
      expect(await called((callback) => sessions(storage).login(absent, callback))).to.have.length(0)
      expect(storage).to.deep.equal({})
    })

    it('is asked for with all the credentials, and kept', async () => {
      const { sessions } = await start([200, { id: 'app-1' }], [200, { id: 'eve-1', name: 'Eve' }])
      const storage = {}
      await called((callback) => sessions(storage).login(absent, callback))
      expect(users.requests.map(({ body }) => body)).to.deep.equal([absent])
      expect(ownerModel.asked).to.deep.equal([
        ['findById', 'eve-1'],
        ['createOrUpdate', { id: 'eve-1', name: 'Eve' }],
      ])
      expect(withoutTimes(storage)).to.deep.equal({ ownerId: 'eve-1', login: { actor: { id: 'app-1' } } })
    })

    it('may have a number for an id, given as a text', async () => {
      const { sessions } = await start([200, { id: 'app-1' }], [200, { id: 7 }])
      const storage = {}
      await called((callback) => sessions(storage).login({ ...own, ownerId: '7' }, callback))
      expect(withoutTimes(storage)).to.deep.equal({ ownerId: 7, login: { actor: { id: 'app-1' } } })
    })

    for (const id of ['ann-1', 'EVE-1', ['eve-1'], { toString: 'eve-1' }, '', true]) {
      const body = { id }
      it(`is a 502, and nothing is written, where the answer is another owner: ${JSON.stringify(body)}`, async () => {
        const { sessions } = await start([200, { id: 'app-1' }], [200, body])
        const storage = {}
        expect(await refused((callback) => sessions(storage).login(absent, callback))).to.include({
          code: 'REMOTE_INVALID',
        })
        expect(storage).to.deep.equal({})
        expect(ownerModel.asked).to.deep.equal([['findById', 'eve-1']])
      })
    }

    for (const [answer, code] of [
      [[401], undefined],
      [[404], undefined],
      [[500], 'REMOTE_INVALID'],
    ] as const) {
      it(`is ${code ?? 'not found'} where the trust point for users answers ${answer[0]}`, async () => {
        const { sessions } = await start([200, { id: 'app-1' }], [...answer])
        const storage = {}
        const [error] = await called((callback) => sessions(storage).login(absent, callback))
        expect((error as { code?: string } | undefined)?.code).to.equal(code)
        expect(storage).to.deep.equal({})
      })
    }
  })

  for (const ownerId of [{}, { $ne: '' }, [], ['ann-1'], null, true, false, '', () => 'ann-1']) {
    it(`is a 400, and nobody is asked, for an ownerId that is none: ${inspect(ownerId)}`, async () => {
      const { sessions } = await start([200, { id: 'app-1' }], [200, ann])
      const storage = {}
      const error = await refused((callback) => sessions(storage).login({ ...own, ownerId }, callback))
      expect(error).to.include({ status: 400, code: 'INVALID_CREDENTIALS_SHAPE' })
      expect(storage).to.deep.equal({})
      expect(ownerModel.asked).to.deep.equal([])
      expect([...applications.requests, ...users.requests]).to.deep.equal([])
    })
  }

  it('is a 400 without a word of the credentials where no trust point for applications is named', async () => {
    users = await TrustPoint.answering(200, ann)
    points.push(users)
    ownerModel = new MemoryOwners(ann)
    const { sessions } = buildSessions({ ownerModel, remoteLoginEndpoint: users.endpoint })
    const storage = {}
    const error = await refused((callback) => sessions(storage).login(credentials, callback))
    expect(error).to.include({ status: 400, code: 'INVALID_CREDENTIALS_SHAPE' })
    for (const secret of Object.values(credentials)) expect(inspect(error, { depth: Infinity })).not.to.include(secret)
    expect(storage).to.deep.equal({})
    expect(ownerModel.asked).to.deep.equal([])
    expect(users.requests).to.deep.equal([])
  })
})
