import { expect } from 'chai'
import type { RequestListener } from 'node:http'
import { createServer } from 'node:net'
import { inspect } from 'node:util'
import { called, refused, type Refusal } from '../../support/called'
import { listen } from '../../support/listening'
import { MemoryOwners } from '../../support/memory-owners'
import { buildSessions } from '../../support/sessions-organelle'
import { TrustPoint } from '../../support/trust-point'

const SECRET = 'hunter2-correct-horse'
const credentials = { username: 'ann', password: SECRET }
const echo = JSON.stringify(credentials)

/** The whole error as a log may print it: message, stack, causes, and whatever hangs on them. */
function expectNoSecret(error: Refusal): void {
  expect(inspect(error, { depth: Infinity, showHidden: true, maxStringLength: Infinity })).not.to.include(SECRET)
  expect(JSON.stringify(error)).not.to.include(SECRET)
}

const sends =
  (status: number, body: string): RequestListener =>
  (_req, res) =>
    void res.writeHead(status).end(body)

/** Trust points that fail, and give the credentials back while they do. */
const FAILING: Record<string, RequestListener> = {
  'answers 500 with them': sends(500, `no such user: ${echo}`),
  'answers 200 with a text of them': sends(200, JSON.stringify(echo)),
  'answers 200 with broken JSON of them': sends(200, echo.slice(0, -1)),
  'answers 200 with them as a form': sends(200, `password=${SECRET}`),
  'answers 200 with a list of them': sends(200, `[${echo}]`),
  'answers 200 with invalid UTF-8 after them': (_req, res) => void res.end(Buffer.from(`${echo}\xff`, 'latin1')),
  'answers with them in a status text': (_req, res) => void res.writeHead(500, SECRET).end(),
  'answers with them in a header': (_req, res) => void res.writeHead(500, { 'x-echo': SECRET }).end(),
  'redirects to a URL with them': (_req, res) => void res.writeHead(302, { location: `/?password=${SECRET}` }).end(),
  'breaks off in the middle of them': (_req, res) => {
    res.writeHead(200, { 'content-length': '1000' })
    res.write(echo, () => res.destroy())
  },
  'answers too late': (_req, res) => void res.write(echo),
  'never answers': () => undefined,
  'resets the connection': (req) => req.socket.resetAndDestroy(),
}

describe('an error never carries credentials', () => {
  for (const [what, answer] of Object.entries(FAILING)) {
    it(`where the trust point ${what}`, async () => {
      const point = await TrustPoint.start(answer)
      try {
        const dna = { ownerModel: new MemoryOwners(), remoteLoginEndpoint: point.endpoint, remoteTimeout: 200 }
        expectNoSecret(await refused((callback) => buildSessions(dna).sessions({}).login(credentials, callback)))
      } finally {
        await point.stop()
      }
    })
  }

  /** What answers here is not HTTP, and begins with what it was sent. */
  for (const [what, prefix] of [
    ['echoes the request', ''],
    ['echoes it after a status line', 'HTTP/1.1 200 OK\r\n'],
    ['echoes it as a chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'],
  ] as const) {
    it(`where what listens at the endpoint ${what}`, async () => {
      const server = createServer((socket) => {
        socket.on('error', () => undefined)
        socket.on('data', (data) => socket.write(prefix + data.toString()))
      })
      const listening = await listen(server)
      try {
        const remoteLoginEndpoint = `${listening.address}/`
        const dna = { ownerModel: new MemoryOwners(), remoteLoginEndpoint, remoteTimeout: 200 }
        const error = await refused((callback) => buildSessions(dna).sessions({}).login(credentials, callback))
        expect(error.status).to.be.oneOf([502, 503])
        expectNoSecret(error)
      } finally {
        await listening.stop()
      }
    })
  }

  it('where the trust point cannot be reached', async () => {
    const point = await TrustPoint.answering(200)
    const { endpoint } = point
    await point.stop()
    for (const remoteLoginEndpoint of [
      endpoint,
      'http://trust-point.invalid/login',
      endpoint.replace('http:', 'https:'),
    ]) {
      const { sessions } = buildSessions({ ownerModel: new MemoryOwners(), remoteLoginEndpoint })
      const error = await refused((callback) => sessions({}).login(credentials, callback))
      expect(error).to.include({ status: 503, code: 'REMOTE_UNAVAILABLE' })
      expectNoSecret(error)
    }
  })

  it('nor a secret in the path or the query of an endpoint', async () => {
    const point = await TrustPoint.answering(500)
    try {
      const remoteLoginEndpoint = `${point.endpoint}/${SECRET}?key=${SECRET}`
      const { sessions } = buildSessions({ ownerModel: new MemoryOwners(), remoteLoginEndpoint })
      expectNoSecret(await refused((callback) => sessions({}).login({ username: 'ann' }, callback)))
    } finally {
      await point.stop()
    }
  })

  for (const [what, given] of [
    ['a text', SECRET],
    ['a list', [credentials]],
    ['an ownerId that nobody can act on', { ...credentials, ownerId: { password: SECRET } }],
    ['an ownerId where no application may act', { ...credentials, ownerId: SECRET }],
    ['what cannot be JSON', { ...credentials, size: 1n }],
  ] as const) {
    it(`where they are ${what}`, async () => {
      const { sessions } = buildSessions({ ownerModel: new MemoryOwners(), remoteLoginEndpoint: 'http://127.0.0.1:1/' })
      const error = await refused((callback) => sessions({}).login(given as never, callback))
      expect(error).to.include({ status: 400 })
      expectNoSecret(error)
    })
  }

  it('where the owner has no id', async () => {
    const { sessions } = buildSessions({ ownerModel: new MemoryOwners(credentials) })
    expectNoSecret(await refused((callback) => sessions({}).login(credentials, callback)))
    expect(() => sessions({}).login(credentials))
      .to.throw()
      .and.satisfy((error: Refusal) => {
        expectNoSecret(error)
        return true
      })
  })

  it('nor the storage, where the application answers with one', async () => {
    const point = await TrustPoint.answering(200, { id: 'app-1', password: SECRET })
    try {
      const dna = { ownerModel: new MemoryOwners({ id: 'ann-1' }), remoteAuthenticateEndpoint: point.endpoint }
      const storage = {}
      await called((callback) =>
        buildSessions(dna)
          .sessions(storage)
          .login({ ...credentials, ownerId: 'ann-1' }, callback),
      )
      expect(JSON.stringify(storage)).to.include('app-1').and.not.to.include(SECRET)
    } finally {
      await point.stop()
    }
  })
})
