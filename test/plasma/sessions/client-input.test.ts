import { expect } from 'chai'
import type { Request } from 'express'
import { inspect } from 'node:util'
import { refuseClientInput } from '../../../plasma/sessions/client-input'
import type { Owner } from '../../../plasma/sessions/owner-model'
import type { SessionApi } from '../../../plasma/sessions/session-api'
import { FailingStore, LoginApp, sessionIdIn, whoIs } from '../../support/login-app'
import { MemoryOwners, type MemoryOwner } from '../../support/memory-owners'
import { rejectionOf } from '../../support/rejection'
import { buildSessions } from '../../support/sessions-organelle'

const victim = { id: 'victim-1', username: 'victim', password: 'correct horse' }
const SECRET = 'hunter2-correct-horse'

describe('login without a callback', () => {
  for (const [what, request] of Object.entries<(sent: object) => object>({
    'the body': (body) => ({ body }),
    'a part of the body': (user) => ({ body: { user } }),
    'an element of an array in the body': (user) => ({ body: { users: [user] } }),
    'the query': (query) => ({ query }),
    'a part of the query': (user) => ({ query: { user } }),
    'the parameters': (params) => ({ params }),
    'the cookies': (cookies) => ({ cookies }),
    'the headers': (headers) => ({ headers }),
  })) {
    it(`refuses ${what}, whose values it does not repeat`, async () => {
      const sent = { id: 'victim-1' }
      const error = await rejectionOf(() => refuseClientInput(sent, request(sent)), TypeError)
      expect(error.message).to.match(/what the client sent.*authenticate.*loginAs/)
      expect(inspect(error)).not.to.include('victim-1')
      refuseClientInput({ ...sent }, request(sent))
    })
  }

  it('of an express-session session refuses the body, logs nobody in, and keeps the session', async () => {
    const app = await LoginApp.start({
      store: new FailingStore(),
      owners: [victim],
      addRoutes: (app, sessions) =>
        app.post('/mistake', (req) => {
          sessions(req.session).login(req.body as MemoryOwner)
        }),
    })
    try {
      const client = app.client()
      const before = [sessionIdIn(await client.post('/cart')), client.cookies.get('id')]
      expect((await client.post('/mistake', { id: 'victim-1' })).status).to.equal(500)
      expect(await whoIs(client)).to.equal(null)
      expect([sessionIdIn(await client.get('/me')), client.cookies.get('id')]).to.deep.equal(before)
      expect(app.built.chemicals).to.deep.equal([])
    } finally {
      await app.stop()
    }
  })

  it('refuses an object with a field of credentials, and what is no object', () => {
    const storage = { ownerId: 'bob-1' }
    const { sessions } = buildSessions({ ownerModel: new MemoryOwners(victim) })
    const fields = ['password', 'passphrase', 'passcode', 'pin', 'otp', 'ownerId', 'remember']
    const copies = fields.map((field) => ({ id: 'victim-1', [field]: SECRET }))
    for (const given of [...copies, null, undefined, 'ann', 7, () => victim]) {
      expect(() => sessions(storage).login(given as never), inspect(given))
        .to.throw(TypeError, /authenticate.*loginAs/)
        .and.satisfy((error: Error) => !inspect(error).includes(SECRET))
    }
    const login = (): void => sessions(storage).login({ id: 'victim-1' }, { remember: true } as never)
    expect(login).to.throw(TypeError, /authenticate/)
    expect(storage).to.deep.equal({ ownerId: 'bob-1' })
  })

  it('accepts an owner from elsewhere, even beside a body with bytes, null and a circle in it', () => {
    class Member {
      readonly id = 'ann-1'
      get password(): string {
        return SECRET
      }
    }
    const body: Record<string, unknown> = { bytes: Buffer.alloc(8), nothing: null }
    body['self'] = body
    refuseClientInput(new Member(), { body })
  })

  it('does not compile with what a client sent', () => {
    const mistakes = (api: SessionApi<Required<Owner>, { username: string }>, req: Request): void => {
      // @ts-expect-error -- an untyped body
      api.login(req.body)
      // @ts-expect-error -- the same
      void api.loginAs(req.body)
      // @ts-expect-error -- credentials are not an owner
      api.login(req.body as { username: string })
    }
    expect(mistakes).to.be.a('function')
  })
})
