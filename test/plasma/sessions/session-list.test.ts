import { expect } from 'chai'
import { MemoryStore } from 'express-session'
import { SqlStore } from '../../../plasma/express-sessions/stores/sql'
import type { OwnSession } from '../../../plasma/sessions/session-api'
import type { Answer, Client } from '../../support/client'
import { LoginApp, whoIs } from '../../support/login-app'
import { openReopenableDatabase, type ReopenableDatabase } from '../../support/reopenable-database'
import { StoreCalls, newId, newSession } from '../express-sessions/store-calls'

const ann = { id: 'ann-1', username: 'ann', password: 'correct horse', securityStamp: 'one' }
const bob = { id: 'bob-1', username: 'bob', password: 'battery staple' }
/** An owner whom a trust point would call by a number. */
const dan = { id: 42, username: 'dan', password: 'staple correct' }

const LIFETIMES = { idle: 60_000, absolute: 600_000, touch: 10_000 }
const changed = { ...ann, securityStamp: 'two' }
let app: LoginApp

/** What was emitted about ends of sessions since the last time that this was called. */
function takeEnds(): object[] {
  const ends = app.built.chemicals.splice(0).filter(({ type }) => type !== 'SessionLogin')
  return ends.map(({ type, ownerId, reason, session }) => ({ type, ownerId, reason, session }))
}

async function resultOf(answering: Promise<Answer>): Promise<unknown> {
  const { status, body } = await answering
  expect(status).to.equal(200)
  return (body as { result: unknown }).result
}

const list = async (client: Client): Promise<OwnSession[]> => (await resultOf(client.get('/sessions'))) as OwnSession[]
const handleOf = async (client: Client): Promise<string> =>
  (await list(client)).find(({ current }) => current)?.id ?? expect.fail('not listed')
const end = (client: Client, handle: string): Promise<unknown> => resultOf(client.send('DELETE', `/sessions/${handle}`))
const endOthers = (client: Client): Promise<unknown> => resultOf(client.send('DELETE', '/sessions'))
const whoAre = (...clients: Client[]): Promise<unknown[]> => Promise.all(clients.map(whoIs))
/** Changes the owner, and renews a session. @returns the status of the answer */
async function renew(client: Client): Promise<number> {
  app.owners.owners[0] = changed
  return (await client.post('/renew', changed)).status
}
/** Does something else once the session of the next request is loaded. */
function meanwhile(work: () => unknown): void {
  app.beforeAsking = async () => {
    app.beforeAsking = () => Promise.resolve()
    await work()
  }
}

