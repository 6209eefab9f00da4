import { expect } from 'chai'
import { inspect } from 'node:util'
import { readCredentials } from '../../../plasma/sessions/credentials'
import { rejectionOf } from '../../support/rejection'
import { buildSessions } from '../../support/sessions-organelle'

const SECRET = 'hunter2-correct-horse'
const victim = { id: 'victim-1', email: 'victim@example.org', password: SECRET }
const sent = { email: victim.email, password: SECRET }

/** JSON that cannot be anybody's credentials. */
const REFUSED: Record<string, string> = {
  null: 'null',
  'a number': '7',
  'a string': `"${SECRET}"`,
  'an array': `[${JSON.stringify(sent)}]`,
  'no field': '{}',
  'no field but remember': '{"remember":true}',
  'no field but ownerId': '{"ownerId":"victim-1"}',
  'an operator': `{"email":{"$ne":null},"password":"${SECRET}"}`,
  'an operator in a field that nobody expects': `{"email":"victim@example.org","password":"${SECRET}","more":{"$ne":null}}`,
  'an operator that takes a string': '{"$where":"true"}',
  'an array in a field': `{"email":["victim@example.org"],"password":"${SECRET}"}`,
  'a number in a field': '{"email":"victim@example.org","password":1}',
  'null in a field': '{"email":"victim@example.org","password":null}',
  'a field __proto__': `{"email":"victim@example.org","__proto__":{"password":"${SECRET}"}}`,
  'a field __proto__ with a string': `{"email":"victim@example.org","password":"${SECRET}","__proto__":"x"}`,
  'a string that is too long': `{"password":"${'x'.repeat(1025)}"}`,
  'an ownerId that is an operator': '{"password":"x","ownerId":{"$ne":null}}',
  'an ownerId that is an array': '{"password":"x","ownerId":["victim-1"]}',
  'an ownerId that is null': '{"password":"x","ownerId":null}',
  'an ownerId that is a boolean': '{"password":"x","ownerId":true}',
  'an ownerId that is empty': '{"password":"x","ownerId":""}',
  'an ownerId that loses digits': '{"password":"x","ownerId":9007199254740993}',
  'an ownerId that is too long': `{"password":"x","ownerId":"${'x'.repeat(1025)}"}`,
  'a remember that is an operator': `{"password":"${SECRET}","remember":{"$ne":null}}`,
  'a remember that is a number': '{"password":"x","remember":1}',
  'a remember that is empty': '{"password":"x","remember":""}',
  'a remember in capitals': '{"password":"x","remember":"TRUE"}',
}

describe('the check of credentials (OWASP ASVS 15.3.3)', () => {
  for (const [what, json] of Object.entries(REFUSED)) {
    it(`refuses ${what}, and repeats nothing`, async () => {
      const error = await rejectionOf(() => readCredentials(JSON.parse(json)))
      expect(error).to.include({ status: 400, code: 'INVALID_CREDENTIALS_SHAPE' })
      expect(inspect(error)).not.to.match(/victim|hunter2|xxx/)
    })
  }

  it('refuses what JSON does not have', async () => {
    for (const given of [undefined, () => sent, { ...sent, size: 1n }, { ...sent, self: sent }])
      expect(await rejectionOf(() => readCredentials(given))).to.include({ code: 'INVALID_CREDENTIALS_SHAPE' })
  })

  it('leaves strings as they are, and adds no ownerId', () => {
    const fields = { username: ' Ann ', password: '', 'e-mail': 'x'.repeat(1024), constructor: '\0' }
    expect(readCredentials(fields)).to.deep.equal({ fields, isRemembered: false })
    for (const ownerId of ['x'.repeat(1024), 7, 0])
      expect(readCredentials({ ...sent, ownerId })).to.deep.equal({ fields: sent, ownerId, isRemembered: false })
  })

  it('reads remember as JSON or the checkbox of a form sends it', () => {
    const isRemembered = (remember: unknown): boolean => readCredentials({ ...sent, remember }).isRemembered
    for (const remember of [true, 'true', 'on']) expect(isRemembered(remember), String(remember)).to.equal(true)
    for (const remember of [false, 'false', null, undefined])
      expect(isRemembered(remember), String(remember)).to.equal(false)
  })

  it('copies own fields only, as they were when they were checked', async () => {
    let reads = 0
    const given = Object.defineProperty({ email: victim.email }, 'password', {
      enumerable: true,
      get: () => (reads++ === 0 ? SECRET : { $ne: null }),
    })
    expect(readCredentials(given).fields).to.deep.equal(sent)
    await rejectionOf(() => readCredentials(Object.create(sent)))
  })

  it('comes before any model, in every way to log in', async () => {
    const asked: unknown[] = []
    /** On a document database, the credentials are a query. */
    const find = (query: Record<string, unknown>): Promise<object> => {
      asked.push(query)
      return Promise.resolve(victim)
    }
    const ownerModel = { findByCredentials: find, findById: find, createOrUpdate: find, claimedId: find }
    const { sessions, chemicals } = buildSessions({ ownerModel })
    const storage = {}
    const query = { email: { $ne: null }, password: { $ne: null } }
    const error = await new Promise((resolve) => {
      sessions(storage).login(query, resolve)
    })
    expect(error).to.include({ code: 'INVALID_CREDENTIALS_SHAPE' })
    expect(await rejectionOf(() => sessions(storage).authenticate(query))).to.include({ status: 400 })
    expect([asked, storage]).to.deep.equal([[], {}])
    const reasons = chemicals.map(({ type, reason }) => [type, reason])
    expect(reasons).to.deep.equal(Array(2).fill(['SessionLoginFailed', 'INVALID_CREDENTIALS_SHAPE']))
  })
})
