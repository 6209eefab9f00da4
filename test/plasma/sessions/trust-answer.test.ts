import { expect } from 'chai'
import { inspect } from 'node:util'
import { gzipSync } from 'node:zlib'
import { judgeAnswer } from '../../../plasma/sessions/trust-answer'
import { rejectionOf } from '../../support/rejection'

const ORIGIN = 'https://users.example'
const SECRET = 'hunter2-correct-horse'
const owner = { id: 'remote-1', name: 'Ännä' }
/** What a careless trust point sends back. */
const echo = JSON.stringify({ password: SECRET })
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')

type Body = string | Buffer | undefined
const judge = (status: number, body: Body, retryAfter?: unknown): unknown =>
  judgeAnswer({ origin: ORIGIN, status, retryAfter, body: typeof body === 'string' ? Buffer.from(body) : body })

/** [what, its body, status of the answer, code of the error] */
const FAILURES: [what: string, body: Body, status: number, code: string, retryAfter?: [unknown, number]][] = [
  ...[201, 204, 206, 301, 307, 400, 402, 409, 418, 422, 500, 502, 504].map((status): [string, Body, number, string] => [
    String(status),
    JSON.stringify(owner),
    status,
    'REMOTE_INVALID',
  ]),
  ['too large', undefined, 200, 'REMOTE_INVALID'],
  ['empty', '', 200, 'REMOTE_INVALID'],
  ['an array', `[${echo}]`, 200, 'REMOTE_INVALID'],
  ['null', 'null', 200, 'REMOTE_INVALID'],
  ['a string', JSON.stringify(echo), 200, 'REMOTE_INVALID'],
  ['true', 'true', 200, 'REMOTE_INVALID'],
  ['a page', `<html>${SECRET}</html>`, 200, 'REMOTE_INVALID'],
  ['a form', `password=${SECRET}`, 200, 'REMOTE_INVALID'],
  ['broken JSON', echo.slice(0, -1), 200, 'REMOTE_INVALID'],
  ['two objects', echo + echo, 200, 'REMOTE_INVALID'],
  ['a __proto__ key', '{"id":"remote-1","more":[{"__proto__":{"admin":true}}]}', 200, 'REMOTE_INVALID'],
  ['not UTF-8', latin1('{"id":"remot\xe9"}'), 200, 'REMOTE_INVALID'],
  ['not UTF-8 after them', latin1(`${echo}\xff`), 200, 'REMOTE_INVALID'],
  ['gzip', gzipSync(echo), 200, 'REMOTE_INVALID'],
  ['without Retry-After', echo, 429, 'TOO_MANY_ATTEMPTS', [undefined, 30]],
  ['with a Retry-After', echo, 429, 'TOO_MANY_ATTEMPTS', ['7', 7]],
  ['with a Retry-After of 0', echo, 429, 'TOO_MANY_ATTEMPTS', ['0', 1]],
  ['with a Retry-After of a year', echo, 429, 'TOO_MANY_ATTEMPTS', ['31536000', 3600]],
  ['with two Retry-Afters', echo, 503, 'REMOTE_UNAVAILABLE', [['7', '8'], 30]],
  ['with a Retry-After that is a date', echo, 503, 'REMOTE_UNAVAILABLE', [new Date(0).toUTCString(), 30]],
  ['with a negative Retry-After', echo, 503, 'REMOTE_UNAVAILABLE', ['-5', 30]],
  ['with a Retry-After in words', echo, 503, 'REMOTE_UNAVAILABLE', ['7 minutes', 30]],
]

describe("a trust point's answer", () => {
  it('is an owner if it is 200 with an object, without or with a byte order mark', () => {
    for (const body of [JSON.stringify(owner), `\uFEFF${JSON.stringify(owner)}`])
      expect(judge(200, body)).to.deep.equal(owner)
  })

  it('is nobody if it is 401, 403 or 404, whatever comes with it', () => {
    for (const status of [401, 403, 404]) expect(judge(status, JSON.stringify(owner))).to.equal(undefined)
  })

  for (const [what, body, status, code, [given, retryAfter] = [undefined, undefined]] of FAILURES) {
    it(`is ${code} if it is ${String(status)}, ${what}: clients see neither the credentials nor the origin`, async () => {
      const error = await rejectionOf(() => judge(status, body, given))
      const expected = { REMOTE_INVALID: 502, TOO_MANY_ATTEMPTS: 429, REMOTE_UNAVAILABLE: 503 }[code]
      expect(error).to.include({ code, status: expected, retryAfter })
      expect(error.message).not.to.include('users.example')
      const logged = inspect(error, { depth: Infinity, showHidden: true })
      expect(logged).to.include(ORIGIN)
      expect(logged).not.to.include(SECRET)
    })
  }
})
