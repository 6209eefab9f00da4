import { expect } from 'chai'
import { readFileSync } from 'node:fs'
import type { RequestListener, ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { codeOf } from '../../../context/cell'
import { sessionsDna } from '../../../plasma/sessions/dna'
import { TrustPoint } from '../../../plasma/sessions/trust-point'
import { stoppedClock } from '../../support/clock'
import { listen } from '../../support/listening'
import { rejectionOf } from '../../support/rejection'
import { TrustPoint as Server, sends, sendsJson } from '../../support/trust-point'

const SECRET = 'hunter2-correct-horse'
const credentials = { username: 'änn', password: SECRET }
const echo = JSON.stringify(credentials)
const owner = { id: 'remote-1' }
const MAX_BYTES = 1000

const hang: RequestListener = () => undefined
const reset: RequestListener = (req) => void req.socket.resetAndDestroy()
const endless =
  (status: number): RequestListener =>
  (_req, res) => {
    res.writeHead(status)
    const send = (): void => {
      if (!res.destroyed) res.write('x'.repeat(5000), () => setImmediate(send))
    }
    send()
  }

describe('a trust point', () => {
  let server: Server
  let points: TrustPoint[] = []

  before(async () => {
    server = await Server.start(hang)
  })
  after(() => server.stop())
  afterEach(async () => {
    await Promise.all(points.splice(0).map((point) => point.close()))
    points = []
    server.requests.length = 0
  })

  /** A point that the server is, with a timeout that only a test of timeouts reaches. */
  function open(dna: object = {}, endpoint = server.endpoint): TrustPoint {
    const options = { name: 'sessions', ownerModel: {}, remoteTimeout: 60_000, remoteMaxBytes: MAX_BYTES, ...dna }
    const point = new TrustPoint(endpoint, sessionsDna.parse(options))
    points.push(point)
    return point
  }
  const fail = (point: TrustPoint): Promise<Error & { code?: string }> => rejectionOf(() => point.login(credentials))

  it('gets the credentials as JSON, at the whole URL of its endpoint', async () => {
    server.answer = sendsJson(200, owner)
    expect(await open({}, `${server.endpoint}?cell=7`).login(credentials)).to.deep.equal(owner)
    const [request] = server.requests
    expect(request).to.deep.include({ method: 'POST', path: '/api/login?cell=7', body: credentials })
    expect(request?.headers).to.include({ accept: 'application/json', 'content-type': 'application/json' })
    expect(request?.headers).not.to.have.any.keys('cookie', 'authorization', 'referer')
  })

  it("gets the client's address, unless that is none", async () => {
    server.answer = sends(401)
    for (const address of ['192.0.2.7', '2001:db8::7', 'unknown', 'a"b', '\u00ff', undefined])
      await open().login(credentials, address)
    const told = server.requests.map(({ headers }) => headers['x-forwarded-for'])
    expect(told).to.deep.equal(['192.0.2.7', '2001:db8::7', undefined, undefined, undefined, undefined])
  })

  it('may answer with as many bytes as are allowed, in pieces, and with no more', async () => {
    const bytes = Buffer.from(JSON.stringify({ name: 'é' }).padEnd(MAX_BYTES - 1))
    const half = bytes.indexOf(0xc3) + 1
    server.answer = (_req, res) => void res.write(bytes.subarray(0, half), () => res.end(bytes.subarray(half)))
    expect(await open().login(credentials)).to.deep.equal({ name: 'é' })
    server.answer = sends(200, JSON.stringify(owner).padEnd(MAX_BYTES + 1))
    expect(await fail(open())).to.include({ code: 'REMOTE_INVALID' })
  })

  it('may answer "not found" with an endless page', async () => {
    server.answer = endless(401)
    expect(await open().login(credentials)).to.equal(undefined)
  })

  const [INVALID, UNAVAILABLE] = ['REMOTE_INVALID', 'REMOTE_UNAVAILABLE']
  const chunked = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'
  const breakOff: RequestListener = (_req, res) =>
    void res.writeHead(200, { 'content-length': '1000' }).write(echo, () => res.destroy())
  /** Every failure echoes the credentials, if it sends anything. The short timeout is for those that never end. */
  const FAILURES: Record<string, [answer: RequestListener, code: string, remoteTimeout?: number]> = {
    'never answers': [hang, UNAVAILABLE, 5000],
    'resets the connection': [reset, UNAVAILABLE],
    'closes the connection': [(req) => void req.socket.end(), UNAVAILABLE],
    'is not HTTP': [(req) => void req.socket.end(`SSH-2.0 ${echo}\r\n`), INVALID],
    'sends no chunk': [(req) => void req.socket.end(chunked + echo), INVALID],
    'sends a flood of headers': [sends(200, echo, { more: SECRET.repeat(2000) }), INVALID],
    'has a status text': [(_req, res) => void res.writeHead(500, SECRET).end(), INVALID],
    'redirects elsewhere': [sends(307, '', { location: `/?password=${SECRET}` }), INVALID],
    'fails without end': [endless(500), INVALID],
    'answers without end': [endless(200), INVALID],
    'breaks off': [breakOff, INVALID],
    'sends an object and does not end': [(_req, res) => void res.writeHead(200).write(echo), INVALID, 5000],
  }
  for (const [what, [answer, code, remoteTimeout]] of Object.entries(FAILURES)) {
    it(`that ${what} is ${code}: clients do not see where it is, nor the log the credentials (OWASP ASVS 16.5.1)`, async () => {
      server.answer = answer
      const error = await fail(open(remoteTimeout === undefined ? {} : { remoteTimeout }))
      expect(error).to.include({ code })
      const { origin, host, port } = new URL(server.endpoint)
      for (const inside of [host, port, 'http:']) expect(error.message).not.to.include(inside)
      const logged = inspect(error, { depth: Infinity, showHidden: true, maxStringLength: Infinity })
      expect(logged).to.include(origin)
      expect(logged + JSON.stringify(error)).not.to.include(SECRET)
      expect(server.requests).to.have.length(1)
    })
  }

  it('that cannot be reached is a 503, which repeats neither the path nor the query of its endpoint', async () => {
    for (const origin of ['http://127.0.0.1:9', 'http://trust-point.invalid', 'https://127.0.0.1:9']) {
      const error = await fail(open({}, `${origin}/${SECRET}?key=${SECRET}`))
      expect(error).to.include({ status: 503, code: 'REMOTE_UNAVAILABLE' })
      expect(inspect(error, { depth: Infinity, showHidden: true })).not.to.include(SECRET)
    }
  })

  describe('that is down', () => {
    const clock = stoppedClock()
    let waiting: ServerResponse[] = []

    /** Lets requests wait. @returns resolves when this many do */
    function letWait(count: number): Promise<void> {
      waiting = []
      return new Promise((resolve) => {
        server.answer = (_req, res) => {
          if (waiting.push(res) === count) resolve()
        }
      })
    }

    it('keeps a bounded number of requests waiting, and refuses one more at once', async () => {
      const point = open({ remoteMaxPending: 2 })
      const arrived = letWait(2)
      const pending = [point.login(credentials), point.login(credentials)]
      await arrived
      expect(await fail(point)).to.include({ code: 'REMOTE_UNAVAILABLE' })
      for (const res of waiting) res.writeHead(401).end()
      expect(await Promise.all(pending)).to.deep.equal([undefined, undefined])
      expect(server.requests).to.have.length(2)
    })

    it('is left alone after missing answers in a row, then tried by one request while others do not wait', async () => {
      const [point, other] = [open({ remoteFailures: 2, remoteRetrySeconds: 20 }), open({ remoteFailures: 1 })]
      for (const answer of [reset, sends(401), reset, sends(500), reset, reset]) {
        server.answer = answer
        await point.login(credentials).catch(() => undefined)
      }
      expect(await fail(point)).to.include({ code: 'REMOTE_UNAVAILABLE', retryAfter: 20 })
      expect(server.requests).to.have.length(6)

      clock.pass(20_000)
      const arrived = letWait(1)
      const trying = point.login(credentials)
      await arrived
      expect(await fail(point)).to.include({ code: 'REMOTE_UNAVAILABLE', retryAfter: 1 })
      waiting[0]?.writeHead(401).end()
      expect(await trying).to.equal(undefined)
      server.answer = sends(401)
      expect(await point.login(credentials)).to.equal(undefined)
      // Another point has a breaker of its own.
      expect(await other.login(credentials)).to.equal(undefined)
    })

    it('is never left alone for answers that the credentials of a stranger may bring about', async () => {
      const point = open({ remoteFailures: 2 })
      for (const status of [400, 413, 422, 429, 500, 502, 503, 504]) {
        server.answer = sends(status)
        await fail(point)
      }
      expect(server.requests).to.have.length(8)
    })
  })

  describe('behind TLS (OWASP ASVS 12.3.2)', () => {
    const certificates = join(__dirname, '../../support/certificates')
    const { NODE_TLS_REJECT_UNAUTHORIZED } = process.env
    afterEach(() => {
      if (NODE_TLS_REJECT_UNAUTHORIZED === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
      else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = NODE_TLS_REJECT_UNAUTHORIZED
    })

    for (const [what, name, remoteCaFile, environment, outcome] of [
      ['of another name', 'other.example', join(certificates, 'authority.pem'), '1', 'REMOTE_UNAVAILABLE'],
      ['of an unknown authority', 'localhost', undefined, '1', 'REMOTE_UNAVAILABLE'],
      ['unchecked by the environment', 'localhost', undefined, '0', 'REMOTE_UNAVAILABLE'],
      ['of the authority in DNA', 'localhost', join(certificates, 'authority.pem'), '1', owner.id],
    ] as const) {
      it(`is asked with a certificate ${what}: ${outcome}`, async () => {
        process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = environment
        const [cert, key] = [`${name}.pem`, `${name}.key.pem`].map((file) => readFileSync(join(certificates, file)))
        const tls = await listen(createTlsServer({ cert, key }, sendsJson(200, owner)), 'localhost')
        const asking = open({ remoteCaFile }, `${tls.address}/api/login`).login(credentials)
        expect(await asking.then((answer) => answer?.['id'], codeOf)).to.equal(outcome)
        await tls.stop()
      })
    }
  })
})
