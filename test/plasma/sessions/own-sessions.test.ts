import { expect } from 'chai'
import { SqlStore } from '../../../plasma/express-sessions/stores/sql'
import type { OwnSession } from '../../../plasma/sessions/types'
import type { Client } from '../../support/client'
import { whoIs } from '../../support/login-app'
import { OwnSessionsApp } from '../../support/own-sessions-app'
import { openReopenableDatabase, type ReopenableDatabase } from '../../support/reopenable-database'
import { StoreCalls, newId, newSession } from '../express-sessions/store-calls'

const ann = { id: 'ann-1', username: 'ann', password: 'correct horse' }
const bob = { id: 'bob-1', username: 'bob', password: 'battery staple' }
/** One whom a trust point would call by a number. */
const dan = { id: 42, username: 'dan', password: 'staple correct' }

describe("an owner's own sessions", () => {
  let store: SqlStore
  let site: OwnSessionsApp
  let database: ReopenableDatabase

  beforeEach(async () => {
    database = await openReopenableDatabase()
    store = new SqlStore(database, { idle: 60_000, absolute: 600_000, touch: 10_000 })
    site = await OwnSessionsApp.start(store, ann, bob, dan)
  })
  afterEach(async () => {
    await site.stop()
    await database.close()
  })

  const resultOf = async (answer: ReturnType<Client['get']>): Promise<unknown> => {
    const { status, body } = await answer
    expect(status).to.equal(200)
    return (body as { result: unknown }).result
  }
  const list = async (client: Client): Promise<OwnSession[]> =>
    (await resultOf(client.get('/sessions'))) as OwnSession[]
  const handleOf = async (client: Client): Promise<string> =>
    (await list(client)).find(({ current }) => current)?.id ?? expect.fail('not listed')
  const end = (client: Client, id: string): Promise<unknown> => resultOf(client.send('DELETE', `/sessions/${id}`))
  /** What has been told of ends, since the last time that this was asked. */
  const told = (): object[] => {
    const told = site.built.chemicals.filter(({ type }) => type !== 'SessionLogin')
    site.built.chemicals.length = 0
    return told.map(({ type, ownerId, reason, session }) => ({
      type,
      ownerId: ownerId,
      reason: reason,
      session: session,
    }))
  }

  it('are all that he has, under handles that chemicals have as well (OWASP ASVS 7.5.2)', async () => {
    const [one, two] = [await site.loggedIn(ann), await site.loggedIn(ann)]
    await site.loggedIn(bob)
    const handles = [await handleOf(one), await handleOf(two)]
    expect((await list(one)).map(({ id }) => id)).to.have.members(handles)
    const logins = site.built.chemicals.filter(({ type, ownerId }) => type === 'SessionLogin' && ownerId === ann.id)
    expect(logins.map(({ session }) => session)).to.deep.equal(handles)
  })

  it('are those of an owner whose id is a number as well', async () => {
    const [one, two] = [await site.loggedIn(dan), await site.loggedIn(dan)]
    expect(await list(one)).to.have.length(2)
    expect(await end(one, await handleOf(two))).to.equal(true)
    expect([await whoIs(one), await whoIs(two)]).to.deep.equal([42, null])
  })

  it('are those of an owner whose _id is an object, as in a raw document of MongoDB', async () => {
    const _id = { toJSON: () => '507f1f77bcf86cd799439011', toString: () => '507f1f77bcf86cd799439011' }
    const eve = { _id, username: 'eve', password: 'correct battery' }
    site.owners.owners.push(eve)
    site.owners.findById = (id, callback) =>
      void setImmediate(callback, null, String(id) === String(_id) ? eve : undefined)
    const [one, two] = [await site.loggedIn(eve), await site.loggedIn(eve)]
    expect(await list(one)).to.have.length(2)
    await resultOf(one.send('DELETE', '/sessions'))
    expect([(await one.get('/sessions')).status, (await two.get('/sessions')).status]).to.deep.equal([200, 401])
  })

  for (const [what, login] of Object.entries({
    'of before his credentials changed': { stamp: 'another' },
    'that a trust point vouched for, until a time that is over': { trustedUntil: Date.now() - 1 },
  })) {
    it(`are not listed where they are of no use any more: one ${what}`, async () => {
      const client = await site.loggedIn(ann)
      await new StoreCalls(store).set(newId(), Object.assign(newSession(), { ownerId: ann.id, login }))
      expect(await store.listOfOwner(ann.id)).to.have.length(2)
      expect((await list(client)).map(({ current }) => current)).to.deep.equal([true])
    })
  }

  it('end, as they are listed, not later than a trust point vouched for them', async () => {
    const client = await site.loggedIn(ann)
    const trustedUntil = Date.now() + 50_000
    await new StoreCalls(store).set(newId(), Object.assign(newSession(), { ownerId: ann.id, login: { trustedUntil } }))
    const vouched = (await list(client)).find(({ current }) => !current)
    expect(vouched?.expiresAt).to.equal(new Date(trustedUntil).toISOString())
  })

  it('end one by one, and that is told with the handle of the one that ended', async () => {
    const [one, two, three] = [await site.loggedIn(ann), await site.loggedIn(ann), await site.loggedIn(ann)]
    const handle = await handleOf(two)
    told()
    expect(await end(one, handle)).to.equal(true)
    expect([await whoIs(one), await whoIs(two), await whoIs(three)]).to.deep.equal(['ann-1', null, 'ann-1'])
    expect(told()).to.deep.equal([
      { type: 'SessionLogout', ownerId: 'ann-1', reason: 'ENDED_BY_OWNER', session: handle },
    ])
    expect(await end(one, handle)).to.equal(false)
    expect(told()).to.deep.equal([])
  })

  it('end where he is as a logout does, which has no reason', async () => {
    const [one, two] = [await site.loggedIn(ann), await site.loggedIn(ann)]
    const [handle, old] = [await handleOf(one), one.copy()]
    told()
    expect(await end(one, handle)).to.equal(true)
    expect(told()).to.deep.equal([{ type: 'SessionLogout', ownerId: 'ann-1', reason: undefined, session: handle }])
    expect([await whoIs(one), await whoIs(old), await whoIs(two)]).to.deep.equal([null, null, 'ann-1'])
  })

  it('end all but one, and each end is told', async () => {
    const clients = [
      await site.loggedIn(ann),
      await site.loggedIn(ann),
      await site.loggedIn(ann),
      await site.loggedIn(bob),
    ] as const
    const handles = [await handleOf(clients[1]), await handleOf(clients[2])]
    told()
    await resultOf(clients[0].send('DELETE', '/sessions'))
    expect(await Promise.all(clients.map(whoIs))).to.deep.equal(['ann-1', null, null, 'bob-1'])
    const ends = handles.map((session) => ({
      type: 'SessionLogout',
      ownerId: 'ann-1',
      reason: 'ENDED_BY_OWNER',
      session,
    }))
    expect(told()).to.have.deep.members(ends).and.have.length(2)
  })

  for (const [what, handle] of Object.entries({
    "another owner's": () => site.loggedIn(bob).then(handleOf),
    'one that there never was': () => Promise.resolve('A'.repeat(43)),
    'one with a NUL': () => Promise.resolve('%00'),
  })) {
    it(`are not ${what}: nothing ends, and nothing is told`, async () => {
      const [client, id] = [await site.loggedIn(ann), await handle()]
      told()
      expect(await end(client, id)).to.equal(false)
      expect(told()).to.deep.equal([])
      expect([await whoIs(client), site.built.chemicals]).to.deep.equal(['ann-1', []])
    })
  }

  for (const [what, ask] of Object.entries<(client: Client, handles: string[]) => ReturnType<Client['get']>>({
    listed: (client) => client.get('/sessions'),
    'ended, this one': (client, [mine]) => client.send('DELETE', `/sessions/${String(mine)}`),
    'ended, another one': (client, [, other]) => client.send('DELETE', `/sessions/${String(other)}`),
    'ended, all but one': (client) => client.send('DELETE', '/sessions'),
  })) {
    it(`are all there after the database failed when they were to be ${what} (OWASP ASVS 16.5.3)`, async () => {
      const [one, two] = [await site.loggedIn(ann), await site.loggedIn(ann)]
      const handles = [await handleOf(one), await handleOf(two)]
      told()
      site.beforeAsking = () => database.close()
      site.beforeError = () => database.reopen()
      const { status, body, headers } = await ask(one, handles)
      site.beforeAsking = () => Promise.resolve()
      expect([status, body, headers.getSetCookie()]).to.deep.equal([503, { code: 'STORE_UNAVAILABLE' }, []])
      expect([await whoIs(one), await whoIs(two), told()]).to.deep.equal(['ann-1', 'ann-1', []])
    })
  }
})
