import { expect } from 'chai'
import { inspect } from 'node:util'
import { called, refused } from '../../support/called'
import { MemoryOwners } from '../../support/memory-owners'
import { rejectionOf } from '../../support/rejection'
import { buildSessions } from '../../support/sessions-organelle'

const ann = { id: 'ann-1', username: 'ann', password: 'correct horse' }
const credentials = { username: 'ann', password: 'correct horse' }

describe('login with credentials', () => {
  it('writes owner.id to the storage and answers with the owner', async () => {
    const ownerModel = new MemoryOwners(ann)
    const { sessions } = buildSessions({ ownerModel })
    const storage = { cart: [1] }
    expect(await called((callback) => sessions(storage).login(credentials, callback))).to.deep.equal([null, ann])
    expect(storage).to.deep.equal({ cart: [1], ownerId: 'ann-1' })
    expect(ownerModel.asked).to.deep.equal([['findByCredentials', credentials]])
  })

  it('passes the strings to the model unchanged', async () => {
    const ownerModel = new MemoryOwners()
    const given = { username: ' Ann ', password: '', 'e-mail': 'x'.repeat(1024), constructor: '\0' }
    await called((callback) => buildSessions({ ownerModel }).sessions({}).login(given, callback))
    expect(ownerModel.asked[0]?.[1]).to.deep.equal(given)
  })

  it('returns a promise of the owner, or of undefined, from authenticate', async () => {
    const { sessions } = buildSessions({ ownerModel: new MemoryOwners(ann) })
    const storage = {}
    expect(await sessions(storage).authenticate({ ...credentials, password: 'wrong' })).to.equal(undefined)
    expect(storage).to.deep.equal({})
    expect(await sessions(storage).authenticate(credentials)).to.equal(ann)
    expect(storage).to.deep.equal({ ownerId: 'ann-1' })
    expect(await rejectionOf(() => sessions(storage).authenticate({}))).to.include({
      code: 'INVALID_CREDENTIALS_SHAPE',
    })
  })

  for (const [owner, ownerId] of [
    [{ _id: 'mongo-1' }, 'mongo-1'],
    [{ id: 'own', _id: 'mongo-1' }, 'own'],
    [{ id: null, _id: 'mongo-1' }, 'mongo-1'],
    [{ id: 0 }, 0],
    [{ _id: 0 }, 0],
  ] as const) {
    it(`writes ${inspect(ownerId)} for the owner ${inspect(owner)}, and finds him again`, async () => {
      const found = { ...owner, username: 'ann', password: 'correct horse' }
      const ownerModel = new MemoryOwners(found)
      const { sessions } = buildSessions({ ownerModel })
      const storage: { ownerId?: unknown } = {}
      await called((callback) => sessions(storage).login(credentials, callback))
      expect(storage.ownerId).to.equal(ownerId)
      await sessions(storage).owner()
      expect(ownerModel.asked.at(-1)).to.deep.equal(['findById', ownerId])
    })
  }

  for (const owner of [{}, { id: undefined, _id: undefined }, { id: null }, { id: '' }, { ID: 7 }]) {
    it(`is an error that says so for an owner without an id: ${inspect(owner)}`, async () => {
      const { sessions } = buildSessions({ ownerModel: new MemoryOwners({ ...owner, ...credentials }) })
      const storage = {}
      const error = await refused((callback) => sessions(storage).login(credentials, callback))
      expect(error.message).to.match(/\bid\b.*_id/)
      expect(storage).to.deep.equal({})
    })
  }

  for (const wrong of [
    { username: 'ann', password: 'wrong' },
    { username: 'bob', password: 'correct horse' },
    { pin: '' },
  ]) {
    it(`is a callback without arguments where no owner has them: ${inspect(wrong)}`, async () => {
      const { sessions } = buildSessions({ ownerModel: new MemoryOwners(ann) })
      const storage = {}
      expect(await called((callback) => sessions(storage).login(wrong, callback))).to.have.length(0)
      expect(storage).to.deep.equal({})
    })
  }

  it('leaves who is logged in logged in where it fails', async () => {
    const { sessions } = buildSessions({ ownerModel: new MemoryOwners(ann) })
    const storage = { ownerId: 'bob-1', login: { actor: { id: 'app' } } }
    await called((callback) => sessions(storage).login({ username: 'ann', password: 'wrong' }, callback))
    await refused((callback) => sessions(storage).login([] as never, callback))
    expect(storage).to.deep.equal({ ownerId: 'bob-1', login: { actor: { id: 'app' } } })
  })

  for (const shape of [null, undefined, 'ann', '', 7, true, [], [credentials], () => credentials]) {
    it(`is a 400 for credentials that are no object: ${inspect(shape)}`, async () => {
      const ownerModel = new MemoryOwners(ann)
      const { sessions } = buildSessions({ ownerModel })
      const storage = {}
      const error = await refused((callback) => sessions(storage).login(shape as never, callback))
      expect(error).to.include({ status: 400, code: 'INVALID_CREDENTIALS_SHAPE' })
      expect(ownerModel.asked).to.deep.equal([])
      expect(storage).to.deep.equal({})
    })
  }

  it('takes a plain object whatever else it holds', async () => {
    const { sessions } = buildSessions({ ownerModel: new MemoryOwners(ann) })
    const bare = Object.create(null) as object
    for (const storage of [{ req: {} }, { req: 'x' }, { req: null }, { save: 1, regenerate: 1 }, bare]) {
      const answer = await called((callback) => sessions(storage).login(credentials, callback))
      expect(answer, inspect(storage)).to.deep.equal([null, ann])
      expect(storage).to.have.property('ownerId', 'ann-1')
    }
  })

  it('is an error for a storage that cannot be written', async () => {
    const { sessions } = buildSessions({ ownerModel: new MemoryOwners(ann) })
    await refused((callback) => sessions(Object.freeze({})).login(credentials, callback))
  })

  it('keeps two storages apart', async () => {
    const { sessions } = buildSessions({ ownerModel: new MemoryOwners(ann) })
    const [one, other] = [{}, {}]
    await called((callback) => sessions(one).login(credentials, callback))
    expect(await sessions(other).owner()).to.equal(undefined)
    expect(await sessions(one).owner()).to.equal(ann)
  })
})

