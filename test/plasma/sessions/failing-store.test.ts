import { expect } from 'chai'
import type { Client } from '../../support/client'
import { LoginApp, whoIs } from '../../support/login-app'

const ann = { id: 'ann-1', username: 'ann', password: 'correct horse' }
const bob = { id: 'bob-1', username: 'bob', password: 'battery staple' }

describe('sessions on an express-session store that fails', () => {
  let server: LoginApp
  let client: Client

  beforeEach(async () => {
    server = new LoginApp(ann, bob)
    await server.start()
    client = server.client()
    await client.post('/cart')
  })
  afterEach(() => server.stop())

  for (const operation of ['set', 'destroy'] as const) {
    it(`to ${operation}: a login is an error, and nobody is logged in afterwards`, async () => {
      const before = client.copy()
      server.store.failing.add(operation)
      const answer = await client.post('/login', ann)
      expect(answer.status).to.equal(500)
      expect(answer.body).to.deep.equal({ error: `the store fails to ${operation}` })
      server.store.failing.clear()
      expect([await whoIs(client), await whoIs(before)]).to.deep.equal([null, null])
      expect(Object.values(await server.stored())).not.to.include('ann-1')
      expect(server.built.chemicals.map(({ type }) => type)).to.deep.equal(['SessionLoginFailed'])
    })

    it(`to ${operation}: a login with an owner logs nobody in, and is told as failed`, async () => {
      const before = client.copy()
      server.store.failing.add(operation)
      const failed = new Promise((resolve) => server.built.plasma.once('SessionLoginFailed', resolve))
      await client.post('/login-at-once', { id: 'ann-1' }).catch(() => undefined)
      await failed
      server.store.failing.clear()
      expect([await whoIs(client), await whoIs(before)]).to.deep.equal([null, null])
      expect(Object.values(await server.stored())).not.to.include('ann-1')
      const [chemical, ...others] = server.built.chemicals
      expect(chemical).to.include({ type: 'SessionLoginFailed', reason: 'STORE_UNAVAILABLE' })
      expect(others).to.deep.equal([])
    })

    it(`to ${operation}: loginAs rejects, logs nobody in, and is told as failed`, async () => {
      const before = client.copy()
      server.store.failing.add(operation)
      const answer = await client.post('/login-as', { id: 'ann-1' })
      expect(answer).to.deep.include({ status: 500, body: { error: `the store fails to ${operation}` } })
      server.store.failing.clear()
      expect([await whoIs(client), await whoIs(before)]).to.deep.equal([null, null])
      expect(Object.values(await server.stored())).not.to.include('ann-1')
      const told = server.built.chemicals.map(({ type, reason }) => [type, reason])
      expect(told).to.deep.equal([['SessionLoginFailed', 'STORE_UNAVAILABLE']])
    })
  }

  it('to set, and works again at once: the login that failed is not saved with the response', async () => {
    const set = server.store.set.bind(server.store)
    server.store.set = (_id, _data, callback) => {
      server.store.set = set
      setImmediate(() => callback?.(new Error('the store fails once')))
    }
    expect((await client.post('/login', ann)).status).to.equal(500)
    expect(await whoIs(client)).to.equal(null)
    expect(Object.values(await server.stored())).not.to.include('ann-1')
  })

  it('to set, after it has written: nobody is logged in by the session that it has kept', async () => {
    const set = server.store.set.bind(server.store)
    server.store.set = (id, data, callback) => {
      set(id, data, () => callback?.(new Error('the connection broke after the commit')))
      server.store.set = (_id, _data, failed) => void setImmediate(() => failed?.(new Error('the store is away')))
    }
    expect((await client.post('/login', ann)).status).to.equal(500)
    server.store.set = set
    expect(await whoIs(client)).to.equal(null)
  })

  it('to destroy: a logout is an error, and never a 204', async () => {
    await client.post('/login', ann)
    server.store.failing.add('destroy')
    const answer = await client.post('/logout')
    expect(answer.status).to.equal(500)
    expect(answer.body).to.deep.equal({ error: 'the store fails to destroy' })
    expect(server.built.chemicals.map(({ type }) => type)).to.deep.equal(['SessionLogin'])
  })

  it('to destroy: the logout works when it is tried again', async () => {
    await client.post('/login', ann)
    server.store.failing.add('destroy')
    await client.post('/logout')
    server.store.failing.clear()
    expect((await client.post('/logout')).status).to.equal(204)
    expect(await whoIs(client)).to.equal(null)
    expect(await server.stored()).to.deep.equal({})
  })

  for (const operation of ['set', 'destroy', 'touch'] as const) {
    it(`to ${operation}: who is logged in stays logged in where another login fails`, async () => {
      await client.post('/login', bob)
      const before = client.copy()
      server.store.failing.add(operation)
      await client.post('/login', { username: 'bob', password: 'wrong' })
      server.store.failing.clear()
      expect(await whoIs(before)).to.equal('bob-1')
    })
  }

  it('to get: an owner cannot be told, which is an error, and logs nobody out', async () => {
    await client.post('/login', ann)
    server.store.failing.add('get')
    expect((await client.get('/me')).status).to.equal(500)
    server.store.failing.clear()
    expect(await whoIs(client)).to.equal('ann-1')
  })

  it('and has disconnected: is a 503 for a login, a logout and an owner', async () => {
    await client.post('/login', ann)
    server.store.emit('disconnect')
    expect((await client.get('/me')).status).to.equal(503)
    expect((await client.post('/login', ann)).status).to.equal(503)
    expect((await client.post('/logout')).status).to.equal(503)
    server.store.emit('connect')
    expect(await whoIs(client)).to.equal('ann-1')
  })
})
