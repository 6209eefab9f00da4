import { expect } from 'chai'
import { readFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { createServer } from 'node:https'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { codeOf } from '../../context/cell'
import type { TestCell } from '../support/cell'
import { newCredentials } from '../support/client'
import { keepErrorLog } from '../support/error-log'
import { listen, type Listening } from '../support/listening'
import { MemoryOwners } from '../support/memory-owners'
import { buildSessions } from '../support/sessions-organelle'
import { tableRows } from '../support/table-rows'
import { startTrustingCell } from '../support/trusting-cell'

/** Milliseconds that a trust point has. Of one that answers at once, however busy the machine is: it never takes as long. */
const TIMEOUT = 1000
const OWNER = { id: 'remote-1', username: 'remote' }

const sends = (status: number, body: string | Buffer = '', headers: Record<string, string> = {}): RequestListener => {
  return (_req, res) => void res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)
}
const json = (value: unknown): RequestListener => sends(200, JSON.stringify(value))

describe('a trust point that misbehaves', () => {
  const log = keepErrorLog()
  let behaviour: RequestListener = sends(401)
  let point: Listening
  let elsewhereAsked = 0
  let elsewhere: Listening
  let cell: TestCell
  const local = newCredentials()
  let localId: string

  before(async () => {
    point = await listen((req, res) => {
      behaviour(req, res)
    }, 'localhost')
    elsewhere = await listen((req, res) => {
      elsewhereAsked += 1
      json(OWNER)(req, res)
    }, 'localhost')
    cell = await startTrustingCell({
      remoteLoginEndpoint: endpointOf(point),
      remoteTimeout: TIMEOUT,
      remoteFailures: 1000,
    })
    localId = ((await cell.client().post('/api/register', local)).body as { id: string }).id
  })
  after(async () => {
    await cell.stop()
    await point.stop()
    await elsewhere.stop()
  })

  const rows: [what: string, behaviour: () => RequestListener, status: number][] = [
    ['never answers', () => () => undefined, 503],
    ['answers byte by byte', () => trickle, 502],
    ['resets before it answers', () => (req) => void req.socket.resetAndDestroy(), 503],
    [
      'resets in the middle',
      () => (req, res) => {
        res.writeHead(200, { 'content-length': '100' }).write('{"id":')
        setTimeout(() => req.socket.resetAndDestroy(), 20)
      },
      502,
    ],
    ['speaks something else than HTTP', () => (req) => void req.socket.end('SSH-2.0-OpenSSH\r\n'), 502],
    ['answers 200 with HTML', () => sends(200, '<h1>Welcome</h1>', { 'content-type': 'text/html' }), 502],
    ['answers 200 with an array', () => json([OWNER]), 502],
    ['answers 200 with null', () => json(null), 502],
    ['answers 200 without an id', () => json({ username: 'remote' }), 502],
    ['answers 200 without a name', () => json({ id: 'remote-1' }), 502],
    ['answers 200 with an id that is an object', () => json({ ...OWNER, id: { $ne: '' } }), 502],
    ['answers 200 with an id that loses digits', () => sends(200, '{"id":9007199254740993,"username":"remote"}'), 502],
    ['answers with a flood of headers', () => sends(200, JSON.stringify(OWNER), { more: 'x'.repeat(40_000) }), 502],
    ['answers 401 without end', () => (_req, res) => void res.writeHead(401).write('x'), 401],
    ['answers 200 with 10 MB', () => json({ ...OWNER, more: 'x'.repeat(10_000_000) }), 502],
    [
      'answers 200 with a gzip bomb',
      () => sends(200, gzipSync(Buffer.alloc(20_000_000)), { 'content-encoding': 'gzip' }),
      502,
    ],
    ['answers 204', () => sends(204), 502],
    ['answers 301 to elsewhere', () => sends(301, '', { location: endpointOf(elsewhere) }), 502],
    ['answers 307 to elsewhere', () => sends(307, '', { location: endpointOf(elsewhere) }), 502],
    ['answers 401', () => sends(401), 401],
    ['answers 403', () => sends(403), 401],
    ['answers 404', () => sends(404), 401],
    ['answers 429', () => sends(429), 429],
    ['answers 503', () => sends(503), 503],
    ['answers 500', () => sends(500), 502],
    ['answers 200 with invalid JSON', () => sends(200, '{"id": "remote-1", "username"'), 502],
    ['answers 200 in another charset', () => sends(200, Buffer.from('{"id":"1","username":"zo\xeb"}', 'latin1')), 502],
    [
      'answers 200 with a __proto__ key',
      () => sends(200, '{"id":"remote-1","username":"remote","__proto__":{"admin":true}}'),
      502,
    ],
    ['names an owner who registered here by id', () => json({ id: localId, username: 'remote' }), 502],
    ['names an owner who registered here by name', () => json({ id: 'remote-1', username: local.username }), 502],
    [
      'names an owner who registered here by a name that reads the same',
      () => json({ id: 'remote-1', username: local.username.toUpperCase() }),
      502,
    ],
  ]
  for (const [what, how, status] of rows) {
    it(`that ${what} logs nobody in: ${status}, and nothing is written (OWASP ASVS 13.2.4)`, async () => {
      const { owners, sessions } = await tableRows(cell)
      behaviour = how()
      const visitor = cell.client()
      const answer = await visitor.post('/api/login', newCredentials())
      expect(answer.status).to.equal(status)
      expect(answer.headers.get('content-type')).to.match(/^application\/problem\+json/)
      expect(answer.headers.has('retry-after')).to.equal(status === 503 || status === 429)
      for (const inside of ['localhost', new URL(point.address).port]) expect(answer.text).not.to.include(inside)
      // What the owner model refuses, the model tells.
      const isRefusedByModel = /without|names an owner/.test(what) && status === 502
      expect(log.join().includes(point.address)).to.equal(status >= 500 && !isRefusedByModel)
      expect([...visitor.cookies]).to.deep.equal([])
      expect(await tableRows(cell)).to.deep.include({ owners, sessions })
      expect(elsewhereAsked).to.equal(0)
    })
  }

  it('cannot change an owner who registered here, who logs in while it misbehaves', async () => {
    behaviour = () => undefined
    const login = await cell.client().post('/api/login', local)
    expect(login.body).to.deep.equal({ id: localId, username: local.username })
  })
})