describe('in a store that knows owners, the sessions of an owner', () => {
  let database: ReopenableDatabase
  let store: SqlStore
  let one: Client
  let two: Client
  let bobs: Client

  before(async () => {
    database = await openReopenableDatabase()
  })
  beforeEach(async () => {
    await database.query.deleteFrom('sessions').execute()
    store = new SqlStore(database, { ...LIFETIMES, remember: { idle: 120_000, absolute: 1_200_000 } })
    app = await LoginApp.start({ store, owners: [{ ...ann }, bob, dan] })
    one = await app.loggedIn(ann)
    two = await app.loggedIn(ann)
    bobs = await app.loggedIn(bob)
  })
  afterEach(() => app.stop())
  after(() => database.close())

  /** Adds a session of ann's that says this about its login. */
  const addSession = (login: object): Promise<void> =>
    new StoreCalls(store).set(
      newId(),
      Object.assign(newSession(), { ownerId: ann.id, login: { stamp: 'one', ...login } }),
    )

  it('are listed by handles, which chemicals have as well (OWASP ASVS 7.5.2)', async () => {
    const handles = [await handleOf(one), await handleOf(two)]
    expect((await list(one)).map(({ id }) => id)).to.have.members(handles)
    const logins = app.built.chemicals.filter(({ type, ownerId }) => type === 'SessionLogin' && ownerId === ann.id)
    expect(logins.map(({ session, agent }) => [session, agent])).to.deep.equal(handles.map((id) => [id, 'Firefox']))
    // A login that fails has no session, even in a session of the same client.
    await one.post('/login', { username: 'ann', password: 'wrong' })
    expect(app.built.chemicals.at(-1)).to.include({ type: 'SessionLoginFailed' }).and.not.to.have.property('session')
  })

  it('outlive the browser only if their owner asks to be remembered', async () => {
    for (const [remember, expires] of [
      [true, /; Expires=/],
      [false, /^(?!.*; Expires=)/],
    ] as const) {
      const { headers } = await app.client().post('/login', { username: 'ann', password: 'correct horse', remember })
      expect(headers.getSetCookie()[0]).to.match(expires)
    }
  })

  it('are listed with their actor, and expire with the word of a trust point', async () => {
    const trustedUntil = Date.now() + 50_000
    await addSession({ actor: { id: 'app-1' }, trustedUntil })
    const [vouched, ...others] = (await list(one)).sort((a, b) => Number('actor' in b) - Number('actor' in a))
    const expected = { actor: { id: 'app-1' }, expiresAt: new Date(trustedUntil).toISOString() }
    expect(vouched).to.deep.include(expected)
    for (const session of others) expect(session).not.to.have.property('actor')
  })

  for (const [what, login] of Object.entries({
    'the credentials have changed': { stamp: 'another' },
    'the word of a trust point has expired': { trustedUntil: Date.now() - 1 },
  })) {
    it(`are not listed once ${what}`, async () => {
      await addSession(login)
      expect(await store.listOwnerSessions(ann.id)).to.have.length(3)
      expect(await list(one)).to.have.length(2)
    })
  }

  it('are found by an id that is a number, or an object as in a raw document', async () => {
    const _id = { toJSON: () => '507f1f77bcf86cd799439011', toString: () => '507f1f77bcf86cd799439011' }
    const eve = { _id, username: 'eve', password: 'correct battery' }
    app.owners.owners.push(eve)
    app.owners.findById = (id, callback) =>
      void setImmediate(callback, null, String(id) === String(_id) ? eve : id === 42 ? dan : undefined)
    for (const owner of [dan, eve]) {
      const [here, there] = [await app.loggedIn(owner), await app.loggedIn(owner)]
      expect(await list(here)).to.have.length(2)
      await endOthers(here)
      expect([(await here.get('/sessions')).status, (await there.get('/sessions')).status]).to.deep.equal([200, 401])
    }
  })

  it('end one by one, each reported by its handle', async () => {
    const handle = await handleOf(two)
    takeEnds()
    expect(await end(one, handle)).to.equal(true)
    expect(await whoAre(one, two, bobs)).to.deep.equal(['ann-1', null, 'bob-1'])
    const ended = { type: 'SessionLogout', ownerId: 'ann-1', reason: 'ENDED_BY_OWNER', session: handle }
    expect(takeEnds()).to.deep.equal([ended])
    expect([await end(one, handle), takeEnds()]).to.deep.equal([false, []])
  })

  it('end by their own request as by a logout, which has no reason', async () => {
    const [handle, old] = [await handleOf(one), one.copy()]
    takeEnds()
    expect(await end(one, handle)).to.equal(true)
    const ended = { type: 'SessionLogout', ownerId: 'ann-1', reason: undefined, session: handle }
    expect(takeEnds()).to.deep.equal([ended])
    expect(await whoAre(one, old, two)).to.deep.equal([null, null, 'ann-1'])
  })

  it('end all but one, each reported', async () => {
    const handles = [await handleOf(two), await handleOf(await app.loggedIn(ann))]
    takeEnds()
    await endOthers(one)
    expect(await whoAre(one, two, bobs)).to.deep.equal(['ann-1', null, 'bob-1'])
    const ended = { type: 'SessionLogout', ownerId: 'ann-1', reason: 'ENDED_BY_OWNER' }
    expect(takeEnds()).to.have.deep.members(handles.map((session) => ({ ...ended, session })))
  })

  it("are not another owner's, nor what never was one: nothing ends", async () => {
    for (const handle of [await handleOf(bobs), 'A'.repeat(43), '%00']) {
      takeEnds()
      expect([await end(one, handle), takeEnds()]).to.deep.equal([false, []])
    }
    expect(await whoAre(one, two, bobs)).to.deep.equal(['ann-1', 'ann-1', 'bob-1'])
  })

  for (const [what, ask] of Object.entries<(handles: string[]) => Promise<Answer>>({
    list: () => one.get('/sessions'),
    'end the current one': ([mine]) => one.send('DELETE', `/sessions/${String(mine)}`),
    'end another one': ([, other]) => one.send('DELETE', `/sessions/${String(other)}`),
    'end all others': () => one.send('DELETE', '/sessions'),
    renew: () => one.post('/renew', ann),
  })) {
    it(`are all there after the database failed to ${what} (OWASP ASVS 16.5.3)`, async () => {
      const handles = [await handleOf(one), await handleOf(two)]
      takeEnds()
      app.beforeAsking = () => database.close()
      app.beforeError = () => database.reopen()
      const { status, body, headers } = await ask(handles)
      app.beforeAsking = () => Promise.resolve()
      expect([status, headers.getSetCookie()]).to.deep.equal([503, []])
      expect(body).to.have.property('code', 'STORE_UNAVAILABLE')
      expect([await whoAre(one, two), takeEnds()]).to.deep.equal([['ann-1', 'ann-1'], []])
    })
  }

  it('end by a renewal, but for the one that continues under a new id (OWASP ASVS 7.2.4, 7.4.3)', async () => {
    const [handle, old] = [await handleOf(two), one.copy()]
    takeEnds()
    expect(await renew(one)).to.equal(200)
    expect(one.cookies.get('id')).not.to.equal(old.cookies.get('id'))
    expect(await whoAre(one, old, two, bobs)).to.deep.equal(['ann-1', null, null, 'bob-1'])
    const ended = { type: 'SessionLogout', ownerId: 'ann-1', reason: 'CREDENTIALS_CHANGED', session: handle }
    expect(takeEnds()).to.deep.equal([ended])
  })

  it('are not renewed by a request that a logout overtakes (OWASP ASVS 7.4.1)', async () => {
    meanwhile(() => one.copy().post('/logout'))
    expect([await renew(one), await whoIs(one)]).to.deep.equal([401, null])
  })

  it('end by a logout that a renewal overtakes (OWASP ASVS 7.4.1)', async () => {
    const old = one.copy()
    meanwhile(() => renew(one))
    expect((await old.post('/logout')).status).to.equal(204)
    expect(await whoAre(one, old)).to.deep.equal([null, null])
  })

  it('are denied after a renewal, even if they could not be ended (OWASP ASVS 16.5.3)', async () => {
    store.endOwnerSessions = async () => {
      await database.close()
      return SqlStore.prototype.endOwnerSessions.call(store, ann.id)
    }
    app.beforeError = () => database.reopen()
    expect([await renew(one), await whoAre(one, two)]).to.deep.equal([503, ['ann-1', null]])
  })
})

