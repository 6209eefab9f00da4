import { expect } from 'chai'
import { inspect } from 'node:util'
import { called, refused } from '../../support/called'
import { newCredentials } from '../../support/client'
import { LoginApp } from '../../support/login-app'
import { rejectionOf } from '../../support/rejection'
import { buildSessions, type BuiltSessions } from '../../support/sessions-organelle'
import { TrustPoint } from '../../support/trust-point'

const SECRET = 'hunter2-correct-horse'
const victim = { id: 'victim-1', email: 'victim@example.org', password: SECRET }

/** A model as one writes it on a document database: the credentials are its query, and `$ne` one of its operators. */
class DocumentOwners {
  readonly asked: unknown[] = []

  findByCredentials = (query: Record<string, unknown>): Promise<typeof victim | undefined> => {
    this.asked.push(query)
    const matches = Object.entries(query).every(([field, wanted]) => {
      const value: unknown = Reflect.get(victim, field)
      if (field === '$where') return true
      return typeof wanted === 'object' && wanted !== null && '$ne' in wanted ? value !== wanted.$ne : value === wanted
    })
    return Promise.resolve(matches ? victim : undefined)
  }
  findById = (id: unknown): Promise<typeof victim | undefined> => this.findByCredentials({ id })
  createOrUpdate = (owner: unknown): unknown => {
    this.asked.push(owner)
    return Promise.resolve(owner)
  }
  claimedId = (credentials: unknown): Promise<undefined> => {
    this.asked.push(credentials)
    return Promise.resolve(undefined)
  }
}

/** JSON that is no credentials. */
const REFUSED: Record<string, string> = {
  null: 'null',
  'a number': '7',
  'a string': '"victim"',
  'a list': '[{"email":"victim@example.org"}]',
  'an empty object': '{}',
  'no field but remember': '{"remember":true}',
  'no field but ownerId': '{"ownerId":"victim-1"}',
  'an operator': `{"email":{"$ne":null},"password":"${SECRET}"}`,
  'two operators': '{"email":{"$ne":null},"password":{"$ne":null}}',
  'an operator in a field that nobody expects': `{"email":"victim@example.org","password":"${SECRET}","more":{"$ne":null}}`,
  'an operator that takes a string': '{"$where":"true"}',
  'a list in a field': `{"email":["victim@example.org"],"password":"${SECRET}"}`,
  'a number in a field': '{"email":"victim@example.org","password":1}',
  'null in a field': '{"email":"victim@example.org","password":null}',
  'a boolean in a field': '{"email":"victim@example.org","password":true}',
  'the field __proto__': `{"email":"victim@example.org","__proto__":{"password":"${SECRET}"}}`,
  'the field __proto__ with a string': `{"email":"victim@example.org","password":"${SECRET}","__proto__":"x"}`,
  'a string that is too long': `{"email":"victim@example.org","password":"${'x'.repeat(1025)}"}`,
  'an ownerId that is an operator': '{"email":"victim@example.org","password":"x","ownerId":{"$ne":null}}',
  'an ownerId that is null': '{"email":"victim@example.org","password":"x","ownerId":null}',
  'an ownerId that loses digits': '{"email":"victim@example.org","password":"x","ownerId":9007199254740993}',
  'an ownerId that is too long': `{"email":"victim@example.org","password":"x","ownerId":"${'x'.repeat(1025)}"}`,
  'a remember that is an operator': `{"email":"victim@example.org","password":"${SECRET}","remember":{"$ne":null}}`,
}

describe('credentials that are not strings (OWASP ASVS 15.3.3)', () => {
  let users: TrustPoint
  let apps: TrustPoint
  let ownerModel: DocumentOwners
  let built: BuiltSessions

  before(async () => {
    users = await TrustPoint.answering(200, { id: 'victim-1' })
    apps = await TrustPoint.answering(200, { id: 'app-1' })
  })
  after(() => Promise.all([users.stop(), apps.stop()]))
  beforeEach(() => {
    ownerModel = new DocumentOwners()
    built = buildSessions({
      ownerModel,
      remoteLoginEndpoint: users.endpoint,
      remoteAuthenticateEndpoint: apps.endpoint,
    })
  })
  afterEach(() => built.plasma.emit('killed'))

  it('would log somebody in, if the model saw them', async () => {
    expect(await ownerModel.findByCredentials({ email: { $ne: null }, password: SECRET })).to.equal(victim)
  })

  for (const [what, json] of Object.entries(REFUSED)) {
    it(`are a 400 that repeats nothing, and reach no model and no trust point: ${what}`, async () => {
      const given = JSON.parse(json) as Record<string, unknown>
      const storage = {}
      const error = await refused((callback) => built.sessions(storage).login(given, callback))
      expect(error).to.include({ status: 400, code: 'INVALID_CREDENTIALS_SHAPE' })
      expect(inspect(error)).not.to.match(/victim|hunter2|xxx/)
      expect(await rejectionOf(() => built.sessions(storage).authenticate(given))).to.include({
        code: 'INVALID_CREDENTIALS_SHAPE',
      })
      expect([storage, ownerModel.asked, users.requests, apps.requests]).to.deep.equal([{}, [], [], []])
    })
  }

  it('are only what an object has itself, and as strings as they were checked', async () => {
    let reads = 0
    const inherited = Object.create({ password: SECRET }) as object
    const given = Object.defineProperty({ ...inherited, email: 'victim@example.org' }, 'password', {
      enumerable: true,
      get: () => (reads++ === 0 ? SECRET : { $ne: null }),
    })
    expect(await built.sessions({}).authenticate(given)).to.equal(victim)
    expect(ownerModel.asked).to.deep.equal([{ email: victim.email, password: SECRET }])
    await rejectionOf(() => built.sessions({}).authenticate(inherited as Record<string, unknown>))
  })

  it('are 400 over HTTP, and make no session', async () => {
    const server = await new LoginApp(victim).start()
    try {
      for (const [what, json] of Object.entries(REFUSED)) {
        const client = server.client()
        const { status } = await client.send('POST', '/login', json, { 'content-type': 'application/json' })
        expect(status, what).to.equal(400)
        expect(client.cookies, what).to.have.property('size', 0)
      }
      expect(server.owners.asked).to.deep.equal([])
    } finally {
      await server.stop()
    }
  })

  it('leave claimedId the fields that were checked, and no more', async () => {
    const refusing = await TrustPoint.answering(401)
    const { sessions, plasma } = buildSessions({ ownerModel, remoteLoginEndpoint: refusing.endpoint })
    const credentials = newCredentials()
    expect(await called((callback) => sessions({}).login({ ...credentials, remember: 'on' }, callback))).to.deep.equal(
      [],
    )
    expect(ownerModel.asked).to.deep.equal([credentials, credentials])
    await plasma.emit('killed')
    await refusing.stop()
  })
})
