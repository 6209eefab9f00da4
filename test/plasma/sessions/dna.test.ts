import { expect } from 'chai'
import { inspect } from 'node:util'
import { DnaError } from '../../../context/cell'
import { EventBus } from '../../../context/cell/event-bus'
import organelle from '../../../plasma/sessions'
import { MemoryOwners } from '../../support/memory-owners'
import { rejectionOf } from '../../support/rejection'
import { buildSessions } from '../../support/sessions-organelle'

const ownerModel = new MemoryOwners()
const USERS = 'http://users.example/api/login'

/** @returns why this DNA is refused */
function refusalOf(dna: object, plasma: Organic.Plasma = new EventBus()): Promise<DnaError> {
  return rejectionOf(() => organelle(plasma, { name: 'sessions', ownerModel, ...dna }), DnaError)
}

describe('the DNA of the sessions organelle', () => {
  it('names the function on the plasma', async () => {
    const { plasma } = buildSessions({ name: 'sesions', ownerModel: new MemoryOwners({ id: 1 }) })
    organelle(plasma, { name: 'user-sessions', ownerModel })
    const named = plasma as unknown as Record<string, ReturnType<typeof buildSessions>['sessions']>
    expect(await named['sesions']?.({ ownerId: 1 }).owner()).to.deep.equal({ id: 1 })
    // Two organelles side by side have owners of their own.
    expect(await named['user-sessions']?.({ ownerId: 1 }).owner()).to.equal(undefined)
  })

  for (const name of ['on', 'emit', 'store', 'listeners', 'toString', 'constructor', '__proto__', 'sessions']) {
    it(`is refused with a name that the plasma has: ${name}`, async () => {
      const { plasma } = buildSessions({ ownerModel })
      const before: unknown = Reflect.get(plasma, name)
      const { message } = await refusalOf({ name }, plasma)
      expect(message).to.match(/^name: /)
      expect(message).to.include(name)
      expect(Reflect.get(plasma, name)).to.equal(before)
    })
  }

  const REFUSED: [dna: object, key: string][] = [
    ...['', undefined, null, 7, ['sessions']].map((name): [object, string] => [{ name }, 'name']),
    [{ ownerModel: undefined, ownerModelPath: '' }, 'ownerModelPath'],
    [{ ownerModel: undefined, ownerModelPath: ['context/models/user'] }, 'ownerModelPath'],
    [{ ownerModelpath: 'x' }, 'ownerModelpath'],
    [{ constructor: 'x' }, 'constructor'],
    ...['', '/api/login', 'users.example/login', 'ftp://users.example', 'javascript:1', 7, null].map(
      (url): [object, string] => [{ remoteLoginEndpoint: url }, 'remoteLoginEndpoint'],
    ),
    [{ remoteAuthenticateEndpoint: 'nowhere' }, 'remoteAuthenticateEndpoint'],
    [{ remoteTimeout: 0 }, 'remoteTimeout'],
    [{ remoteTimeout: Infinity }, 'remoteTimeout'],
    [{ remoteMaxBytes: '5000' }, 'remoteMaxBytes'],
    [{ remoteMaxPending: 0 }, 'remoteMaxPending'],
    [{ remoteFailures: 0.5 }, 'remoteFailures'],
    [{ remoteRetrySeconds: -1 }, 'remoteRetrySeconds'],
    [{ remoteSessionSeconds: '1h' }, 'remoteSessionSeconds'],
    [{ remoteLoginEndpoint: USERS, remoteCaFile: 'no/such/file.pem' }, 'remoteCaFile'],
    [{ remoteRequireHttps: true, remoteLoginEndpoint: USERS }, 'remoteLoginEndpoint'],
    [
      { remoteRequireHttps: true, remoteAuthenticateEndpoint: 'http://127.0.0.1.example/' },
      'remoteAuthenticateEndpoint',
    ],
    [{ remoteRequireHttps: true, remoteLoginEndpoint: 'http://not-localhost/' }, 'remoteLoginEndpoint'],
    [{ dangerouslyAllowInsecureRemote: 'yes' }, 'dangerouslyAllowInsecureRemote'],
  ]
  for (const [dna, key] of REFUSED) {
    it(`is refused, and leaves the plasma as it was: ${inspect(dna, { breakLength: Infinity })}`, async () => {
      const plasma: Organic.Plasma = new EventBus()
      expect((await refusalOf(dna, plasma)).key).to.equal(key)
      expect(plasma).not.to.have.property('sessions')
    })
  }

  for (const login of ['cell:hunter2', 'hunter2', ':hunter2']) {
    it(`is refused with credentials in a URL, which are not repeated: ${login}`, async () => {
      const error = await refusalOf({ remoteLoginEndpoint: `https://${login}@users.example/login` })
      expect(error.key).to.equal('remoteLoginEndpoint')
      expect(inspect(error, { depth: Infinity })).not.to.include('hunter2')
    })
  }

  it('may name two trust points, on this machine, over HTTPS, or in spite of everything', () => {
    const safe = [
      'http://127.0.0.1:1/api/login',
      'http://localhost:1/',
      'http://[::1]:1/',
      'https://users.example/?a=1',
    ]
    for (const remoteLoginEndpoint of safe) {
      const { sessions } = buildSessions({ ownerModel, remoteRequireHttps: true, remoteLoginEndpoint })
      expect(sessions.asksTrustPoint).to.equal(true)
    }
    const anyway = { remoteRequireHttps: true, dangerouslyAllowInsecureRemote: true, remoteLoginEndpoint: USERS }
    buildSessions({ ownerModel, ...anyway })
    for (const url of [
      'http://apps.example/api/login',
      'http://users.example/api/apps',
      USERS.replace('http', 'https'),
    ])
      buildSessions({ ownerModel, remoteLoginEndpoint: USERS, remoteAuthenticateEndpoint: url })
    expect(buildSessions({ ownerModel }).sessions.asksTrustPoint).to.equal(false)
  })

  for (const url of ['', '#apps', '/', '?a=1']
    .map((end) => USERS + end)
    .concat('HTTP://USERS.example:80/API/./login')) {
    it(`is refused with two endpoints that are one, as any user could name any owner: ${url}`, async () => {
      const error = await refusalOf({ remoteLoginEndpoint: USERS, remoteAuthenticateEndpoint: url })
      expect(error.message).to.match(/^remoteAuthenticateEndpoint: must not be the remoteLoginEndpoint/)
    })
  }
})
