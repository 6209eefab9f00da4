import { expect } from 'chai'
import express from 'express'
import session from 'express-session'
import { called } from '../../support/called'
import { Client } from '../../support/client'
import { listen, type Listening } from '../../support/listening'
import { MemoryOwners } from '../../support/memory-owners'
import { buildSessions, type BuiltSessions } from '../../support/sessions-organelle'
import { TrustPoint } from '../../support/trust-point'

const credentials = { username: 'ann', password: 'correct horse' }

describe("the client's address, for a trust point", () => {
  let point: TrustPoint
  let built: BuiltSessions
  let site: Listening

  before(async () => {
    point = await TrustPoint.answering(401)
    built = buildSessions({ ownerModel: new MemoryOwners(), remoteLoginEndpoint: point.endpoint, remoteFailures: 1 })
    const app = express().set('trust proxy', 'loopback').use(express.json())
    app.use(session({ secret: 'x'.repeat(32), resave: false, saveUninitialized: false }))
    app.post('/login', (req, res, next) => {
      built
        .sessions(req.session)
        .authenticate(req.body as typeof credentials)
        .then((owner) => res.json({ owner }), next)
    })
    site = await listen(app)
  })
  after(async () => {
    await site.stop()
    await built.plasma.emit('killed')
    await point.stop()
  })
  beforeEach(() => {
    point.requests.length = 0
  })

  /** What the trust point is told where the client's proxy says this. */
  async function told(forwardedFor?: string): Promise<unknown> {
    const headers = forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor }
    expect((await new Client(site.address).post('/login', credentials, headers)).status).to.equal(200)
    expect(point.requests).to.have.length(1)
    return point.requests[0]?.headers['x-forwarded-for']
  }

  it('is that of the connection', async () => {
    expect(await told()).to.match(/127\.0\.0\.1$/)
  })

  for (const address of ['192.0.2.7', '2001:db8::7']) {
    it(`is what a proxy says that the cell believes: ${address}`, async () => {
      expect(await told(address)).to.equal(address)
    })
  }

  it('is the address alone where a proxy adds a port', async () => {
    expect(await told('192.0.2.7:1234')).to.equal('192.0.2.7')
  })

  it('is the last that a believed proxy has added, and none that the client made up', async () => {
    expect(await told('203.0.113.1, 192.0.2.7')).to.equal('192.0.2.7')
  })

  for (const text of ['unknown', 'a"b', '\u00ff', '192.0.2.7:x', 'x'.repeat(1000)]) {
    it(`is left out where it is no address, and nothing fails of it: ${text.slice(0, 20)}`, async () => {
      expect(await told(text)).to.equal(undefined)
    })
  }

  it('is not there without a request', async () => {
    await called((callback) =>
      built.sessions({ ip: '192.0.2.7', req: { ip: '192.0.2.7' } }).login(credentials, callback),
    )
    expect(point.requests.map(({ headers }) => headers['x-forwarded-for'])).to.deep.equal([undefined])
  })
})
