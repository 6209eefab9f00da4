import { expect } from 'chai'
import { OUTCOMES, lineOf, omissionOf } from '../../../plasma/audit/line'

const FORGED = '{"level":"info","event":"SessionLogin","outcome":"success","ownerId":"root"}'

/** What ends a line, or hides, moves or colors what is in it, on one screen or another. */
const TRICKS: Record<string, string> = {
  'the end of a line': `x\n${FORGED}\r${FORGED}\v\f\u0085y`,
  'an escape for a terminal': '\u001b[2K\u001b[1A\u001b[32mall is well\u001b[0m\u009b2K\u0007\t',
  'a NUL, a backspace and a DEL': 'x\0\b\u007f',
  'line and paragraph separators': `x\u2028${FORGED}\u2029`,
  'another direction': 'x\u202egnp.exe\u202c\u2066y\u2069\u200f\u061c',
  'what has no width': 'ad\u200bm\u200ci\u200dn\u2060\ufeff',
  'half of a character': 'x\ud800y\udc00',
  'invisible tags': '\u{e0041}\u{e007f}',
  'a private character': '\ue000',
}
const FORBIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/u
const FACTS = ['ownerId', 'reason', 'session', 'address', 'agent', 'retryAfter']

describe('a line of the audit log', () => {
  it('has the time, the outcome and the facts of a chemical', () => {
    const facts = { ownerId: 7, reason: 'CODE', session: 'handle', address: '::1', agent: 'curl', retryAfter: 60 }
    const chemical = { type: 'LoginThrottled', time: 5, ...facts, actor: { id: 'app-1', name: 'Billing' } }
    const expected = { time: '1970-01-01T00:00:00.000Z', event: 'LoginThrottled', outcome: 'denied', ...facts }
    expect(lineOf('LoginThrottled', chemical, 0)).to.deep.equal({ ...expected, actor: 'app-1' })
    const none = { ownerId: undefined, session: null, actor: undefined }
    const bare = { time: '1970-01-01T00:00:01.000Z', event: 'SessionLogin', outcome: 'success' }
    expect(lineOf('SessionLogin', none, 1000)).to.deep.equal(bare)
  })

  it('has nothing else of a chemical, whatever that may be one day (OWASP ASVS 16.2.5)', () => {
    const secret = 'secret-1'
    const extra = {
      ...{ password: secret, credentials: { password: secret }, headers: { cookie: secret }, msg: secret },
      ...{ level: secret, hostname: secret, pid: secret, event: secret, outcome: secret, time: secret },
      ...{ actor: { id: 'app-1', password: secret }, error: new Error(secret), toJSON: () => secret },
    }
    expect(JSON.stringify(lineOf('SessionLogin', extra, 0))).not.to.contain(secret)
  })

  for (const [what, trick] of Object.entries(TRICKS)) {
    it(`cannot be forged by ${what}, in any fact (OWASP ASVS 16.4.1)`, () => {
      for (const chemical of [...FACTS.map((name) => ({ [name]: trick })), { actor: { id: trick } }]) {
        const line = lineOf('SessionLoginFailed', chemical, 0)
        expect(Object.keys(line)).to.deep.equal(['time', 'event', 'outcome', Object.keys(chemical)[0]])
        expect(line).to.include({ event: 'SessionLoginFailed', outcome: 'failure' })
        expect(Object.values(line).join()).not.to.match(FORBIDDEN)
      }
    })
  }

  it('keeps names, quotes and markup as they are', () => {
    const texts = ['Ädä Łukasz', '山田太郎', 'عمر', '👩', 'a "quoted" \\ one', '<script>', ' ', 'e\u0301', '{"a":1}']
    for (const agent of texts) expect(lineOf('SessionLogin', { agent }, 0)).to.include({ agent })
  })

  it('is bounded: nobody fills a disk with one request', () => {
    const long = '\u0001'.repeat(100_000)
    const chemical = { ...Object.fromEntries(FACTS.map((name) => [name, long])), actor: { id: long } }
    expect(JSON.stringify(lineOf('SessionLoginFailed', chemical, 0)).length).to.be.lessThan(2500)
  })

  it('exists for every event that OWASP ASVS 16.3.1 asks for', () => {
    const events = Object.entries(OUTCOMES).map(([event, outcome]) => `${event} ${outcome}`)
    expect(events).to.include.members([
      ...['OwnerRegistered success', 'SessionLogin success', 'SessionLoginFailed failure', 'SessionLogout success'],
      ...['SessionDenied denied', 'PasswordChanged success', 'PasswordChangeFailed failure', 'PasswordReset success'],
      ...['OwnerDisabled success', 'OwnerEnabled success', 'OwnerDeleted success', 'SessionsEnded success'],
      ...['LoginThrottled denied', 'RequestRefused denied'],
    ])
  })

  it('counts lines that were left out, of one source or of many', () => {
    const base = { time: '1970-01-01T00:00:00.000Z', event: 'AuditLinesOmitted' }
    expect(omissionOf({ event: 'SessionLoginFailed', address: '::1' }, 7, 0)).to.deep.equal({
      ...base,
      outcome: 'failure',
      omittedEvent: 'SessionLoginFailed',
      address: '::1',
      count: 7,
    })
    expect(omissionOf(undefined, 49, 0)).to.deep.equal({ ...base, outcome: 'denied', count: 49 })
  })
})