describe("in express-session's own store, the sessions of an owner", () => {
  let clients: Client[]

  before(async () => {
    app = await LoginApp.start({ store: new MemoryStore(), owners: [ann] })
    clients = [await app.loggedIn(ann), await app.loggedIn(ann)]
  })
  after(() => app.stop())

  it('have no handle in chemicals', () => {
    expect(app.built.chemicals.map(({ type }) => type)).to.deep.equal(['SessionLogin', 'SessionLogin'])
    for (const chemical of app.built.chemicals) expect(chemical).not.to.have.property('session')
  })

  for (const [method, path] of [
    ['GET', '/sessions'],
    ['DELETE', `/sessions/${'A'.repeat(43)}`],
    ['DELETE', '/sessions'],
  ] as const) {
    it(`are a 501 for ${method} ${path}, or a 401 to strangers, and everybody stays logged in`, async () => {
      takeEnds()
      const answer = await clients[0]?.send(method, path)
      expect(answer).to.have.nested.include({ status: 501, 'body.code': 'SESSIONS_NOT_LISTED' })
      const stranger = app.client()
      const refused = await stranger.send(method, path)
      expect(refused).to.have.nested.include({ status: 401, 'body.code': 'LOGIN_REQUIRED' })
      expect(stranger.cookies.size).to.equal(0)
      expect([await whoAre(...clients), takeEnds()]).to.deep.equal([['ann-1', 'ann-1'], []])
    })
  }

  it('are denied after a renewal of another one', async () => {
    const [one, two] = [await app.loggedIn(ann), await app.loggedIn(ann)]
    takeEnds()
    const old = one.copy()
    expect([await renew(one), await whoAre(one, two, old)]).to.deep.equal([200, ['ann-1', null, null]])
    const denied = { type: 'SessionDenied', ownerId: 'ann-1', reason: 'CREDENTIALS_CHANGED', session: undefined }
    expect(takeEnds()).to.deep.equal([denied])
  })
})
