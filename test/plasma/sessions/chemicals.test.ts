import { expect } from 'chai'
import { inspect } from 'node:util'
import { called, refused } from '../../support/called'
import { MemoryOwners } from '../../support/memory-owners'
import { buildSessions, type BuiltSessions } from '../../support/sessions-organelle'

const ann = { id: 'ann-1', username: 'ann', password: 'correct horse' }
const credentials = { username: 'ann', password: 'correct horse' }
const wrong = { username: 'ann', password: 'battery staple' }

/** What each step emits, and nothing else. */
const STEPS: Record<string, [step: (built: BuiltSessions) => unknown, expected: object | undefined]> = {
  'a login with credentials': [
    ({ sessions }) => called((callback) => sessions({}).login(credentials, callback)),
    { type: 'SessionLogin', ownerId: 'ann-1', actor: undefined },
  ],
  'a login with an owner': [
    ({ sessions }) => sessions({}).login({ id: 'ann-1' }),
    { type: 'SessionLogin', ownerId: 'ann-1', actor: undefined },
  ],
  'a login with loginAs': [
    ({ sessions }) => sessions({}).loginAs(ann),
    { type: 'SessionLogin', ownerId: 'ann-1', actor: undefined },
  ],
  'a login with wrong credentials': [
    ({ sessions }) => called((callback) => sessions({}).login(wrong, callback)),
    { type: 'SessionLoginFailed', ownerId: undefined, actor: undefined, reason: 'INVALID_CREDENTIALS' },
  ],
  'a login with credentials that are none': [
    ({ sessions }) => refused((callback) => sessions({}).login(null as never, callback)),
    { type: 'SessionLoginFailed', ownerId: undefined, actor: undefined, reason: 'INVALID_CREDENTIALS_SHAPE' },
  ],
  'a login without a storage': [
    ({ sessions }) => refused((callback) => sessions(undefined).login(credentials, callback)),
    { type: 'SessionLoginFailed', ownerId: undefined, actor: undefined, reason: 'STORE_UNAVAILABLE' },
  ],
  'a logout': [
    ({ sessions }) => sessions({ ownerId: 'ann-1', login: { actor: { id: 'app-1' } } }).logout(),
    { type: 'SessionLogout', ownerId: 'ann-1', actor: { id: 'app-1' } },
  ],
  'a session whose owner no longer exists': [
    ({ sessions }) => sessions({ ownerId: 'gone', login: { actor: { id: 'app-1' } } }).owner(),
    { type: 'SessionDenied', ownerId: 'gone', actor: { id: 'app-1' }, reason: 'OWNER_NOT_FOUND' },
  ],
  'a logout of nobody': [({ sessions }) => sessions({}).logout(), undefined],
  'an owner who is asked for': [({ sessions }) => sessions({ ownerId: 'ann-1' }).owner(), undefined],
  'an owner without an id': [
    ({ sessions }) => {
      expect(() => sessions({}).login({})).to.throw()
    },
    undefined,
  ],
}

