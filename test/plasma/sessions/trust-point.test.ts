import { expect } from 'chai'
import type { RequestListener } from 'node:http'
import { inspect } from 'node:util'
import { gzipSync } from 'node:zlib'
import { called, refused } from '../../support/called'
import { MemoryOwners } from '../../support/memory-owners'
import { buildSessions, type BuiltSessions } from '../../support/sessions-organelle'
import { TrustPoint } from '../../support/trust-point'
import { withoutTimes } from '../../support/without-times'

const credentials = { username: 'ann', password: 'correct horse' }
const remote = { id: 'remote-1', name: 'Ann' }
const LIMITS = { remoteMaxBytes: 1000 }
/** Of a point that answers at once, however busy the machine is, and of one that never does. */
const TIMEOUT = { generous: 60_000, short: 1000 }

const sends =
  (status: number, body: string | Buffer = '', headers: Record<string, string> = {}): RequestListener =>
  (_req, res) =>
    void res.writeHead(status, headers).end(body)

const endless =
  (status: number): RequestListener =>
  (_req, res) => {
    res.writeHead(status)
    const send = (): void => {
      if (!res.destroyed) res.write('x'.repeat(5000), () => setImmediate(send))
    }
    send()
  }

/** Those that only their time ends. */
const HANGING = new Set<RequestListener>()
const hanging = (answer: RequestListener): RequestListener => {
  HANGING.add(answer)
  return answer
}

const slow = (body: string): RequestListener =>
  hanging((_req, res) => {
    res.writeHead(200).write(body)
  })

/** Each is "not found", whatever comes with the status. */
const NOT_FOUND: Record<string, RequestListener> = {
  '401': sends(401),
  '403': sends(403),
  '404': sends(404),
  '401 with a problem': sends(401, '{"status":401}', { 'content-type': 'application/problem+json' }),
  '401 with an owner': sends(401, JSON.stringify(remote)),
  '403 with a page': sends(403, '<h1>Forbidden</h1>', { 'content-type': 'text/html' }),
  '403 with a page that is no UTF-8': sends(403, Buffer.from('<h1>Accès refusé</h1>', 'latin1')),
  '404 with a large page': sends(404, 'x'.repeat(2000)),
  '404 with an endless page': endless(404),
}

/** Each is the trust point's own trouble: `REMOTE_INVALID`. */
const INVALID: Record<string, RequestListener> = {
  ...Object.fromEntries(
    [201, 202, 204, 206, 304, 400, 402, 407, 409, 410, 418, 422, 500, 502, 504].map((status) => [
      String(status),
      sends(status, status === 204 || status === 304 ? '' : JSON.stringify(remote)),
    ]),
  ),
  'an endless 500': endless(500),
  '200 with nothing': sends(200),
  '200 with an array': sends(200, JSON.stringify([remote])),
  '200 with null': sends(200, 'null'),
  '200 with a string': sends(200, '"remote-1"'),
  '200 with a number': sends(200, '7'),
  '200 with true': sends(200, 'true'),
  '200 with a page': sends(200, '<html></html>', { 'content-type': 'text/html' }),
  '200 with broken JSON': sends(200, '{"id": "remote-1"'),
  '200 with two objects': sends(200, '{"id":"remote-1"}{"id":"remote-2"}'),
  '200 with a form': sends(200, 'id=remote-1', { 'content-type': 'application/x-www-form-urlencoded' }),
  '200 with invalid UTF-8': sends(200, Buffer.from('{"id":"remot\xe9"}', 'latin1')),
  '200 with one byte too many': sends(200, JSON.stringify({ id: 'x'.repeat(992) })),
  '200 without end': endless(200),
  '200 in gzip': sends(200, gzipSync(JSON.stringify(remote)), { 'content-encoding': 'gzip' }),
  '200, and breaks off': (_req, res) => {
    res.writeHead(200, { 'content-length': '1000' })
    res.write('{"id":', () => res.destroy())
  },
  '200, and never the end of the body': slow('{"id":"remote-1"'),
  '200 with a whole object, and never the end of the body': slow('{"id":"remote-1"}'),
}

/** Each says when to come again. [the status and the code of the error, the seconds that it names] */
const LATER: Record<string, [answer: RequestListener, status: number, code: string, retryAfter: number]> = {
  '429': [sends(429), 429, 'TOO_MANY_ATTEMPTS', 30],
  '429 with a Retry-After of 7': [sends(429, '{}', { 'retry-after': '7' }), 429, 'TOO_MANY_ATTEMPTS', 7],
  '429 with a Retry-After of 0': [sends(429, '', { 'retry-after': '0' }), 429, 'TOO_MANY_ATTEMPTS', 1],
  '429 with a Retry-After of a year': [sends(429, '', { 'retry-after': '31536000' }), 429, 'TOO_MANY_ATTEMPTS', 3600],
  '429 with an endless body': [endless(429), 429, 'TOO_MANY_ATTEMPTS', 30],
  '503': [sends(503, JSON.stringify(remote)), 503, 'REMOTE_UNAVAILABLE', 30],
  '503 with a Retry-After of 7': [sends(503, '', { 'retry-after': '7' }), 503, 'REMOTE_UNAVAILABLE', 7],
  '503 with a Retry-After that is a date': [
    sends(503, '', { 'retry-after': new Date(0).toUTCString() }),
    503,
    'REMOTE_UNAVAILABLE',
    30,
  ],
  '503 with a Retry-After below nothing': [sends(503, '', { 'retry-after': '-5' }), 503, 'REMOTE_UNAVAILABLE', 30],
}

