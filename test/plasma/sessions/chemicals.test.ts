import { expect } from 'chai'
import { inspect } from 'node:util'
import { called } from '../../support/called'
import { MemoryOwners } from '../../support/memory-owners'
import { rejectionOf } from '../../support/rejection'
import { buildSessions, type BuiltSessions } from '../../support/sessions-organelle'
import { keepWarnings } from '../../support/warnings'

const ann = { id: 'ann-1', username: 'ann', password: 'correct horse' }
const credentials = { username: 'ann', password: 'correct horse' }
const wrong = { username: 'ann', password: 'battery staple' }
const acting = (ownerId: string): object => ({ ownerId, login: { actor: { id: 'app-1' } } })

/** What each step emits, or nothing. */
const STEPS: Record<string, [step: (built: BuiltSessions) => unknown, expected?: object]> = {
  'a login with credentials': [
    ({ sessions }) => sessions({}).authenticate(credentials),
    { type: 'SessionLogin', ownerId: 'ann-1', actor: undefined },
  ],
  'a login with an owner': [({ sessions }) => sessions({}).login({ id: 0 }), { type: 'SessionLogin', ownerId: 0 }],
  'a login with loginAs': [({ sessions }) => sessions({}).loginAs(ann), { type: 'SessionLogin', ownerId: 'ann-1' }],
  'a login with wrong credentials': [
    ({ sessions }) => sessions({}).authenticate(wrong),
    { type: 'SessionLoginFailed', ownerId: undefined, reason: 'INVALID_CREDENTIALS' },
  ],
  'a login with something else': [
    ({ sessions }) => rejectionOf(() => sessions({}).authenticate([ann] as never)),
    { type: 'SessionLoginFailed', ownerId: undefined, reason: 'INVALID_CREDENTIALS_SHAPE' },
  ],
  'a login without a storage': [
    ({ sessions }) => rejectionOf(() => sessions(undefined).authenticate(credentials)),
    { type: 'SessionLoginFailed', ownerId: undefined, reason: 'STORE_UNAVAILABLE' },
  ],
  'a logout': [
    ({ sessions }) => sessions(acting('ann-1')).logout(),
    { type: 'SessionLogout', ownerId: 'ann-1', actor: { id: 'app-1' }, reason: undefined },
  ],
  'a session whose owner no longer exists': [
    ({ sessions }) => sessions(acting('gone')).owner(),
    { type: 'SessionDenied', ownerId: 'gone', actor: { id: 'app-1' }, reason: 'OWNER_NOT_FOUND' },
  ],
  'a logout of nobody': [({ sessions }) => sessions({}).logout()],
  'a question who is logged in': [({ sessions }) => sessions({ ownerId: 'ann-1' }).owner()],
  'an owner without an id': [({ sessions }) => rejectionOf(() => sessions({}).login({}))],
}

describe('the chemicals of the sessions organelle', () => {
  for (const [what, [step, expected]] of Object.entries(STEPS)) {
    it(`${expected ? 'report' : 'do not report'} ${what}, and carry no secret`, async () => {
      const built = buildSessions({ ownerModel: new MemoryOwners(ann) })
      await step(built)
      expect(built.chemicals).to.have.length(expected ? 1 : 0)
      for (const { time, ...chemical } of built.chemicals) {
        for (const [key, value] of Object.entries(expected ?? {}))
          expect(Reflect.get(chemical, key), key).to.deep.equal(value)
        expect(time).to.be.closeTo(Date.now(), 60_000)
        expect(inspect(chemical, { depth: Infinity })).not.to.match(/correct horse|battery staple|username|password/)
      }
    })
  }

  for (const [answer, claimedId, ownerId] of [
    ['knows', () => Promise.resolve('ann-1'), 'ann-1'],
    ['fails to say', () => Promise.reject(new Error('no database')), undefined],
  ] as const) {
    it(`name the owner whose name came with a wrong password as far as the model ${answer}`, async () => {
      const { sessions, chemicals } = buildSessions({ ownerModel: Object.assign(new MemoryOwners(ann), { claimedId }) })
      expect(await sessions({}).authenticate(wrong)).to.equal(undefined)
      expect(chemicals[0]).to.include({ type: 'SessionLoginFailed', ownerId, reason: 'INVALID_CREDENTIALS' })
    })
  }

  it('ask the model for an owner by checked fields only', async () => {
    const asked: object[] = []
    const claimedId = (fields: object): Promise<undefined> => {
      asked.push(fields)
      return Promise.resolve(undefined)
    }
    const { sessions } = buildSessions({ ownerModel: Object.assign(new MemoryOwners(), { claimedId }) })
    await sessions({}).authenticate({ ...wrong, remember: 'on' })
    expect(asked).to.deep.equal([wrong])
  })

  it('are emitted before the callback, once the storage is written', async () => {
    const { sessions, plasma } = buildSessions({ ownerModel: new MemoryOwners(ann) })
    const storage: { ownerId?: unknown } = {}
    const seen: unknown[] = []
    plasma.on('SessionLogin', ({ ownerId }) => seen.push(ownerId, storage.ownerId))
    // A reaction that never ends does not hold back the login either.
    plasma.on('SessionLogin', (_chemical, _next) => undefined)
    await called((callback) => sessions(storage).login(credentials, callback))
    expect(seen).to.deep.equal(['ann-1', 'ann-1'])
  })

  describe('of which a reaction fails', () => {
    const warnings = keepWarnings()

    it('do not disturb a login, a logout or a denial, but warn', async () => {
      const { sessions, plasma } = buildSessions({ ownerModel: new MemoryOwners(ann) })
      for (const type of ['SessionLogin', 'SessionLoginFailed', 'SessionLogout', 'SessionDenied'])
        plasma.on(type, () => Promise.reject(new Error('the log is full')))
      const storage = {}
      expect(await sessions(storage).authenticate(credentials)).to.equal(ann)
      await sessions(storage).logout()
      sessions(storage).login({ id: 'ann-1' })
      expect(storage).to.deep.equal({ ownerId: 'ann-1' })
      expect(await sessions({}).authenticate(wrong)).to.equal(undefined)
      expect(await sessions({ ownerId: 'gone' }).owner()).to.equal(undefined)
      await new Promise(setImmediate)
      expect(warnings).to.have.length(5)
      for (const warning of warnings) expect(warning).to.match(/^a reaction to Session\w+ failed: the log is full$/)
    })
  })
})
