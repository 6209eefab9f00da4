import { expect } from 'chai'
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { DnaError, checkDna } from '../../../context/cell'
import { expressServerDna } from '../../../context/http/express-server-dna'
import { setSecurityHeaders } from '../../../context/http/headers'
import { rejectionOf } from '../../support/rejection'

const check = (headers: unknown): ReturnType<typeof expressServerDna.parse> =>
  checkDna(expressServerDna, { port: 0, headers })

/** The headers of an answer over HTTPS, or over plain HTTP. */
function headersOf(dna: unknown, secure = true): Record<string, unknown> {
  const req = Object.assign(new IncomingMessage(new Socket()), { secure })
  const res = new ServerResponse(req)
  let passed = 0
  void setSecurityHeaders(check(dna).headers)(req as never, res as never, () => (passed += 1))
  expect(passed).to.equal(1)
  return res.getHeaders()
}

const POLICY =
  "default-src 'none';style-src 'self';img-src 'self';form-action 'self';base-uri 'none';frame-ancestors 'none'"
const policyOf = (contentSecurityPolicy: object): unknown =>
  headersOf({ contentSecurityPolicy })['content-security-policy']

describe('the headers that DNA names', () => {
  it('are the strictest ones unless DNA says otherwise (OWASP ASVS 3.4.3, 3.4.6)', () => {
    const headers = headersOf({})
    expect(headers).to.include({
      'content-security-policy': POLICY,
      'strict-transport-security': 'max-age=31536000; includeSubDomains',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'same-origin',
      'x-frame-options': 'DENY',
    })
    expect(headers).not.to.have.property('cross-origin-embedder-policy')
    expect(headersOf({}, false)).not.to.have.property('strict-transport-security')
  })

  it('replace single directives of the policy, add to it, and take from it', () => {
    expect(policyOf({ scriptSrc: ["'self'", 'https://cdn.example.org', "'sha256-abc='"] })).to.equal(
      `${POLICY};script-src 'self' https://cdn.example.org 'sha256-abc='`,
    )
    expect(policyOf({ styleSrc: ["'self'", 'data:'], formAction: false, baseUri: false })).to.equal(
      "default-src 'none';style-src 'self' data:;img-src 'self';frame-ancestors 'none'",
    )
    expect(policyOf({ upgradeInsecureRequests: true, sandbox: [] })).to.equal(
      `${POLICY};sandbox;upgrade-insecure-requests`,
    )
    expect(policyOf({ upgradeInsecureRequests: false })).to.equal(POLICY)
  })

  it('can be changed one by one, or left out', () => {
    const changed = headersOf({
      strictTransportSecurity: { maxAge: 300, includeSubDomains: false },
      crossOriginEmbedderPolicy: 'require-corp',
      crossOriginOpenerPolicy: false,
      crossOriginResourcePolicy: 'same-site',
      referrerPolicy: 'strict-origin',
      xFrameOptions: 'sameorigin',
    })
    expect(changed).to.include({
      'strict-transport-security': 'max-age=300',
      'cross-origin-embedder-policy': 'require-corp',
      'cross-origin-resource-policy': 'same-site',
      'referrer-policy': 'strict-origin',
      'x-frame-options': 'SAMEORIGIN',
    })
    expect(changed).not.to.have.property('cross-origin-opener-policy')
    expect(headersOf({ strictTransportSecurity: false })).not.to.have.property('strict-transport-security')
  })

  const refused: [headers: unknown, key: string, message?: string][] = [
    [{ contentSecurityPolicy: { scriptSrcs: ["'self'"] } }, 'contentSecurityPolicy.scriptSrcs', '"scriptSrc"'],
    [{ contentSecurityPolicy: { 'script-src': ["'self'"] } }, 'contentSecurityPolicy.script-src', '"scriptSrc"'],
    [{ contentSecurityPolicy: false }, 'contentSecurityPolicy'],
    [{ contentSecurityPolicy: { defaultSrc: false } }, 'contentSecurityPolicy.defaultSrc'],
    [{ contentSecurityPolicy: { scriptSrc: "'self'" } }, 'contentSecurityPolicy.scriptSrc'],
    [{ contentSecurityPolicy: { scriptSrc: [] } }, 'contentSecurityPolicy.scriptSrc'],
    [{ contentSecurityPolicy: { scriptSrc: ["'none'", "'self'"] } }, 'contentSecurityPolicy.scriptSrc', "'none'"],
    ...['self', 'unsafe-inline', "'slef'", "'nonce-abc'", "'self", "'self' x", 'a;b', 'a,b', '', 'a\r\nb', 5, 'ü'].map(
      (source): [unknown, string] => [
        { contentSecurityPolicy: { scriptSrc: [source] } },
        'contentSecurityPolicy.scriptSrc.0',
      ],
    ),
    [{ strictTransportSecurity: { maxAge: -1 } }, 'strictTransportSecurity.maxAge'],
    [{ strictTransportSecurity: { maxAge: '1y' } }, 'strictTransportSecurity.maxAge'],
    [{ strictTransportSecurity: { preload: true, maxAge: 300 } }, 'strictTransportSecurity.preload'],
    [{ strictTransportSecurity: { preload: true, includeSubDomains: false } }, 'strictTransportSecurity.preload'],
    [{ strictTransportSecurity: true }, 'strictTransportSecurity'],
    [{ referrerPolicy: 'no-referrer' }, 'referrerPolicy'],
    [{ referrerPolicy: false }, 'referrerPolicy'],
    [{ xFrameOptions: 'allow-from https://example.org' }, 'xFrameOptions'],
    [{ crossOriginResourcePolicy: 'same-orign' }, 'crossOriginResourcePolicy', '"same-origin"'],
    [{ xPoweredBy: 'me' }, 'xPoweredBy'],
    [[], ''],
  ]
  for (const [headers, key, message = ''] of refused) {
    it(`are refused as ${JSON.stringify(headers)}`, async () => {
      const error = await rejectionOf<DnaError>(() => check(headers), DnaError)
      expect(error.key).to.equal(key === '' ? 'headers' : `headers.${key}`)
      expect(error.message).to.include(message)
    })
  }
})
