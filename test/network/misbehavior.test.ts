import { expect } from 'chai'
import type { RequestListener } from 'node:http'
import { gzipSync } from 'node:zlib'
import type { TestCell } from '../support/cell'
import { newCredentials } from '../support/client'
import { keepErrorLog } from '../support/error-log'
import { TrustPoint, sends, sendsJson } from '../support/trust-point'
import { startTrustingCell } from '../support/trusting-cell'

const OWNER = { id: 'remote-1', username: 'remote' }
const reset: RequestListener = (req) => void req.socket.resetAndDestroy()

describe('a trust point that misbehaves', () => {
  const log = keepErrorLog()
  let point: TrustPoint
  let elsewhere: TrustPoint
  let cell: TestCell
  const local = newCredentials()
  let localId: string

  before(async () => {
    point = await TrustPoint.answering(401)
    elsewhere = await TrustPoint.answering(200, OWNER)
    const limits = { remoteTimeout: 60_000, remoteFailures: 1000 }
    cell = await startTrustingCell({ remoteLoginEndpoint: point.endpoint, ...limits })
    localId = ((await cell.client().post('/api/register', local)).body as { id: string }).id
  })
  after(async () => {
    await cell.stop()
    await Promise.all([point.stop(), elsewhere.stop()])
  })

  /** Every row that a stranger's login could have written. */
  const rows = async (): Promise<unknown> => [
    await cell.database.query.selectFrom('owners').selectAll().execute(),
    await cell.database.query.selectFrom('sessions').selectAll().execute(),
  ]
  const ROWS: [what: string, answer: () => RequestListener, status: number][] = [
    ['resets the connection', () => reset, 503],
    ['answers 200 with 10 MB', () => sendsJson(200, { ...OWNER, more: 'x'.repeat(10_000_000) }), 502],
    ['answers 200 with a gzip bomb', () => sends(200, gzipSync(Buffer.alloc(20_000_000))), 502],
    ['answers 307 to elsewhere', () => sends(307, '', { location: elsewhere.endpoint }), 502],
    ['answers 429', () => sends(429), 429],
    ['names an owner of this cell', () => sendsJson(200, { ...OWNER, username: local.username.toUpperCase() }), 502],
  ]
  for (const [what, answer, status] of ROWS) {
    it(`and ${what} logs nobody in: ${status}, and nothing is written (OWASP ASVS 13.2.4)`, async () => {
      const before = await rows()
      point.answer = answer()
      const visitor = cell.client()
      const { status: answered, headers, text } = await visitor.post('/api/login', newCredentials())
      expect(answered).to.equal(status)
      expect(headers.get('content-type')).to.match(/^application\/problem\+json/)
      expect(headers.has('retry-after')).to.equal(status === 503 || status === 429)
      const { origin, host, port } = new URL(point.endpoint)
      for (const inside of [host, port]) expect(text).not.to.include(inside)
      // The owner model reports what it refuses without naming the trust point.
      expect(log.join().includes(origin)).to.equal(status >= 500 && !what.startsWith('names'))
      expect([visitor.cookies.size, elsewhere.requests, await rows()]).to.deep.equal([0, [], before])
    })
  }

  it('does not keep an owner of this cell from logging in, and cannot change them', async () => {
    point.answer = reset
    const login = await cell.client().post('/api/login', local)
    expect(login.body).to.deep.equal({ id: localId, username: local.username })
  })
})
