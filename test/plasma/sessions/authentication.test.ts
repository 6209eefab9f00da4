import { expect } from 'chai'
import { inspect } from 'node:util'
import { called, refused } from '../../support/called'
import { MemoryOwners } from '../../support/memory-owners'
import { rejectionOf } from '../../support/rejection'
import { buildSessions, type AnySessions, type BuiltSessions } from '../../support/sessions-organelle'

const ann = { id: 'ann-1', username: 'ann', password: 'correct horse' }
const credentials = { username: 'ann', password: 'correct horse' }
const wrong = { username: 'ann', password: 'wrong' }
const acting = { ownerId: 'ann-1', login: { actor: { id: 'app-1' } } }

type Api = ReturnType<AnySessions>

describe('a login to a plain object', () => {
  let owners: MemoryOwners
  let sessions: AnySessions

  beforeEach(() => {
    owners = new MemoryOwners(ann)
    sessions = buildSessions({ ownerModel: owners }).sessions
  })

  it('writes owner.id, and calls back once with the owner', async () => {
    const storage = { cart: [1] }
    expect(await called((callback) => sessions(storage).login(credentials, callback))).to.deep.equal([null, ann])
    expect(storage).to.deep.equal({ cart: [1], ownerId: 'ann-1' })
    expect(owners.asked).to.deep.equal([['findByCredentials', credentials]])
  })

  it('writes to any object, whatever else it holds, and to no other', async () => {
    const bare = Object.create(null) as object
    for (const storage of [{ req: {} }, { req: 'x' }, { req: null, save: 1 }, { save() {}, destroy() {} }, bare]) {
      expect(await sessions(storage).authenticate(credentials), inspect(storage)).to.equal(ann)
      expect(storage).to.have.property('ownerId', 'ann-1')
    }
    expect(await sessions({}).owner()).to.equal(undefined)
    await rejectionOf(() => sessions(Object.freeze({})).authenticate(credentials))
  })

  it('calls back without arguments if no owner has the credentials, and keeps who is logged in', async () => {
    const storage = structuredClone(acting)
    for (const given of [wrong, { username: 'bob', password: 'correct horse' }, { pin: '' }])
      expect(await called((callback) => sessions(storage).login(given, callback))).to.deep.equal([])
    expect(await sessions(storage).authenticate(wrong)).to.equal(undefined)
    await refused((callback) => sessions(storage).login([] as never, callback))
    expect(storage).to.deep.equal(acting)
  })

  for (const [owner, ownerId] of [
    [{ id: 'own', _id: 'mongo-1' }, 'own'],
    [{ id: null, _id: 'mongo-1' }, 'mongo-1'],
    [{ id: 0 }, 0],
    [{ _id: 0 }, 0],
  ] as const) {
    it(`writes ${inspect(ownerId)} for the owner ${inspect(owner)}, whichever way they log in`, async () => {
      owners.owners[0] = { ...owner, ...credentials }
      const ways: ((api: Api) => unknown)[] = [
        (api) => api.authenticate(credentials),
        (api) => api.loginAs({ ...owner, ...credentials }),
        (api) => api.login(owner),
      ]
      for (const logIn of ways) {
        const storage = structuredClone(acting)
        await logIn(sessions(storage))
        // The application that acted before is forgotten.
        expect(storage).to.deep.equal({ ownerId })
        expect(await sessions(storage).owner()).to.equal(owners.owners[0])
      }
    })
  }

  for (const owner of [{}, { id: undefined, _id: undefined }, { id: '' }, { ID: 7 }]) {
    it(`is an error that names id and _id for the owner ${inspect(owner)}, and writes nothing`, async () => {
      owners.owners[0] = { ...owner, ...credentials }
      const storage = structuredClone(acting)
      for (const logIn of [
        (api: Api) => api.authenticate(credentials),
        (api: Api) => api.login(owner),
        (api: Api) => api.loginAs(owner),
      ]) {
        const error = await rejectionOf(() => logIn(sessions(storage)))
        expect(error.message).to.match(/\bid\b.*_id/)
        expect(inspect(error, { depth: Infinity })).not.to.include(credentials.password)
      }
      expect(storage).to.deep.equal(acting)
    })
  }
})

