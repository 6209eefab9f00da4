import { expect } from 'chai'
import { gzipSync } from 'node:zlib'
import { startTestCell, type TestCell } from '../../support/cell'
import { tableRows } from '../../support/table-rows'

const PASSWORD = 'correct horse battery'
const VALID = { username: 'eve', password: PASSWORD }
const JSON_TYPE = { 'content-type': 'application/json' }
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const valid = `username=eve&password=${PASSWORD}`

/** Refused wherever credentials are expected. An object is sent as JSON. */
const BAD: [what: string, body: unknown, status?: number, headers?: Record<string, string>][] = [
  ['broken JSON', '{"username":"eve","password":'],
  ['nothing', ''],
  ['a JSON string', '"eve"'],
  ['a list', [VALID]],
  ['no password', { username: 'eve' }],
  ['an operator as the password', { ...VALID, password: { $ne: '' } }],
  ['a password of 257 characters', { ...VALID, password: 'x'.repeat(257) }],
  ['an unknown field', { ...VALID, admin: true }],
  ['__proto__', `{"username":"eve","password":"${PASSWORD}","__proto__":{"admin":true}}`],
  ['an escaped __proto__ deeper down', `{"username":"eve","password":"${PASSWORD}","a":{"\\u005f_proto__":{}}}`],
  ['nested objects', '{"a":'.repeat(2500) + '1' + '}'.repeat(2500)],
  ['a form with __proto__', `${valid}&__proto__[admin]=1`, 400, FORM],
  ['a form with an operator', 'username=eve&password[$ne]=', 400, FORM],
  ['a form with two passwords', `${valid}&password=${PASSWORD}`, 400, FORM],
  ['a form with a thousand fields', 'a=1&'.repeat(1100), 413, FORM],
  ['plain text', JSON.stringify(VALID), 415, { 'content-type': 'text/plain' }],
  ['multipart', '--x--\r\n', 415, { 'content-type': 'multipart/form-data; boundary=x' }],
  ['nothing, in an unknown charset', '', 415, { 'content-type': 'application/json; charset=x' }],
  ['a megabyte', { ...VALID, password: 'x'.repeat(2 ** 20) }, 413],
  ['gzip of ten megabytes', gzipSync('x'.repeat(10 * 2 ** 20)), 413, { 'content-encoding': 'gzip' }],
]

describe('bad input', () => {
  let cell: TestCell

  before(async () => {
    cell = await startTestCell({ plasma: { throttle: false } })
  })
  after(() => cell.stop())

  for (const [what, body, status = 400, headers] of BAD) {
    it(`is refused by a login and a registration, and writes nothing: ${what} (OWASP ASVS 15.3.3)`, async () => {
      const before = await tableRows(cell)
      const isRaw = typeof body === 'string' || Buffer.isBuffer(body)
      for (const url of ['/api/login', '/api/register']) {
        const response = await fetch(`${cell.address ?? ''}${url}`, {
          method: 'POST',
          headers: { accept: 'application/json', ...JSON_TYPE, ...headers },
          body: isRaw ? new Uint8Array(Buffer.from(body)) : JSON.stringify(body),
        })
        const { detail, ...problem } = (await response.json()) as { detail: string; code: string }
        expect(problem, url).to.include({ type: 'about:blank', status })
        expect([response.status, response.headers.getSetCookie()]).to.deep.equal([status, []])
        expect(detail)
          .to.be.a('string')
          .and.not.match(/horse|eve/)
      }
      expect(await tableRows(cell)).to.deep.equal(before)
      expect({}).to.not.have.property('admin')
    })
  }

  it('with __proto__ is refused before any route sees it', async () => {
    const { body } = await cell.client().send('POST', '/nothing', '{"a":{"__proto__":{}}}', JSON_TYPE)
    expect(body).to.include({ status: 400, code: 'INVALID_BODY' })
  })
})