describe('login with an owner', () => {
  for (const [owner, ownerId] of [
    [{ id: 'ann-1' }, 'ann-1'],
    [{ _id: 'mongo-1' }, 'mongo-1'],
    [{ id: 0 }, 0],
  ] as const) {
    it(`writes ${inspect(ownerId)} at once, asks nobody and returns nothing`, () => {
      const ownerModel = new MemoryOwners()
      const { sessions } = buildSessions({ ownerModel })
      const storage: { ownerId?: unknown } = {}
      const login: (given: object) => unknown = (given) => sessions(storage).login(given)
      expect(login(owner)).to.equal(undefined)
      expect(storage.ownerId).to.equal(ownerId)
      expect(ownerModel.asked).to.deep.equal([])
    })
  }

  for (const owner of [{}, { id: null }, { id: '' }, null, undefined, 'ann', 7, () => ann]) {
    it(`throws for what has no id, and leaves the storage alone: ${inspect(owner)}`, async () => {
      const { sessions } = buildSessions({ ownerModel: new MemoryOwners() })
      const storage = { ownerId: 'bob-1' }
      expect(() => sessions(storage).login(owner as never)).to.throw()
      await rejectionOf(() => sessions(storage).loginAs(owner as never))
      expect(storage).to.deep.equal({ ownerId: 'bob-1' })
    })
  }

  it('saves and resolves to nothing with loginAs, whatever fields the owner has', async () => {
    const ownerModel = new MemoryOwners()
    const storage = {}
    expect(await buildSessions({ ownerModel }).sessions(storage).loginAs(ann)).to.equal(undefined)
    expect(storage).to.deep.equal({ ownerId: 'ann-1' })
    expect(ownerModel.asked).to.deep.equal([])
  })

  it('says which names an id may have', () => {
    const { sessions } = buildSessions({ ownerModel: new MemoryOwners() })
    expect(() => sessions({}).login({ username: 'ann' })).to.throw(/\bid\b.*_id/)
  })

  it('throws without a storage', () => {
    const { sessions } = buildSessions({ ownerModel: new MemoryOwners() })
    expect(() => sessions(undefined).login(ann))
      .to.throw()
      .with.property('status', 503)
  })

  it('forgets the application that acted before', () => {
    const { sessions } = buildSessions({ ownerModel: new MemoryOwners() })
    const storage = { ownerId: 'bob-1', login: { actor: { id: 'app' } } }
    sessions(storage).login({ id: 'ann-1' })
    expect(storage).to.deep.equal({ ownerId: 'ann-1' })
  })
})
