import { expect } from 'chai'
import { called, refused } from '../../support/called'
import { MemoryOwners } from '../../support/memory-owners'
import { rejectionOf } from '../../support/rejection'
import { buildSessions } from '../../support/sessions-organelle'

const ann = { id: 'ann-1' }

describe('logout', () => {
  it('makes the storage forget who is logged in and who acts, and no more', async () => {
    const { sessions } = buildSessions({ ownerModel: new MemoryOwners(ann) })
    const storage = { ownerId: 'ann-1', login: { actor: { id: 'app' } }, cart: [1] }
    expect(await called((callback) => sessions(storage).logout(callback))).to.have.length(0)
    expect(storage).to.deep.equal({ cart: [1] })
    expect(await sessions(storage).owner()).to.equal(undefined)
  })

  it('returns a promise of nothing without a callback', async () => {
    const { sessions } = buildSessions({ ownerModel: new MemoryOwners(ann) })
    const storage = { ownerId: 'ann-1' }
    const loggedOut: Promise<unknown> = sessions(storage).logout()
    expect(await loggedOut).to.equal(undefined)
    expect(storage).to.deep.equal({})
  })

  it('asks no model: who is gone can log out', async () => {
    const ownerModel = new MemoryOwners()
    const { sessions } = buildSessions({ ownerModel })
    await sessions({ ownerId: 'gone' }).logout()
    expect(ownerModel.asked).to.deep.equal([])
  })

  it('is no error where nobody is logged in, however often', async () => {
    const { sessions, chemicals } = buildSessions({ ownerModel: new MemoryOwners() })
    const api = sessions({})
    expect(await called((callback) => api.logout(callback))).to.have.length(0)
    await api.logout()
    expect(chemicals).to.deep.equal([])
  })

  it('leaves other storages of the same owner alone', async () => {
    const { sessions } = buildSessions({ ownerModel: new MemoryOwners(ann) })
    const [one, other] = [{ ownerId: 'ann-1' }, { ownerId: 'ann-1' }]
    await sessions(one).logout()
    expect(await sessions(other).owner()).to.equal(ann)
  })

  it('lets the owner log in again with the same api', async () => {
    const { sessions } = buildSessions({ ownerModel: new MemoryOwners(ann) })
    const api = sessions({ ownerId: 'ann-1' })
    await api.logout()
    api.login(ann)
    expect(await api.owner()).to.equal(ann)
  })

  for (const storage of [undefined, null]) {
    it(`is a 503 where the storage is ${String(storage)}: nobody was logged out`, async () => {
      const { sessions, chemicals } = buildSessions({ ownerModel: new MemoryOwners(ann) })
      const given = storage as undefined
      expect(await refused((callback) => sessions(given).logout(callback))).to.include({ status: 503 })
      expect(await rejectionOf(() => sessions(given).logout())).to.have.property('status', 503)
      expect(chemicals).to.deep.equal([])
    })

    it(`is a 503 at login too where the storage is ${String(storage)}, and no model is asked`, async () => {
      const ownerModel = new MemoryOwners(ann)
      const { sessions } = buildSessions({ ownerModel })
      expect(await refused((callback) => sessions(storage as undefined).login({}, callback))).to.include({
        status: 503,
      })
      expect(ownerModel.asked).to.deep.equal([])
    })
  }
})
