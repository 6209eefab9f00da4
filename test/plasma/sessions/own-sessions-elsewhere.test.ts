import { expect } from 'chai'
import { MemoryStore } from 'express-session'
import type { Client } from '../../support/client'
import { whoIs } from '../../support/login-app'
import { MemoryOwners } from '../../support/memory-owners'
import { OwnSessionsApp } from '../../support/own-sessions-app'
import { rejectionOf } from '../../support/rejection'
import { buildSessions, type AnySessions } from '../../support/sessions-organelle'

const ann = { id: 'ann-1', username: 'ann', password: 'correct horse' }

/** What needs a store that knows owners. */
const ASKED: Record<string, (api: ReturnType<AnySessions>) => unknown> = {
  list: (api) => api.list(),
  end: (api) => api.end('A'.repeat(43)),
  endOthers: (api) => api.endOthers(),
}

describe('own sessions, where no store knows owners', () => {
  describe('in a plain object', () => {
    for (const [what, ask] of Object.entries(ASKED)) {
      it(`are a 501 for ${what}, and leave who is logged in where he is`, async () => {
        const { sessions, chemicals } = buildSessions({ ownerModel: new MemoryOwners(ann) })
        const storage = { ownerId: 'ann-1', login: { actor: { id: 'app-1' } } }
        const error = await rejectionOf(() => ask(sessions(storage)))
        expect(error).to.include({ status: 501, code: 'SESSIONS_NOT_LISTED' })
        expect(storage).to.deep.equal({ ownerId: 'ann-1', login: { actor: { id: 'app-1' } } })
        expect(chemicals).to.deep.equal([])
      })

      for (const [nobody, storage] of Object.entries({
        'nobody is logged in': {},
        'the owner is gone': { ownerId: 'gone' },
        'the login does not hold any more': { ownerId: 'ann-1', login: { stamp: 'former' } },
        'there are only a handle and an id of no owner': { id: 'ann-1', ownerId: '' },
      })) {
        it(`are a 401 for ${what} where ${nobody}`, async () => {
          const { sessions } = buildSessions({ ownerModel: new MemoryOwners(ann) })
          expect(await rejectionOf(() => ask(sessions(storage)))).to.include({ status: 401, code: 'LOGIN_REQUIRED' })
        })
      }

      for (const storage of [undefined, null]) {
        it(`are a 503 for ${what} where the storage is ${String(storage)}, and no model is asked`, async () => {
          const ownerModel = new MemoryOwners(ann)
          const { sessions } = buildSessions({ ownerModel })
          expect(await rejectionOf(() => ask(sessions(storage as undefined)))).to.include({
            status: 503,
            code: 'STORE_UNAVAILABLE',
          })
          expect(ownerModel.asked).to.deep.equal([])
        })
      }

      it(`are an error for ${what} where the owner model fails, and log nobody out (OWASP ASVS 16.5.3)`, async () => {
        const ownerModel = Object.assign(new MemoryOwners(ann), {
          findById: () => Promise.reject(new Error('no database')),
        })
        const storage = { ownerId: 'ann-1' }
        const { message } = await rejectionOf(() => ask(buildSessions({ ownerModel }).sessions(storage)))
        expect([message, storage]).to.deep.equal(['no database', { ownerId: 'ann-1' }])
      })
    }

    it('remember nobody', () => {
      expect(buildSessions({ ownerModel: new MemoryOwners() }).sessions({}).remembers()).to.equal(false)
    })

    it('say who acts, and nobody where nobody does', () => {
      const { sessions } = buildSessions({ ownerModel: new MemoryOwners(ann) })
      expect(sessions({ ownerId: 'ann-1', login: { actor: { id: 'app-1' } } }).actor()).to.deep.equal({ id: 'app-1' })
      for (const storage of [{}, { ownerId: 'ann-1' }, { ownerId: 'ann-1', login: {} }, { actor: { id: 'app-1' } }]) {
        expect(sessions(storage).actor(), JSON.stringify(storage)).to.equal(undefined)
      }
    })

    it('cannot say, without a storage, whether they remember or who acts', () => {
      const { sessions } = buildSessions({ ownerModel: new MemoryOwners(ann) })
      for (const ask of [() => sessions(undefined).remembers(), () => sessions(undefined).actor()]) {
        expect(ask).to.throw('no session storage')
      }
    })
  })

  describe("in express-session's own store", () => {
    let site: OwnSessionsApp
    let clients: Client[]

    beforeEach(async () => {
      site = await OwnSessionsApp.start(new MemoryStore(), ann)
      clients = [await site.loggedIn(ann), await site.loggedIn(ann)]
    })
    afterEach(() => site.stop())

    for (const [method, path] of [
      ['GET', '/sessions'],
      ['DELETE', `/sessions/${'A'.repeat(43)}`],
      ['DELETE', '/sessions'],
    ] as const) {
      it(`are a 501 for ${method} ${path}, and everybody stays in`, async () => {
        site.built.chemicals.length = 0
        const answer = await clients[0]?.send(method, path)
        expect(answer).to.deep.include({ status: 501, body: { code: 'SESSIONS_NOT_LISTED' } })
        expect(await Promise.all(clients.map(whoIs))).to.deep.equal(['ann-1', 'ann-1'])
        expect(site.built.chemicals).to.deep.equal([])
      })

      it(`are a 401 for ${method} ${path} where nobody is logged in, and make no session of it`, async () => {
        const client = site.client()
        expect(await client.send(method, path)).to.deep.include({ status: 401, body: { code: 'LOGIN_REQUIRED' } })
        expect(client.cookies).to.have.property('size', 0)
      })
    }

    it('have no handle that chemicals could tell', () => {
      expect(site.built.chemicals.map(({ type }) => type)).to.deep.equal(['SessionLogin', 'SessionLogin'])
      for (const chemical of site.built.chemicals) expect(chemical).not.to.have.property('session')
    })
  })
})
