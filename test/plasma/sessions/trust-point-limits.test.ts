import { expect } from 'chai'
import type { ServerResponse } from 'node:http'
import { called, refused } from '../../support/called'
import { stoppedClock } from '../../support/clock'
import { MemoryOwners } from '../../support/memory-owners'
import { buildSessions } from '../../support/sessions-organelle'
import { rejectionOf } from '../../support/rejection'
import { TrustPoint } from '../../support/trust-point'

const credentials = { username: 'ann', password: 'correct horse' }

/** In the place of a status: no answer, and none yet. */
const RESET = -1
const WAIT = 0

describe('the limits of a trust point', () => {
  let point: TrustPoint
  let waiting: ServerResponse[] = []
  let oneWaits = (): void => undefined
  let twoWait = (): void => undefined
  let status = 401

  beforeEach(async () => {
    waiting = []
    status = 401
    point = await TrustPoint.start((_req, res) => {
      if (status === WAIT) {
        waiting.push(res)
        if (waiting.length === 2) twoWait()
        else oneWaits()
      } else if (status === RESET) res.socket?.resetAndDestroy()
      else res.writeHead(status).end('{}')
    })
  })
  afterEach(() => point.stop())

  const build = (dna: object): ReturnType<typeof buildSessions>['sessions'] => {
    return buildSessions({ ownerModel: new MemoryOwners(), remoteLoginEndpoint: point.endpoint, ...dna }).sessions
  }

  it('let so many requests wait at once, and refuse one more at once', async () => {
    const sessions = build({ remoteMaxPending: 2 })
    status = WAIT
    const bothArrived = new Promise<void>((resolve) => (twoWait = resolve))
    const first = [1, 2].map(() => called((callback) => sessions({}).login(credentials, callback)))
    await bothArrived
    const error = await refused((callback) => sessions({}).login(credentials, callback))
    expect(error).to.include({ code: 'REMOTE_UNAVAILABLE', status: 503 })
    for (const res of waiting) res.writeHead(401).end()
    for (const args of await Promise.all(first)) expect(args).to.have.length(0)
    expect(point.requests).to.have.length(2)
  })

  it('count requests without an answer in a row, and begin anew after an answer', async () => {
    const sessions = build({ remoteFailures: 2 })
    const login = (): Promise<unknown> => called((callback) => sessions({}).login(credentials, callback))
    for (const next of [RESET, 401, RESET, 500, RESET, 503]) {
      status = next
      await login()
    }
    expect(point.requests).to.have.length(6)
    status = RESET
    for (let i = 0; i < 5; i += 1) await login()
    expect(point.requests).to.have.length(8)
  })

  for (const answer of [400, 413, 422, 429, 500, 502, 503, 504]) {
    it(`do not count a ${answer}: the credentials of a stranger may bring it about`, async () => {
      const sessions = build({ remoteFailures: 2 })
      status = answer
      for (let i = 0; i < 5; i += 1) await refused((callback) => sessions({}).login(credentials, callback))
      expect(point.requests).to.have.length(5)
      status = 401
      expect(await called((callback) => sessions({}).login(credentials, callback))).to.have.length(0)
    })
  }

  describe('leave it alone', () => {
    const clock = stoppedClock()

    it('for some time, and then let one request try while the others do not wait', async () => {
      const sessions = build({ remoteFailures: 1, remoteRetrySeconds: 20 })
      status = RESET
      await refused((callback) => sessions({}).login(credentials, callback))
      const error = await refused((callback) => sessions({}).login(credentials, callback))
      expect(error).to.include({ code: 'REMOTE_UNAVAILABLE', retryAfter: 20 })
      expect(point.requests).to.have.length(1)

      clock.pass(20_000)
      status = WAIT
      const arrived = new Promise<void>((resolve) => (oneWaits = resolve))
      const trying = called((callback) => sessions({}).login(credentials, callback))
      await arrived
      const other = await refused((callback) => sessions({}).login(credentials, callback))
      expect(other).to.include({ code: 'REMOTE_UNAVAILABLE', retryAfter: 1 })
      waiting[0]?.writeHead(401).end()
      expect(await trying).to.have.length(0)
      status = 401
      expect(await called((callback) => sessions({}).login(credentials, callback))).to.have.length(0)
    })
  })

  it('are its own: one that is down does not take the other with it', async () => {
    const other = await TrustPoint.answering(200, { id: 'app-1' })
    const sessions = build({ remoteAuthenticateEndpoint: other.endpoint, remoteFailures: 1 })
    status = RESET
    for (let i = 0; i < 3; i += 1) await refused((callback) => sessions({}).login(credentials, callback))
    await refused((callback) => sessions({}).login({ ...credentials, ownerId: 'nobody' }, callback))
    expect(other.requests).to.have.length(1)
    await other.stop()
  })

  it("end a login when the trust point's word is over", async () => {
    const sessions = build({ remoteSessionSeconds: 0.1 })
    const storage = { ownerId: 'ann-1', login: { trustedUntil: Date.now() - 1 } }
    expect(await sessions(storage).owner()).to.equal(undefined)
    expect(storage).to.deep.equal({})
  })

  it('are checked in the DNA', async () => {
    const wrong: [dna: object, key: string][] = [
      [{ remoteMaxPending: 0 }, 'remoteMaxPending'],
      [{ remoteFailures: 0.5 }, 'remoteFailures'],
      [{ remoteRetrySeconds: -1 }, 'remoteRetrySeconds'],
      [{ remoteSessionSeconds: '1h' }, 'remoteSessionSeconds'],
      [{ remoteCaFile: 'no/such/file.pem' }, 'remoteCaFile'],
      [{ remoteRequireHttps: true, remoteLoginEndpoint: 'http://users.example/api/login' }, 'remoteLoginEndpoint'],
      [{ remoteRequireHttps: true, remoteLoginEndpoint: 'http://127.0.0.1.example/login' }, 'remoteLoginEndpoint'],
      [{ dangerouslyAllowInsecureRemote: 'yes' }, 'dangerouslyAllowInsecureRemote'],
    ]
    for (const [dna, key] of wrong) expect(await rejectionOf(() => build(dna))).to.include({ name: 'DnaError', key })
    build({
      remoteRequireHttps: true,
      dangerouslyAllowInsecureRemote: true,
      remoteLoginEndpoint: 'http://users.example/api/login',
    })
    build({ remoteRequireHttps: true, remoteLoginEndpoint: 'http://[::1]:1338/api/login' })
  })
})
