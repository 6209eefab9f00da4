import { expect } from 'chai'
import { called, refused } from '../../support/called'
import { MemoryOwners } from '../../support/memory-owners'
import { buildSessions } from '../../support/sessions-organelle'
import { TrustPoint } from '../../support/trust-point'

const credentials = { username: 'ann', password: 'correct horse' }

describe('what a trust point is asked', () => {
  let point: TrustPoint
  beforeEach(async () => {
    point = await TrustPoint.answering(200, { id: 'remote-1' })
  })
  afterEach(() => point.stop())

  const sessionsOf = (ownerModel: unknown): ReturnType<typeof buildSessions>['sessions'] =>
    buildSessions({ ownerModel, remoteLoginEndpoint: point.endpoint }).sessions

  it('is the credentials as JSON, by POST, for JSON', async () => {
    await called((callback) => sessionsOf(new MemoryOwners())({}).login({ ...credentials, name: 'Änne' }, callback))
    expect(point.requests).to.have.length(1)
    const [request] = point.requests
    expect(request).to.include({ method: 'POST', path: '/api/login' })
    expect(request?.body).to.deep.equal({ ...credentials, name: 'Änne' })
    expect(request?.headers).to.include({ accept: 'application/json', 'content-type': 'application/json' })
    expect(request?.headers).not.to.have.any.keys('cookie', 'authorization', 'referer')
  })

  it('keeps the query of its endpoint', async () => {
    const { sessions } = buildSessions({
      ownerModel: new MemoryOwners(),
      remoteLoginEndpoint: `${point.endpoint}?cell=7`,
    })
    await called((callback) => sessions({}).login(credentials, callback))
    expect(point.requests[0]?.path).to.equal('/api/login?cell=7')
  })

  it('is nothing where the owner is found here', async () => {
    const sessions = sessionsOf(new MemoryOwners({ id: 'local-1', ...credentials }))
    const storage = {}
    await called((callback) => sessions(storage).login(credentials, callback))
    expect(storage).to.deep.equal({ ownerId: 'local-1' })
    expect(point.requests).to.deep.equal([])
  })

  it('is nothing for a login with an owner, for who is logged in, and for a logout', async () => {
    const sessions = sessionsOf(new MemoryOwners())
    const storage = {}
    sessions(storage).login({ id: 'ann-1' })
    await sessions(storage).owner()
    await sessions(storage).logout()
    expect(point.requests).to.deep.equal([])
  })

  it('is nothing for credentials that are no object', async () => {
    await refused((callback) => sessionsOf(new MemoryOwners())({}).login([credentials] as never, callback))
    expect(point.requests).to.deep.equal([])
  })

  it('is nothing where the model here fails', async () => {
    const failing = Object.assign(new MemoryOwners(), {
      findByCredentials: () => Promise.reject(new Error('no database')),
    })
    expect((await refused((callback) => sessionsOf(failing)({}).login(credentials, callback))).message).to.equal(
      'no database',
    )
    expect(point.requests).to.deep.equal([])
  })

  it('is nothing without a storage', async () => {
    await refused((callback) => sessionsOf(new MemoryOwners())(undefined).login(credentials, callback))
    expect(point.requests).to.deep.equal([])
  })

  it('is nothing where the credentials cannot be JSON, which is a 400', async () => {
    const circular: Record<string, unknown> = {}
    circular['self'] = circular
    for (const unfit of [circular, { size: 1n }]) {
      const error = await refused((callback) => sessionsOf(new MemoryOwners())({}).login(unfit, callback))
      expect(error).to.include({ status: 400, code: 'INVALID_CREDENTIALS_SHAPE' })
    }
    expect(point.requests).to.deep.equal([])
  })

  it('is asked at every login, and its latest answer is kept', async () => {
    const ownerModel = new MemoryOwners()
    const sessions = sessionsOf(ownerModel)
    await called((callback) => sessions({}).login(credentials, callback))
    await called((callback) => sessions({}).login(credentials, callback))
    expect(point.requests).to.have.length(2)
    expect(ownerModel.asked.filter(([question]) => question === 'createOrUpdate')).to.have.length(2)
  })

  it('is not for an owner whom the model will not keep', async () => {
    const refusing = Object.assign(new MemoryOwners(), { createOrUpdate: () => Promise.reject(new Error('not ours')) })
    const storage = {}
    const error = await refused((callback) => sessionsOf(refusing)(storage).login(credentials, callback))
    expect(error.message).to.equal('not ours')
    expect(storage).to.deep.equal({})
  })

  it('is not for an owner whom the model keeps without an id', async () => {
    const ownerModel = Object.assign(new MemoryOwners(), { createOrUpdate: () => Promise.resolve({}) })
    const storage = {}
    await refused((callback) => sessionsOf(ownerModel)(storage).login(credentials, callback))
    expect(storage).to.deep.equal({})
  })
})
