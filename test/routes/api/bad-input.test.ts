import { expect } from 'chai'
import { gzipSync } from 'node:zlib'
import { startTestCell, type TestCell } from '../../support/cell'
import { newCredentials } from '../../support/client'
import { countRows } from '../../support/row-counts'

const JSON_TYPE = 'application/json'
const FORM = 'application/x-www-form-urlencoded'
const USERNAME = 'eve'
const PASSWORD = 'correct horse battery'

interface Bad {
  title: string
  body: string | Buffer
  type?: string
  headers?: Record<string, string>
  status?: number
}

function json(title: string, value: unknown): Bad {
  return { title, body: JSON.stringify(value) }
}

/** Refused wherever credentials are expected: what only HTTP can do, and of every kind of field a few. */
const BAD: Bad[] = [
  { title: 'broken JSON', body: '{"username":"eve","password":' },
  { title: 'no JSON', body: 'username=eve' },
  { title: 'nothing at all', body: '' },
  { title: 'JSON null', body: 'null' },
  { title: 'a JSON text', body: '"eve"' },
  json('an empty object', {}),
  json('a list', [{ username: USERNAME, password: PASSWORD }]),
  json('no password', { username: USERNAME }),
  json('no username', { password: PASSWORD }),
  json('an operator for a password', { username: USERNAME, password: { $ne: '' } }),
  json('an operator for a username', { username: { $gt: '' }, password: PASSWORD }),
  json('a list for a password', { username: USERNAME, password: [PASSWORD] }),
  json('a number for a password', { username: USERNAME, password: 12345678 }),
  json('a password that is too long', { username: USERNAME, password: 'x'.repeat(257) }),
  json('a username that is too long', { username: 'x'.repeat(257), password: PASSWORD }),
  json('an unknown field', { username: USERNAME, password: PASSWORD, admin: true }),
  json('an ownerId', { username: USERNAME, password: PASSWORD, ownerId: 'another' }),
  json('an ownerId that is an operator', { username: USERNAME, password: PASSWORD, ownerId: { $ne: null } }),
  json('a constructor', { username: USERNAME, password: PASSWORD, constructor: { prototype: { admin: true } } }),
  { title: '__proto__', body: `{"username":"eve","password":"${PASSWORD}","__proto__":{"admin":true}}` },
  {
    title: '__proto__ deeper down',
    body: `{"username":"eve","password":"${PASSWORD}","a":{"__proto__":{"admin":true}}}`,
  },
  {
    title: '__proto__ in escapes',
    body: `{"username":"eve","password":"${PASSWORD}","\\u005f_proto__":{"admin":true}}`,
  },
  { title: 'credentials in __proto__', body: `{"__proto__":{"username":"eve","password":"${PASSWORD}"}}` },
  { title: 'lists in lists', body: '['.repeat(8000) + ']'.repeat(8000) },
  { title: 'objects in objects', body: '{"a":'.repeat(2500) + '1' + '}'.repeat(2500) },
  { title: 'objects in a password', body: `{"username":"eve","password":${'{"a":'.repeat(2000)}1${'}'.repeat(2000)}}` },
  { title: 'a form with __proto__', body: `username=eve&password=${PASSWORD}&__proto__=x`, type: FORM },
  { title: 'a form with __proto__[admin]', body: `username=eve&password=${PASSWORD}&__proto__[admin]=1`, type: FORM },
  { title: 'a form with constructor', body: `username=eve&password=${PASSWORD}&constructor=x`, type: FORM },
  { title: 'a form with an operator', body: 'username=eve&password[$ne]=', type: FORM },
  { title: 'a form with two passwords', body: `username=eve&password=${PASSWORD}&password=${PASSWORD}`, type: FORM },
  { title: 'a form with an unknown field', body: `username=eve&password=${PASSWORD}&admin=1`, type: FORM },
  { title: 'an empty form', body: '', type: FORM },
  { title: 'a form with a thousand fields', body: 'a=1&'.repeat(1100), type: FORM, status: 413 },
  {
    title: 'plain text',
    body: JSON.stringify({ username: USERNAME, password: PASSWORD }),
    type: 'text/plain',
    status: 415,
  },
  { title: 'XML', body: '<username>eve</username>', type: 'application/xml', status: 415 },
  {
    title: 'multipart',
    body: `--x\r\nContent-Disposition: form-data; name="username"\r\n\r\neve\r\n--x--\r\n`,
    type: 'multipart/form-data; boundary=x',
    status: 415,
  },
  { title: 'a charset that does not exist', body: '{}', type: 'application/json; charset=none', status: 415 },
  { title: 'an encoding that does not exist', body: '{}', headers: { 'content-encoding': 'zip' }, status: 415 },
  { title: 'gzip that is none', body: '{}', headers: { 'content-encoding': 'gzip' }, status: 400 },
  { title: 'a megabyte', body: JSON.stringify({ username: USERNAME, password: 'x'.repeat(2 ** 20) }), status: 413 },
  { title: 'a form of a megabyte', body: `username=eve&password=${'x'.repeat(2 ** 20)}`, type: FORM, status: 413 },
  {
    title: 'gzip that inflates to ten megabytes',
    body: gzipSync(JSON.stringify({ username: USERNAME, password: 'x'.repeat(10 * 2 ** 20) })),
    headers: { 'content-encoding': 'gzip' },
    status: 413,
  },
]

const TOO_SHORT: Bad[] = [
  json('an empty username', { username: '', password: PASSWORD }),
  json('a username with a line break', { username: 'eve\nadam', password: PASSWORD }),
  json('a username with a zero byte', { username: 'eve\0', password: PASSWORD }),
  json('an empty password', { username: USERNAME, password: '' }),
  json('a password of seven characters', { username: USERNAME, password: '1234567' }),
]

describe('bad input', () => {
  let cell: TestCell

  before(async () => {
    cell = await startTestCell()
  })
  after(() => cell.stop())

  const rows = ['/api/register', '/api/login'].flatMap((url) => BAD.map((bad) => ({ ...bad, url })))
  rows.push(...TOO_SHORT.map((bad) => ({ ...bad, url: '/api/register' })))
  for (const { url, title, body, type = JSON_TYPE, headers, status = 400 } of rows) {
    it(`of ${title} is refused by ${url}, and writes nothing (OWASP ASVS 15.3.3)`, async () => {
      const before = await countRows()
      const response = await fetch(`${cell.address ?? ''}${url}`, {
        method: 'POST',
        headers: { accept: JSON_TYPE, 'content-type': type, ...headers },
        body: new Uint8Array(Buffer.from(body)),
      })
      const problem: unknown = await response.json()
      expect(response.status).to.equal(status)
      expect(response.headers.get('content-type')).to.match(/^application\/problem\+json\b/)
      expect(response.headers.getSetCookie()).to.be.empty
      expect(problem).to.include({ type: 'about:blank', status })
      expect(problem)
        .to.have.property('code')
        .that.matches(/^[A-Z_]+$/)
      expect(problem).to.have.property('detail').that.is.a('string').and.not.includes('horse').and.not.includes('eve')
      expect(await countRows()).to.deep.equal(before)
      expect({}).to.not.have.property('admin')
      expect((await cell.client().get('/api/me')).status).to.equal(401)
    })
  }

  it('leaves the cell as it was: a registration and a login still work', async () => {
    const credentials = newCredentials()
    expect((await cell.client().post('/api/register', credentials)).status).to.equal(201)
    expect((await cell.client().post('/api/login', credentials)).status).to.equal(200)
  })
})