describe('who is logged in to a plain object', () => {
  for (const name of ['owner', 'user'] as const) {
    it(`is found by ${name}, with a callback or by promise`, async () => {
      const ownerModel = new MemoryOwners(ann)
      const api = buildSessions({ ownerModel }).sessions({ ownerId: 'ann-1' })
      expect(await called((callback) => api[name](callback))).to.deep.equal([null, ann])
      expect(await api[name]()).to.equal(ann)
      expect(ownerModel.asked).to.deep.equal(Array(2).fill(['findById', 'ann-1']))
    })
  }

  it('is nobody, and no model is asked, without an ownerId', async () => {
    const ownerModel = new MemoryOwners(ann, { id: undefined }, {})
    const { sessions } = buildSessions({ ownerModel })
    for (const storage of [{}, { ownerId: undefined }, { ownerId: null }, { ownerId: '' }, { login: acting.login }])
      expect(await called((callback) => sessions(storage).owner(callback)), inspect(storage)).to.deep.equal([])
    expect(ownerModel.asked).to.deep.equal([])
  })

  it('is nobody once the owner no longer exists, and the storage forgets them and no more', async () => {
    const { sessions } = buildSessions({ ownerModel: new MemoryOwners(ann) })
    const storage = { ...structuredClone(acting), ownerId: 'gone', cart: [1] }
    expect(await called((callback) => sessions(storage).user(callback))).to.deep.equal([])
    expect(storage).to.deep.equal({ cart: [1] })
  })

  it('stays logged in if the owner before them turns out to be gone', async () => {
    const { sessions } = buildSessions({ ownerModel: new MemoryOwners(ann) })
    const storage = { ownerId: 'gone' }
    const before = sessions(storage).owner()
    sessions(storage).login({ id: 'ann-1' })
    expect(await before).to.equal(undefined)
    expect(storage).to.deep.equal({ ownerId: 'ann-1' })
  })

  it('has an actor if an application acts for them, and cannot be remembered', () => {
    const { sessions } = buildSessions({ ownerModel: new MemoryOwners(ann) })
    expect(sessions(acting).actor()).to.deep.equal({ id: 'app-1' })
    expect(sessions(acting).remembers()).to.equal(false)
    for (const storage of [{}, { ownerId: 'ann-1' }, { ownerId: 'ann-1', login: {} }, { actor: { id: 'app-1' } }])
      expect(sessions(storage).actor(), inspect(storage)).to.equal(undefined)
  })
})

describe('a logout from a plain object', () => {
  it('forgets who is logged in and who acts, and no more, without asking a model', async () => {
    const ownerModel = new MemoryOwners(ann)
    const { sessions } = buildSessions({ ownerModel })
    const [storage, other] = [{ ...structuredClone(acting), cart: [1] }, structuredClone(acting)]
    expect(await called((callback) => sessions(storage).logout(callback))).to.deep.equal([])
    expect([storage, other]).to.deep.equal([{ cart: [1] }, acting])
    expect(ownerModel.asked).to.deep.equal([])
  })
})

describe('a renewal in a plain object', () => {
  const changed = { ...ann, securityStamp: 'two' }

  it('keeps what the login says but the stamp, and the rest of the object', async () => {
    const { sessions, chemicals } = buildSessions({ ownerModel: new MemoryOwners(changed) })
    const how = { actor: { id: 'app-1' }, trustedUntil: Date.now() + 60_000, remember: true }
    const storage = { ownerId: 'ann-1', login: { ...how, stamp: 'one' }, cart: [1] }
    await sessions(storage).renew(changed)
    expect(storage).to.deep.equal({ ownerId: 'ann-1', login: { ...how, stamp: 'two' }, cart: [1] })
    expect([await sessions(storage).owner(), chemicals]).to.deep.equal([changed, []])
    await sessions(storage).renew({ id: 'ann-1' })
    expect(storage.login).to.deep.equal(how)
  })

  for (const [who, storage, owner] of [
    ['nobody', {}, ann],
    ['somebody else', { ownerId: 'bob-1' }, ann],
    ['an owner whose id only looks the same', { ownerId: 1 }, { id: '1' }],
    ['an application that acts for somebody else', { ...acting, ownerId: 'bob-1' }, ann],
    ['an owner who turns out to have no id', { ownerId: 'ann-1' }, {}],
  ] as const) {
    it(`is refused to ${who}, and changes nothing (OWASP ASVS 7.2.4)`, async () => {
      const { sessions, chemicals } = buildSessions({ ownerModel: new MemoryOwners(ann) })
      const before = structuredClone(storage)
      const error = await rejectionOf(() => sessions(storage).renew(owner))
      expect(error)
        .to.have.property('message')
        .that.matches(/^Log in first\.$|neither an id/)
      expect([storage, chemicals]).to.deep.equal([before, []])
    })
  }
})

describe('a failure', () => {
  const everything: Record<string, (api: Api) => unknown> = {
    owner: (api) => api.owner(),
    list: (api) => api.list(),
    end: (api) => api.end('A'.repeat(43)),
    endOthers: (api) => api.endOthers(),
    authenticate: (api) => api.authenticate(credentials),
    loginAs: (api) => api.loginAs(ann),
    login: (api) => api.login({ id: 'ann-1' }),
    logout: (api) => api.logout(),
    renew: (api) => api.renew(ann),
    actor: (api) => api.actor(),
    remembers: (api) => api.remembers(),
  }

  for (const [what, ask] of Object.entries(everything)) {
    it(`is a 503 for ${what} without a storage, and asks no model`, async () => {
      const ownerModel = new MemoryOwners(ann)
      const { sessions } = buildSessions({ ownerModel })
      for (const storage of [undefined, null] as undefined[])
        expect(await rejectionOf(() => ask(sessions(storage)))).to.include({ status: 503, code: 'STORE_UNAVAILABLE' })
      expect(ownerModel.asked).to.deep.equal([])
    })
  }

  for (const what of ['owner', 'list', 'end', 'endOthers']) {
    it(`of the model is an error for ${what}, and logs nobody out (OWASP ASVS 16.5.3)`, async () => {
      const findById = (): Promise<never> => Promise.reject(new Error('no database'))
      const built: BuiltSessions = buildSessions({ ownerModel: Object.assign(new MemoryOwners(ann), { findById }) })
      const storage = structuredClone(acting)
      const { message } = await rejectionOf(() => everything[what]?.(built.sessions(storage)))
      expect([message, storage, built.chemicals]).to.deep.equal(['no database', acting, []])
    })
  }
})