describe('the chemicals of the sessions organelle', () => {
  for (const [what, [step, expected]] of Object.entries(STEPS)) {
    it(`tell ${expected ? '' : 'nothing '}of ${what}`, async () => {
      const built = buildSessions({ ownerModel: new MemoryOwners(ann) })
      const before = Date.now()
      await step(built)
      expect(built.chemicals).to.have.length(expected ? 1 : 0)
      if (!expected) return

      const { time, ...chemical } = built.chemicals[0] as Organic.Chemical & { time: number }
      for (const [key, value] of Object.entries(expected)) expect(chemical[key], key).to.deep.equal(value)
      expect(time).to.be.within(before, Date.now())
    })

    it(`tell no secret of ${what}`, async () => {
      const built = buildSessions({ ownerModel: new MemoryOwners(ann) })
      await step(built)
      expect(inspect(built.chemicals, { depth: Infinity })).not.to.match(
        /correct horse|battery staple|username|password/,
      )
    })
  }

  it('name the owner whose name came with a wrong password, where the model knows him', async () => {
    const ownerModel = Object.assign(new MemoryOwners(ann), { claimedId: () => Promise.resolve('ann-1') })
    const { sessions, chemicals } = buildSessions({ ownerModel })
    await called((callback) => sessions({}).login(wrong, callback))
    expect(chemicals[0]).to.include({ type: 'SessionLoginFailed', ownerId: 'ann-1', reason: 'INVALID_CREDENTIALS' })
  })

  it('name nobody where the model cannot say, and the login fails as ever', async () => {
    const ownerModel = Object.assign(new MemoryOwners(ann), {
      claimedId: () => Promise.reject(new Error('no database')),
    })
    const { sessions, chemicals } = buildSessions({ ownerModel })
    expect(await called((callback) => sessions({}).login(wrong, callback))).to.deep.equal([])
    expect(chemicals[0]).to.include({ type: 'SessionLoginFailed', ownerId: undefined, reason: 'INVALID_CREDENTIALS' })
  })

  it('take 0 for an owner', async () => {
    const { sessions, chemicals } = buildSessions({ ownerModel: new MemoryOwners() })
    sessions({}).login({ id: 0 })
    await sessions({ ownerId: 0 }).logout()
    const told = chemicals.map(({ type, ownerId }) => [type, ownerId])
    expect(told).to.deep.equal([
      ['SessionLogin', 0],
      ['SessionLogout', 0],
    ])
  })

  it('are emitted before the callback, when the storage is written', async () => {
    const { sessions, plasma } = buildSessions({ ownerModel: new MemoryOwners(ann) })
    const storage: { ownerId?: unknown } = {}
    const seen: unknown[] = []
    plasma.on('SessionLogin', () => seen.push(storage.ownerId))
    await called((callback) =>
      sessions(storage).login(credentials, (error, owner) => {
        seen.push('callback')
        callback(error, owner)
      }),
    )
    expect(seen).to.deep.equal(['ann-1', 'callback'])
  })

  for (const [fails, reaction] of [
    [
      'throws',
      (_chemical: Organic.Chemical): never => {
        throw new Error('the log is full')
      },
    ],
    ['rejects', (_chemical: Organic.Chemical) => Promise.reject(new Error('the log is full'))],
    [
      'calls back an error',
      (_chemical: Organic.Chemical, callback: (error: Error) => void) => {
        callback(new Error('the log is full'))
      },
    ],
  ] as const) {
    it(`do not disturb a login, a logout or a denial where a reaction ${fails}, but warn`, async () => {
      const { sessions, plasma } = buildSessions({ ownerModel: new MemoryOwners(ann) })
      for (const type of ['SessionLogin', 'SessionLoginFailed', 'SessionLogout', 'SessionDenied'])
        plasma.on(type, reaction)
      const warnings: string[] = []
      const emitWarning = process.emitWarning.bind(process)
      process.emitWarning = (warning: string | Error) => void warnings.push(String(warning))
      try {
        const storage: { ownerId?: unknown } = {}
        expect(await called((callback) => sessions(storage).login(credentials, callback))).to.deep.equal([null, ann])
        expect(await called((callback) => sessions(storage).logout(callback))).to.have.length(0)
        sessions(storage).login({ id: 'ann-1' })
        expect(storage.ownerId).to.equal('ann-1')
        expect(await called((callback) => sessions(storage).login(wrong, callback))).to.have.length(0)
        expect(await called((callback) => sessions({ ownerId: 'gone' }).owner(callback))).to.have.length(0)
      } finally {
        process.emitWarning = emitWarning
      }
      expect(warnings.filter((message) => message.includes('the log is full'))).to.have.length(5)
      expect(warnings.join()).not.to.match(/correct horse|battery staple/)
    })
  }

  it('do not hold back a login where a reaction never ends', async () => {
    const { sessions, plasma } = buildSessions({ ownerModel: new MemoryOwners(ann) })
    plasma.on('SessionLogin', (_chemical: Organic.Chemical, _callback: () => void) => undefined)
    expect(await called((callback) => sessions({}).login(credentials, callback))).to.deep.equal([null, ann])
  })
})
