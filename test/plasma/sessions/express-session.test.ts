import { expect } from 'chai'
import { LoginApp, whoIs } from '../../support/login-app'
import { called } from '../../support/called'
import type { Client } from '../../support/client'

const ann = { id: 'ann-1', username: 'ann', password: 'correct horse' }
const bob = { id: 'bob-1', username: 'bob', password: 'battery staple' }

const owner = ({ id }: typeof ann): object => ({ id })

/** All ways to log in: by credentials, and an owner found elsewhere. */
const WAYS = { '/login': (given: typeof ann) => given, '/login-at-once': owner, '/login-as': owner }

const idIn = ({ body }: { body: unknown }): string => (body as { id: string }).id

describe('sessions on express-session', () => {
  let server: LoginApp
  let client: Client

  beforeEach(async () => {
    server = new LoginApp(ann, bob)
    server.app.post('/login-and-look', (req, res) => {
      const sessions = server.built.sessions(req.session)
      const before = req.sessionID
      sessions.login(req.body as Record<string, unknown>, () => {
        void server.stored().then((stored) => res.json({ stored, before, id: req.sessionID }))
      })
    })
    server.app.post('/login-with-one-api', (req, res) => {
      const sessions = server.built.sessions(req.session)
      void (async () => {
        const before = await sessions.user()
        await called((callback) => sessions.login(req.body as Record<string, unknown>, callback))
        const after = await sessions.user()
        await sessions.logout()
        res.json({ before: before ?? null, after, left: (await sessions.user()) ?? null })
      })()
    })
    await server.start()
    client = server.client()
  })
  afterEach(() => server.stop())

  for (const [path, body] of Object.entries(WAYS)) {
    describe(`POST ${path}`, () => {
      it('logs in', async () => {
        expect(await whoIs(client)).to.equal(null)
        expect((await client.post(path, body(ann))).status).to.equal(200)
        expect(await whoIs(client)).to.equal('ann-1')
      })

      it('ends on a new id, and the old one is dead', async () => {
        const old = idIn(await client.post('/cart'))
        const thief = client.copy()
        const id = idIn(await client.post(path, body(ann)))
        expect(id).to.be.a('string').and.not.equal(old)
        expect(client.cookies.get('id')).to.include(id)
        expect(thief.cookies.get('id')).to.include(old)
        expect(await server.stored()).to.deep.equal({ [id]: 'ann-1' })
        expect(await whoIs(thief)).to.equal(null)
      })

      it('gives another new id, and kills the old one, to who is logged in already', async () => {
        for (const next of [ann, bob]) {
          await client.post(path, body(ann))
          const before = client.copy()
          const id = idIn(await client.post(path, body(next)))
          expect(await server.stored()).to.deep.equal({ [id]: next.id })
          expect(await whoIs(before)).to.equal(null)
          expect(await whoIs(client)).to.equal(next.id)
        }
      })

      it('leaves other sessions of the owner alone', async () => {
        const other = server.client()
        await other.post(path, body(ann))
        await client.post(path, body(ann))
        expect(await whoIs(other)).to.equal('ann-1')
      })

      it('never adopts an id that another has chosen, whether the server knows it or not', async () => {
        const attacker = server.client()
        const planted = idIn(await attacker.post('/cart'))
        for (const cookie of [attacker.cookies.get('id') ?? '', 's%3Aevil.c2lnbmF0dXJl', 'evil']) {
          const victim = server.client()
          victim.cookies.set('id', cookie)
          const id = idIn(await victim.post(path, body(ann)))
          expect(id).not.to.be.oneOf([planted, 'evil'])
          expect(await whoIs(victim)).to.equal('ann-1')
          const again = server.client()
          again.cookies.set('id', cookie)
          expect(await whoIs(again)).to.equal(null)
        }
        expect(await server.stored()).not.to.have.any.keys(planted, 'evil')
      })
    })
  }

  it('has saved the new session, and destroyed the old one, before the callback of a login', async () => {
    const old = idIn(await client.post('/cart'))
    const { stored, before, id } = (await client.post('/login-and-look', ann)).body as {
      stored: object
      before: string
      id: string
    }
    expect(before).to.equal(old)
    expect(stored).to.deep.equal({ [id]: 'ann-1' })
  })

  it('keeps one api working over a login and a logout in the same request', async () => {
    expect((await client.post('/login-with-one-api', ann)).body).to.deep.equal({ before: null, after: ann, left: null })
    expect(await whoIs(client)).to.equal(null)
  })

  it('has written the owner at once where an owner is logged in', async () => {
    const { id, ownerId } = (await client.post('/login-at-once', { id: 'ann-1' })).body as {
      id: string
      ownerId: unknown
    }
    expect(ownerId).to.equal('ann-1')
    expect(await server.stored()).to.deep.equal({ [id]: 'ann-1' })
  })

  it('has saved the new session when loginAs resolves', async () => {
    const { id, stored } = (await client.post('/login-as', { id: 'ann-1' })).body as { id: string; stored: unknown }
    expect(stored).to.deep.equal({ [id]: 'ann-1' })
  })

  for (const [what, credentials, status] of [
    ['wrong credentials', { username: 'ann', password: 'wrong' }, 401],
    ['credentials that are none', [ann], 400],
    ['an ownerId that nobody may act on', { ...ann, ownerId: 'bob-1' }, 400],
  ] as const) {
    it(`makes no session of ${what}`, async () => {
      expect((await client.post('/login', credentials)).status).to.equal(status)
      expect(client.cookies).to.have.property('size', 0)
      expect(await server.stored()).to.deep.equal({})
    })

    it(`leaves who is logged in where he is at ${what}`, async () => {
      const id = idIn(await client.post('/login', bob))
      await client.post('/login', credentials)
      expect(await server.stored()).to.deep.equal({ [id]: 'bob-1' })
      expect(await whoIs(client)).to.equal('bob-1')
    })
  }

  it('throws for an owner without an id, and leaves who is logged in where he is', async () => {
    const id = idIn(await client.post('/login', bob))
    for (const path of ['/login-at-once', '/login-as']) expect((await client.post(path, {})).status).to.equal(500)
    expect(await server.stored()).to.deep.equal({ [id]: 'bob-1' })
  })

  it('destroys the session at a logout: the old cookie is nobody', async () => {
    await client.post('/login', ann)
    const thief = client.copy()
    expect((await client.post('/logout')).status).to.equal(204)
    expect(await server.stored()).to.deep.equal({})
    expect([await whoIs(client), await whoIs(thief)]).to.deep.equal([null, null])
    expect(await server.stored()).to.deep.equal({})
  })

  it('destroys a session at a logout that nobody is logged in to', async () => {
    await client.post('/cart')
    expect((await client.post('/logout')).status).to.equal(204)
    expect(await server.stored()).to.deep.equal({})
    expect(server.built.chemicals).to.deep.equal([])
  })

  it('forgets an owner who no longer exists, in the store too', async () => {
    const id = idIn(await client.post('/login', ann))
    server.owners.owners.shift()
    expect(await whoIs(client)).to.equal(null)
    expect(await server.stored()).to.deep.equal({ [id]: undefined })
  })

  it('knows an owner by his id after a login only, not by what a client sends', async () => {
    await client.post('/cart', { ownerId: 'ann-1', session: { ownerId: 'ann-1' } })
    expect(await whoIs(client)).to.equal(null)
  })
})
