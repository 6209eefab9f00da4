import { expect } from 'chai'
import type { Client } from '../../support/client'
import { FailingStore, LoginApp, sessionIdIn, whoIs } from '../../support/login-app'

const ann = { id: 'ann-1', username: 'ann', password: 'correct horse' }
const bob = { id: 'bob-1', username: 'bob', password: 'battery staple' }

/** Every way to log in, and what it takes. */
const WAYS = {
  '/login': (owner: typeof ann) => owner,
  '/login-at-once': ({ id }: typeof ann) => ({ id }),
  '/login-as': ({ id }: typeof ann) => ({ id }),
}

describe('sessions on express-session', () => {
  let store: FailingStore
  let app: LoginApp
  let client: Client

  beforeEach(async () => {
    store = new FailingStore()
    app = await LoginApp.start({
      store,
      owners: [ann, bob],
      addRoutes: (app, sessions) =>
        app.post('/login-twice', (req, res, next) => {
          const api = sessions(req.session)
          const work = async (): Promise<void> => {
            const found = [await api.user()]
            const saved = await new Promise((resolve) => {
              api.login(ann, () => {
                resolve(store.owners())
              })
            })
            const id = req.sessionID
            found.push(await api.user())
            await api.logout()
            found.push(await api.user())
            await api.authenticate(bob)
            res.json({ found: [...found, await api.user()].map((owner) => owner?.id ?? null), saved, id })
          }
          work().catch(next)
        }),
    })
    client = app.client()
  })
  afterEach(() => app.stop())

  for (const [path, body] of Object.entries(WAYS)) {
    it(`end up under a new id after POST ${path}, and the old one is dead (OWASP ASVS 7.2.4)`, async () => {
      await client.post('/cart')
      for (const owner of [ann, ann, bob]) {
        const thief = client.copy()
        const id = sessionIdIn(await client.post(path, body(owner)))
        expect(client.cookies.get('id')).to.include(id)
        expect(await store.owners()).to.deep.equal({ [id]: owner.id })
        expect([await whoIs(thief), await whoIs(client)]).to.deep.equal([null, owner.id])
      }
    })

    it(`never have an id that an attacker chose after POST ${path} (OWASP ASVS 7.2.1)`, async () => {
      const attacker = app.client()
      const planted = sessionIdIn(await attacker.post('/cart', { ownerId: 'ann-1' }))
      const other = await app.loggedIn(ann)
      for (const cookie of [attacker.cookies.get('id') ?? '', 's%3Aevil.c2lnbmF0dXJl', 'evil']) {
        const [victim, again] = [app.client(), app.client()]
        for (const each of [victim, again]) each.cookies.set('id', cookie)
        expect(sessionIdIn(await victim.post(path, body(ann)))).not.to.be.oneOf([planted, 'evil'])
        expect([await whoIs(victim), await whoIs(again), await whoIs(other)]).to.deep.equal(['ann-1', null, 'ann-1'])
      }
      expect(await store.owners()).not.to.have.any.keys(planted, 'evil')
    })
  }

  it('have one api that works over logins and logouts, each saved before the callback', async () => {
    await client.post('/cart')
    const { found, saved, id } = (await client.post('/login-twice')).body as Record<'found' | 'saved' | 'id', unknown>
    expect([found, saved]).to.deep.equal([[null, 'ann-1', null, 'bob-1'], { [id as string]: 'ann-1' }])
    expect(await whoIs(client)).to.equal('bob-1')
  })

  it('have an owner at once if an owner is logged in without waiting', async () => {
    expect((await client.post('/login-at-once', { id: 'ann-1' })).body).to.have.property('ownerId', 'ann-1')
  })

  it('are destroyed by a logout: the old cookie is nobody (OWASP ASVS 7.4.1)', async () => {
    const visitor = app.client()
    await visitor.post('/cart')
    await client.post('/login', ann)
    const thief = client.copy()
    for (const each of [client, visitor]) expect((await each.post('/logout')).status).to.equal(204)
    expect([await whoIs(client), await whoIs(thief), await store.owners()]).to.deep.equal([null, null, {}])
    expect(app.built.chemicals.map(({ type }) => type)).to.deep.equal(['SessionLogin', 'SessionLogout'])
  })

  it('forget an owner who no longer exists, in the store too', async () => {
    const id = sessionIdIn(await client.post('/login', ann))
    app.owners.owners.shift()
    expect(await whoIs(client)).to.equal(null)
    expect(await store.owners()).to.deep.equal({ [id]: undefined })
  })

  describe('whose store fails', () => {
    const reported = (): unknown[] => app.built.chemicals.map(({ type, reason }) => [type, reason])

    for (const [path, body] of Object.entries(WAYS)) {
      for (const operation of ['set', 'destroy'] as const) {
        it(`to ${operation}: POST ${path} logs nobody in, and is reported as failed (OWASP ASVS 16.5.3)`, async () => {
          await client.post('/cart')
          const before = client.copy()
          store.failing.add(operation)
          const failed = new Promise((resolve) => app.built.plasma.once('SessionLoginFailed', resolve))
          // express-session breaks off an answer whose session it cannot save.
          const answer = await client.post(path, body(ann)).catch(() => undefined)
          await failed
          store.failing.clear()
          if (path !== '/login-at-once') expect(answer).to.have.property('status', 500)
          // express-session would save the session that it made for the login that failed.
          if (path !== '/login-at-once') expect([...client.cookies]).to.deep.equal([...before.cookies])
          expect([await whoIs(client), await whoIs(before)]).to.deep.equal([null, null])
          expect(Object.values(await store.owners())).not.to.include('ann-1')
          const reason = path === '/login' ? 'ERROR' : 'STORE_UNAVAILABLE'
          expect(reported()).to.deep.equal([['SessionLoginFailed', reason]])
        })
      }
    }

    it('to set, though it has written: nobody is logged in by the session that it stored', async () => {
      const set = store.set.bind(store)
      store.set = (id, data, callback) => {
        set(id, data, () => callback?.(new Error('the connection broke after the commit')))
        store.set = (_id, _data, failed) => void setImmediate(() => failed?.(new Error('the store is away')))
      }
      expect((await client.post('/login', ann)).status).to.equal(500)
      store.set = set
      expect(await whoIs(client)).to.equal(null)
    })

    it('to destroy: a logout is an error, and works when it is tried again', async () => {
      await client.post('/login', ann)
      store.failing.add('destroy')
      expect((await client.post('/logout')).status).to.equal(500)
      expect(reported()).to.deep.equal([['SessionLogin', undefined]])
      store.failing.clear()
      expect((await client.post('/logout')).status).to.equal(204)
      expect([await whoIs(client), await store.owners()]).to.deep.equal([null, {}])
    })

    it('to get, or has disconnected: everything is an error, and nobody is logged out', async () => {
      await client.post('/login', ann)
      store.failing.add('get')
      expect((await client.get('/me')).status).to.equal(500)
      store.failing.clear()
      store.emit('disconnect')
      const answers = [await client.get('/me'), await client.post('/login', ann), await client.post('/logout')]
      expect(answers.map(({ status }) => status)).to.deep.equal([503, 503, 503])
      store.emit('connect')
      expect(await whoIs(client)).to.equal('ann-1')
    })
  })
})
