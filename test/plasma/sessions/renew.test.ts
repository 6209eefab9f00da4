import { expect } from 'chai'
import { MemoryStore, type Store } from 'express-session'
import { SqlStore } from '../../../plasma/express-sessions/stores/sql'
import type { Client } from '../../support/client'
import { whoIs } from '../../support/login-app'
import { MemoryOwners } from '../../support/memory-owners'
import { OwnSessionsApp } from '../../support/own-sessions-app'
import { rejectionOf } from '../../support/rejection'
import { buildSessions } from '../../support/sessions-organelle'
import { openReopenableDatabase, type ReopenableDatabase } from '../../support/reopenable-database'

const ann = { id: 'ann-1', username: 'ann', password: 'correct horse', securityStamp: 'one' }
const bob = { id: 'bob-1', username: 'bob', password: 'battery staple' }
const changed = { ...ann, securityStamp: 'two' }
const LIFETIMES = { idle: 60_000, absolute: 600_000, touch: 10_000 }

describe('renew, after a change of credentials', () => {
  describe('of a plain object', () => {
    it('keeps all that is known of the login but the stamp, and the rest of the object', async () => {
      const { sessions, chemicals } = buildSessions({ ownerModel: new MemoryOwners(changed) })
      const how = { actor: { id: 'app-1' }, trustedUntil: Date.now() + 60_000, remember: true }
      const storage = { ownerId: 'ann-1', login: { ...how, stamp: 'one' }, cart: [1] }
      await sessions(storage).renew(changed)
      expect(storage).to.deep.equal({ ownerId: 'ann-1', login: { ...how, stamp: 'two' }, cart: [1] })
      expect(await sessions(storage).owner()).to.equal(changed)
      expect(chemicals).to.deep.equal([])
    })

    for (const [what, storage, owner] of [
      ['nobody, in the name of an owner', {}, ann],
      ['somebody else', { ownerId: 'bob-1' }, ann],
      ['an owner of an id that only looks the same', { ownerId: 1 }, { id: '1' }],
      [
        'somebody for whom an application acts, as another',
        { ownerId: 'bob-1', login: { actor: { id: 'app-1' } } },
        ann,
      ],
    ] as const) {
      it(`is refused to ${what}, and changes nothing (OWASP ASVS 7.2.4)`, async () => {
        const { sessions, chemicals } = buildSessions({ ownerModel: new MemoryOwners(ann, bob) })
        const before = structuredClone(storage)
        expect(await rejectionOf(() => sessions(storage).renew(owner))).to.include({
          status: 401,
          code: 'LOGIN_REQUIRED',
        })
        expect([storage, chemicals]).to.deep.equal([before, []])
      })
    }

    it('is an error for an owner without an id, and without a storage', async () => {
      const { sessions } = buildSessions({ ownerModel: new MemoryOwners(ann) })
      const storage = { ownerId: 'ann-1' }
      expect((await rejectionOf(() => sessions(storage).renew({}))).message).to.include('neither an id')
      expect(storage).to.deep.equal({ ownerId: 'ann-1' })
      expect(await rejectionOf(() => sessions(undefined).renew(ann))).to.include({ status: 503 })
    })
  })

  const stores: Record<string, (database: ReopenableDatabase) => Store> = {
    "express-session's own store": () => new MemoryStore(),
    'the SQL store': (database) => new SqlStore(database, LIFETIMES),
  }
  for (const [where, makeStore] of Object.entries(stores)) {
    describe(`in ${where}`, () => {
      const isSql = where === 'the SQL store'
      let database: ReopenableDatabase
      let site: OwnSessionsApp
      let one: Client
      let other: Client

      beforeEach(async () => {
        database = await openReopenableDatabase()
        site = await OwnSessionsApp.start(makeStore(database), { ...ann }, bob)
        one = await site.loggedIn(ann)
        other = await site.loggedIn(ann)
        site.built.chemicals.length = 0
      })
      afterEach(async () => {
        await site.stop()
        await database.close()
      })

      /** Changes the owner, and renews the session of the first client. */
      const change = async (): Promise<number> => {
        site.owners.owners[0] = changed
        site.owners.asked.length = 0
        return (await one.post('/renew', changed)).status
      }

      it('goes on under a new id, and the old one is dead (OWASP ASVS 7.2.4)', async () => {
        const old = one.copy()
        expect(await change()).to.equal(200)
        expect(one.cookies.get('id')).not.to.equal(old.cookies.get('id'))
        expect([await whoIs(one), await whoIs(old)]).to.deep.equal(['ann-1', null])
      })

      it("ends all other sessions of the owner, and nobody else's (OWASP ASVS 7.4.3)", async () => {
        const bobs = await site.loggedIn(bob)
        await change()
        expect([await whoIs(one), await whoIs(other), await whoIs(bobs)]).to.deep.equal(['ann-1', null, 'bob-1'])
      })

      it('tells of each session that it ended, or that is denied later', async () => {
        await change()
        await whoIs(other)
        const told = site.built.chemicals.map(({ type, ownerId, reason }) => ({
          type,
          ownerId: ownerId,
          reason: reason,
        }))
        const reason = 'CREDENTIALS_CHANGED'
        expect(told).to.deep.equal([{ type: isSql ? 'SessionLogout' : 'SessionDenied', ownerId: 'ann-1', reason }])
      })

      it('is refused in the name of another owner, and everybody stays where he is', async () => {
        const bobs = await site.loggedIn(bob)
        const cookie = one.cookies.get('id')
        expect(await one.post('/renew', bob)).to.deep.include({ status: 401, body: { code: 'LOGIN_REQUIRED' } })
        expect(one.cookies.get('id')).to.equal(cookie)
        expect([await whoIs(one), await whoIs(other), await whoIs(bobs)]).to.deep.equal(['ann-1', 'ann-1', 'bob-1'])
      })

      it('is refused to a visitor, who gets no cookie', async () => {
        const visitor = site.client()
        expect((await visitor.post('/renew', ann)).status).to.equal(401)
        expect([visitor.cookies.size, await whoIs(one)]).to.deep.equal([0, 'ann-1'])
      })

      if (!isSql) return

      it('tells the handles of the sessions that it ended, and from where', async () => {
        const { result } = (await other.get('/sessions')).body as { result: { id: string; current: boolean }[] }
        await change()
        const ended = result.find(({ current }) => current)?.id
        expect(site.built.chemicals[0]).to.include({ type: 'SessionLogout', session: ended, agent: 'node' })
      })

      it('is an error where the database fails, and logs nobody out (OWASP ASVS 16.5.3)', async () => {
        site.beforeAsking = () => database.close()
        site.beforeError = () => database.reopen()
        expect((await one.post('/renew', ann)).status).to.equal(503)
        expect([await whoIs(one), await whoIs(other)]).to.deep.equal(['ann-1', 'ann-1'])
      })
    })
  }

  it('logs nobody in who had logged in before, also where the other sessions cannot be ended (OWASP ASVS 16.5.3)', async () => {
    const database = await openReopenableDatabase()
    class FailingLate extends SqlStore {
      override async endOfOwner(...which: Parameters<SqlStore['endOfOwner']>): Promise<string[]> {
        await database.close()
        return super.endOfOwner(...which)
      }
    }
    const site = await OwnSessionsApp.start(new FailingLate(database, LIFETIMES), { ...ann })
    try {
      const [one, other] = [await site.loggedIn(ann), await site.loggedIn(ann)]
      site.owners.owners[0] = changed
      site.beforeError = () => database.reopen()
      expect((await one.post('/renew', changed)).status).to.equal(503)
      expect([await whoIs(one), await whoIs(other)]).to.deep.equal(['ann-1', null])
    } finally {
      await site.stop()
      await database.close()
    }
  })
})
