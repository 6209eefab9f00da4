import { expect } from 'chai'
import express from 'express'
import { inspect } from 'node:util'
import type { User } from '../../../context/models/user'
import type { SessionApi } from '../../../plasma/sessions/types'
import type { Credentials } from '../../../routes/declarations'
import { LoginApp, whoIs } from '../../support/login-app'
import { MemoryOwners, type MemoryOwner } from '../../support/memory-owners'
import { buildSessions } from '../../support/sessions-organelle'

const victim = { id: 'victim-1', username: 'victim', password: 'correct horse' }
const SECRET = 'hunter2-correct-horse'

/** What a route may hand to `login` where its callback was forgotten. */
const MISTAKES: Record<string, (req: express.Request) => unknown> = {
  'the body': (req) => req.body as unknown,
  'a part of the body': (req) => (req.body as { user: unknown }).user,
  'an element of a list in the body': (req) => (req.body as { users: unknown[] }).users[0],
  'the query': (req) => req.query,
  'a part of the query': (req) => req.query['user'],
  'the parameters': (req) => req.params,
}

describe('login without a callback', () => {
  for (const [what, take] of Object.entries(MISTAKES)) {
    it(`refuses ${what}, logs nobody in, and keeps the session`, async () => {
      const server = new LoginApp(victim)
      let thrown: unknown
      server.app.post('/mistake/:id', (req, res) => {
        try {
          server.built.sessions(req.session).login(take(req) as MemoryOwner)
        } catch (error) {
          thrown = error
        }
        res.json({ id: req.sessionID })
      })
      await server.start()
      try {
        const client = server.client()
        const { id } = (await client.post('/cart')).body as { id: string }
        const named = { id: 'victim-1' }
        const { body } = await client.post('/mistake/victim-1?id=victim-1&user[id]=victim-1', {
          ...named,
          user: named,
          users: [named],
        })
        expect(thrown)
          .to.be.instanceOf(TypeError)
          .and.have.property('message')
          .that.matches(/authenticate.*loginAs/)
        expect(inspect(thrown)).not.to.include('victim-1')
        expect(body).to.deep.equal({ id })
        expect(await whoIs(client)).to.equal(null)
        expect(server.built.chemicals).to.deep.equal([])
      } finally {
        await server.stop()
      }
    })
  }

  for (const field of ['password', 'passphrase', 'passcode', 'pin', 'otp', 'ownerId', 'remember']) {
    it(`refuses what has a field that credentials have, even a copy of it: ${field}`, () => {
      const storage = { ownerId: 'bob-1' }
      const { sessions } = buildSessions({ ownerModel: new MemoryOwners(victim) })
      expect(() => sessions(storage).login({ id: 'victim-1', [field]: SECRET } as MemoryOwner))
        .to.throw(TypeError, /authenticate.*loginAs/)
        .and.satisfy((error: Error) => !inspect(error).includes(SECRET))
      expect(storage).to.deep.equal({ ownerId: 'bob-1' })
    })
  }

  it('accepts an owner whose password is a property of its class', () => {
    class Owner {
      readonly id = 'ann-1'
      get password(): string {
        return SECRET
      }
    }
    const storage = {}
    buildSessions({ ownerModel: new MemoryOwners() }).sessions(storage).login(new Owner())
    expect(storage).to.deep.equal({ ownerId: 'ann-1' })
  })

  it('refuses a callback that is not a function', () => {
    const storage = {}
    const { sessions } = buildSessions({ ownerModel: new MemoryOwners(victim) })
    expect(() => sessions(storage).login({ id: 'victim-1' }, { remember: true } as never)).to.throw(
      TypeError,
      /authenticate/,
    )
    expect(storage).to.deep.equal({})
  })

  it('does not compile with what a client sent', () => {
    const mistakes = (api: SessionApi<User, Credentials>, req: express.Request): void => {
      /* eslint-disable @typescript-eslint/no-unsafe-argument -- the compiler refuses it as well */
      // @ts-expect-error -- a body that nobody has typed
      api.login(req.body)
      // @ts-expect-error -- the same
      void api.loginAs(req.body)
      /* eslint-enable @typescript-eslint/no-unsafe-argument */
      // @ts-expect-error -- credentials are no owner
      api.login(req.body as Credentials)
    }
    expect(mistakes).to.be.a('function')
  })
})
