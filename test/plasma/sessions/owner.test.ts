import { expect } from 'chai'
import { inspect } from 'node:util'
import { called, refused } from '../../support/called'
import { MemoryOwners, type MemoryOwner } from '../../support/memory-owners'
import { rejectionOf } from '../../support/rejection'
import { buildSessions } from '../../support/sessions-organelle'

const ann = { id: 'ann-1' }

for (const name of ['owner', 'user'] as const) {
  describe(name, () => {
    it('answers with the owner whose id is in the storage', async () => {
      const ownerModel = new MemoryOwners(ann)
      const { sessions } = buildSessions({ ownerModel })
      expect(await called((callback) => sessions({ ownerId: 'ann-1' })[name](callback))).to.deep.equal([null, ann])
      expect(ownerModel.asked).to.deep.equal([['findById', 'ann-1']])
    })

    it('returns a promise of the owner without a callback', async () => {
      const { sessions } = buildSessions({ ownerModel: new MemoryOwners(ann) })
      expect(await sessions({ ownerId: 'ann-1' })[name]()).to.equal(ann)
    })

    for (const storage of [
      {},
      { ownerId: undefined },
      { ownerId: null },
      { ownerId: '' },
      { login: { actor: { id: 'app' } } },
    ]) {
      it(`answers without arguments, and asks no model, where nobody is logged in: ${inspect(storage)}`, async () => {
        const ownerModel = new MemoryOwners(ann, { id: undefined }, {})
        const { sessions } = buildSessions({ ownerModel })
        expect(await called((callback) => sessions(storage)[name](callback))).to.have.length(0)
        expect(await sessions(storage)[name]()).to.equal(undefined)
        expect(ownerModel.asked).to.deep.equal([])
      })
    }

    it('answers without arguments where the owner no longer exists, and the storage forgets him and no more', async () => {
      const { sessions } = buildSessions({ ownerModel: new MemoryOwners(ann) })
      const storage = { ownerId: 'gone', login: { actor: { id: 'app' } }, cart: [1] }
      expect(await called((callback) => sessions(storage)[name](callback))).to.have.length(0)
      expect(storage).to.deep.equal({ cart: [1] })
    })

    it('promises nothing where the owner no longer exists, and the storage forgets him', async () => {
      const { sessions } = buildSessions({ ownerModel: new MemoryOwners() })
      const storage = { ownerId: 'gone' }
      expect(await sessions(storage)[name]()).to.equal(undefined)
      expect(storage).to.deep.equal({})
    })

    it('does not log out who logged in while it found that the one before no longer exists', async () => {
      const { sessions } = buildSessions({ ownerModel: new MemoryOwners(ann) })
      const storage = { ownerId: 'gone' }
      const before = sessions(storage)[name]()
      sessions(storage).login(ann)
      expect(await before).to.equal(undefined)
      expect(storage).to.deep.equal({ ownerId: 'ann-1' })
    })

    for (const [fails, findById] of [
      [
        'throws',
        (): never => {
          throw new Error('no database')
        },
      ],
      ['rejects', (): Promise<never> => Promise.reject(new Error('no database'))],
      ['calls back an error', (_id: unknown, callback: (error: Error) => void) => callback(new Error('no database'))],
    ] as const) {
      it(`never logs anyone out where the model ${fails}`, async () => {
        const ownerModel = Object.assign(new MemoryOwners(), { findById })
        const { sessions } = buildSessions({ ownerModel })
        const storage = { ownerId: 'ann-1', login: { actor: { id: 'app' } } }
        expect((await refused((callback) => sessions(storage)[name](callback))).message).to.equal('no database')
        expect(await rejectionOf(() => sessions(storage)[name]())).to.have.property('message', 'no database')
        expect(storage).to.deep.equal({ ownerId: 'ann-1', login: { actor: { id: 'app' } } })
      })
    }

    for (const storage of [undefined, null]) {
      it(`is a 503 and never "nobody" where the storage is ${String(storage)}`, async () => {
        const { sessions } = buildSessions({ ownerModel: new MemoryOwners(ann) })
        const given = storage as undefined
        expect(await refused((callback) => sessions(given)[name](callback))).to.include({ status: 503 })
        expect(await rejectionOf(() => sessions(given)[name]())).to.have.property('status', 503)
      })
    }

    it('reads the storage at every call', async () => {
      const bob = { id: 'bob-1' }
      const { sessions } = buildSessions({ ownerModel: new MemoryOwners(ann, bob) })
      const storage: { ownerId?: string } = { ownerId: 'ann-1' }
      const api = sessions(storage)
      expect(await api[name]()).to.equal(ann)
      storage.ownerId = 'bob-1'
      expect(await api[name]()).to.equal(bob)
      delete storage.ownerId
      expect(await api[name]()).to.equal(undefined)
    })
  })
}

describe('the api of a storage', () => {
  it('lets the functions be taken off the api', async () => {
    const { sessions } = buildSessions({ ownerModel: new MemoryOwners(ann) })
    const storage = {}
    // eslint-disable-next-line @typescript-eslint/unbound-method -- whether they can be unbound is the question
    const { login, owner, logout } = sessions(storage)
    login(ann)
    expect(await owner()).to.equal(ann)
    await logout()
    expect(storage).to.deep.equal({})
  })

  it('calls the functions of the model as its methods', async () => {
    class Owners {
      static readonly kept: MemoryOwner[] = [ann]
      static createOrUpdate(): void {
        throw new Error('not asked')
      }
      static findByCredentials(): Promise<MemoryOwner | undefined> {
        return Promise.resolve(this.kept[0])
      }
      static findById(id: unknown): Promise<MemoryOwner | undefined> {
        return Promise.resolve(this.kept.find((owner) => owner.id === id))
      }
    }
    const { sessions } = buildSessions({ ownerModel: Owners })
    const storage = {}
    expect(await called((callback) => sessions(storage).login({ username: 'ann' }, callback))).to.deep.equal([
      null,
      ann,
    ])
    expect(await sessions(storage).user()).to.equal(ann)
  })
})
