import { expect } from 'chai'
import { MemoryStore, type Store } from 'express-session'
import { SqlStore } from '../../../plasma/express-sessions/stores/sql'
import type { Client } from '../../support/client'
import { LoginApp, whoIs } from '../../support/login-app'
import { MemoryOwners } from '../../support/memory-owners'
import { rejectionOf } from '../../support/rejection'
import { openReopenableDatabase, type ReopenableDatabase } from '../../support/reopenable-database'
import { buildSessions } from '../../support/sessions-organelle'

const ann = { id: 'ann-1', username: 'ann', password: 'correct horse', securityStamp: 'one' }
const bob = { id: 'bob-1', username: 'bob', password: 'battery staple' }
const changed = { ...ann, securityStamp: 'two' }
const LIFETIMES = { idle: 60_000, absolute: 600_000, touch: 10_000 }

describe('renew, in a plain object', () => {
  it('keeps what the login says but the stamp, and the rest of the object', async () => {
    const { sessions, chemicals } = buildSessions({ ownerModel: new MemoryOwners(changed) })
    const how = { actor: { id: 'app-1' }, trustedUntil: Date.now() + 60_000, remember: true }
    const storage = { ownerId: 'ann-1', login: { ...how, stamp: 'one' }, cart: [1] }
    await sessions(storage).renew(changed)
    expect(storage).to.deep.equal({ ownerId: 'ann-1', login: { ...how, stamp: 'two' }, cart: [1] })
    expect([await sessions(storage).owner(), chemicals]).to.deep.equal([changed, []])
  })

  for (const [who, storage, owner] of [
    ['nobody', {}, ann],
    ['somebody else', { ownerId: 'bob-1' }, ann],
    ['an owner whose id only looks the same', { ownerId: 1 }, { id: '1' }],
    ['an application that acts for somebody else', { ownerId: 'bob-1', login: { actor: { id: 'app-1' } } }, ann],
  ] as const) {
    it(`is refused to ${who}, and changes nothing (OWASP ASVS 7.2.4)`, async () => {
      const { sessions, chemicals } = buildSessions({ ownerModel: new MemoryOwners(ann, bob) })
      const before = structuredClone(storage)
      const error = await rejectionOf(() => sessions(storage).renew(owner))
      expect(error).to.include({ status: 401, code: 'LOGIN_REQUIRED' })
      expect([storage, chemicals]).to.deep.equal([before, []])
    })
  }

  it('is an error for an owner without an id', async () => {
    const storage = { ownerId: 'ann-1' }
    const { sessions } = buildSessions({ ownerModel: new MemoryOwners(ann) })
    expect((await rejectionOf(() => sessions(storage).renew({}))).message).to.include('neither an id')
    expect(storage).to.deep.equal({ ownerId: 'ann-1' })
  })
})

describe('renew, in a store', () => {
  let database: ReopenableDatabase
  let app: LoginApp
  let one: Client
  let other: Client

  async function start(store: Store): Promise<void> {
    app = await LoginApp.start({ store, owners: [{ ...ann }, bob] })
    one = await app.loggedIn(ann)
    other = await app.loggedIn(ann)
    app.built.chemicals.length = 0
  }
  beforeEach(async () => {
    database = await openReopenableDatabase()
  })
  afterEach(async () => {
    await app.stop()
    await database.close()
  })

  /** Changes the owner, and renews the first client's session. */
  async function change(): Promise<number> {
    app.owners.owners[0] = changed
    return (await one.post('/renew', changed)).status
  }

  for (const [where, makeStore, end] of [
    ['of express-session', () => new MemoryStore(), 'SessionDenied'],
    ['that knows owners', () => new SqlStore(database, LIFETIMES), 'SessionLogout'],
  ] as const) {
    it(`${where}, continues under a new id and ends all other sessions of the owner (OWASP ASVS 7.4.3)`, async () => {
      await start(makeStore())
      const [bobs, old] = [await app.loggedIn(bob), one.copy()]
      app.built.chemicals.length = 0
      expect(await change()).to.equal(200)
      expect(one.cookies.get('id')).not.to.equal(old.cookies.get('id'))
      const alive = await Promise.all([one, old, other, bobs].map(whoIs))
      expect(alive).to.deep.equal(['ann-1', null, null, 'bob-1'])
      const told = app.built.chemicals.map(({ type, ownerId, reason }) => ({ type, ownerId, reason }))
      expect(told).to.deep.equal([{ type: end, ownerId: 'ann-1', reason: 'CREDENTIALS_CHANGED' }])
    })

    it(`${where}, is refused in the name of another owner and to a visitor, and nothing changes`, async () => {
      await start(makeStore())
      const [visitor, cookie] = [app.client(), one.cookies.get('id')]
      expect(await one.post('/renew', bob)).to.have.nested.include({ status: 401, 'body.code': 'LOGIN_REQUIRED' })
      expect((await visitor.post('/renew', ann)).status).to.equal(401)
      expect([visitor.cookies.size, one.cookies.get('id')]).to.deep.equal([0, cookie])
      expect(await Promise.all([one, other].map(whoIs))).to.deep.equal(['ann-1', 'ann-1'])
    })
  }

  it('reports the handle of each session that it ended, and the client that asked', async () => {
    await start(new SqlStore(database, LIFETIMES))
    const { result } = (await other.get('/sessions')).body as { result: { id: string; current: boolean }[] }
    await change()
    const session = result.find(({ current }) => current)?.id
    expect(app.built.chemicals[0]).to.include({ type: 'SessionLogout', session, agent: 'node' })
  })

  it('is refused if the session ended meanwhile, and nobody is logged in (OWASP ASVS 7.4.1)', async () => {
    await start(new SqlStore(database, LIFETIMES))
    app.beforeAsking = async () => {
      app.beforeAsking = () => Promise.resolve()
      await one.copy().post('/logout')
    }
    expect(await change()).to.equal(401)
    expect(await whoIs(one)).to.equal(null)
  })

  it('is undone by a logout that was in flight (OWASP ASVS 7.4.1)', async () => {
    await start(new SqlStore(database, LIFETIMES))
    const old = one.copy()
    app.beforeAsking = async () => {
      app.beforeAsking = () => Promise.resolve()
      expect(await change()).to.equal(200)
    }
    expect((await old.post('/logout')).status).to.equal(204)
    expect(await Promise.all([one, old].map(whoIs))).to.deep.equal([null, null])
  })

  it('logs nobody in again, even if the other sessions cannot be ended (OWASP ASVS 16.5.3)', async () => {
    class FailingLate extends SqlStore {
      override async endOwnerSessions(...which: Parameters<SqlStore['endOwnerSessions']>): Promise<string[]> {
        await database.close()
        return super.endOwnerSessions(...which)
      }
    }
    await start(new FailingLate(database, LIFETIMES))
    app.beforeError = () => database.reopen()
    expect(await change()).to.equal(503)
    expect(await Promise.all([one, other].map(whoIs))).to.deep.equal(['ann-1', null])
  })
})