/** Each could not be asked: `REMOTE_UNAVAILABLE`. */
const UNAVAILABLE: Record<string, RequestListener> = {
  'never answers': hanging(() => undefined),
  'closes the connection before it answers': (req) => req.socket.end(),
  'resets the connection before it answers': (req) => req.socket.resetAndDestroy(),
}

describe('a trust point', () => {
  let point: TrustPoint
  let ownerModel: MemoryOwners
  let built: BuiltSessions
  let storage: object

  async function start(answer: RequestListener): Promise<void> {
    const remoteTimeout = HANGING.has(answer) ? TIMEOUT.short : TIMEOUT.generous
    point = await TrustPoint.start(answer)
    ownerModel = new MemoryOwners()
    built = buildSessions({ ownerModel, remoteLoginEndpoint: point.endpoint, remoteTimeout, ...LIMITS })
    storage = {}
  }

  afterEach(() => point.stop())

  const login = (callback: (...values: unknown[]) => void): void => built.sessions(storage).login(credentials, callback)

  /** Nothing may come of an answer that is no owner. */
  function expectNothingWritten(): void {
    expect(storage).to.deep.equal({})
    expect(ownerModel.asked).to.deep.equal([['findByCredentials', credentials]])
    expect(point.requests).to.have.length(1)
  }

  /** The message is the `detail` of an answer, and the cause is for the log (OWASP ASVS 16.5.1). */
  function expectNamedInTheLog(error: Error): void {
    const { host, port, origin } = new URL(point.endpoint)
    for (const inside of [host, port, 'http:']) expect(error.message).not.to.include(inside)
    expect(inspect(error)).to.include(origin)
  }

  it('that answers 200 with an object logs in the owner that the model makes of it', async () => {
    await start(sends(200, JSON.stringify(remote), { 'content-type': 'application/json' }))
    expect(await called(login)).to.deep.equal([null, remote])
    expect(withoutTimes(storage)).to.deep.equal({ ownerId: 'remote-1' })
    expect(ownerModel.asked).to.deep.equal([
      ['findByCredentials', credentials],
      ['createOrUpdate', remote],
    ])
  })

  for (const [what, answer] of Object.entries({
    'without a content type': sends(200, JSON.stringify({ id: 'remote-1' })),
    'after a byte order mark': sends(200, `\uFEFF${JSON.stringify({ id: 'remote-1' })}`),
    'as large as is allowed': sends(200, JSON.stringify({ id: 'remote-1' }).padEnd(LIMITS.remoteMaxBytes)),
    'in pieces that divide a letter': ((_req, res) => {
      const bytes = Buffer.from('{"id":"remote-1","name":"é"}')
      const half = bytes.indexOf(0xc3) + 1
      res.write(bytes.subarray(0, half), () => setTimeout(() => res.end(bytes.subarray(half)), 20))
    }) satisfies RequestListener,
  })) {
    it(`may answer with an object ${what}`, async () => {
      await start(answer)
      await called(login)
      expect(withoutTimes(storage)).to.deep.equal({ ownerId: 'remote-1' })
    })
  }

  for (const [what, answer] of Object.entries(NOT_FOUND)) {
    it(`that answers ${what} knows no such owner`, async () => {
      await start(answer)
      expect(await called(login)).to.have.length(0)
      expectNothingWritten()
    })
  }

  for (const [what, answer] of Object.entries(INVALID)) {
    it(`that answers ${what} is a 502, and only the log names it`, async () => {
      await start(answer)
      const error = await refused(login)
      expect(error).to.include({ status: 502, code: 'REMOTE_INVALID' })
      expectNamedInTheLog(error)
      expectNothingWritten()
    })
  }

  for (const [what, [answer, status, code, retryAfter]] of Object.entries(LATER)) {
    it(`that answers ${what} is a ${status} with Retry-After ${retryAfter}, and only the log names it`, async () => {
      await start(answer)
      const error = await refused(login)
      expect(error).to.include({ status, code, retryAfter })
      expectNamedInTheLog(error)
      expectNothingWritten()
    })
  }

  for (const [what, answer] of Object.entries(UNAVAILABLE)) {
    it(`that ${what} is a 503, and only the log names it`, async () => {
      await start(answer)
      const error = await refused(login)
      expect(error).to.include({ status: 503, code: 'REMOTE_UNAVAILABLE' })
      expectNamedInTheLog(error)
      expectNothingWritten()
    })
  }

  it('that refuses the connection is a 503', async () => {
    await start(sends(200, JSON.stringify(remote)))
    await point.stop()
    expect(await refused(login)).to.include({ status: 503, code: 'REMOTE_UNAVAILABLE' })
    expect(storage).to.deep.equal({})
    expect(ownerModel.asked).to.deep.equal([['findByCredentials', credentials]])
    point = await TrustPoint.answering(404)
  })

  for (const status of [300, 301, 302, 303, 307, 308]) {
    it(`that redirects with ${status} is a 502, and where it points is not asked`, async () => {
      const target = await TrustPoint.answering(200, remote)
      try {
        await start(sends(status, JSON.stringify(remote), { location: target.endpoint }))
        expect(await refused(login)).to.include({ status: 502, code: 'REMOTE_INVALID' })
        expect(target.requests).to.deep.equal([])
        expectNothingWritten()
      } finally {
        await target.stop()
      }
    })
  }
})