describe('a trust point behind TLS', () => {
  const certificates = join(__dirname, '../support/certificates')
  const { NODE_TLS_REJECT_UNAUTHORIZED } = process.env
  afterEach(() => {
    if (NODE_TLS_REJECT_UNAUTHORIZED === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
    else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = NODE_TLS_REJECT_UNAUTHORIZED
  })

  for (const [what, name, authority, environment, expected] of [
    ['shows a certificate of another name', 'other.example', 'authority.pem', '1', 'REMOTE_UNAVAILABLE'],
    ['shows a certificate of an authority that nobody knows', 'localhost', undefined, '1', 'REMOTE_UNAVAILABLE'],
    ['shows one, where the environment switches checks off', 'localhost', undefined, '0', 'REMOTE_UNAVAILABLE'],
    ['shows a certificate that the authority in the DNA has signed', 'localhost', 'authority.pem', '1', OWNER.id],
  ] as const) {
    it(`that ${what}: ${expected} (OWASP ASVS 12.3.2)`, async () => {
      process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = environment
      const files = { cert: `${name}.pem`, key: `${name}.key.pem` }
      const [cert, key] = Object.values(files).map((file) => readFileSync(join(certificates, file)))
      const listening = await listen(createServer({ cert, key }, json(OWNER)), 'localhost')
      const remoteCaFile = authority && join(certificates, authority)
      const { sessions, plasma } = buildSessions({
        ownerModel: new MemoryOwners(),
        remoteLoginEndpoint: endpointOf(listening),
        ...(remoteCaFile && { remoteCaFile }),
      })
      const outcome = sessions({})
        .authenticate(newCredentials())
        .then((owner) => owner?.id, codeOf)
      expect(await outcome).to.equal(expected)
      await plasma.emit('killed')
      await listening.stop()
    })
  }
})

/** One byte in a hundred milliseconds. */
const trickle: RequestListener = (_req, res) => {
  res.writeHead(200, { 'content-type': 'application/json' })
  const bytes = Array.from(JSON.stringify(OWNER))
  const timer = setInterval(() => {
    const byte = bytes.shift()
    if (byte === undefined || res.destroyed) clearInterval(timer)
    else res.write(byte)
  }, 100)
  res.on('close', () => {
    clearInterval(timer)
  })
}

function endpointOf({ address }: Listening): string {
  return `${address}/api/login`
}
