import { expect } from 'chai'
import { startTestCell, type TestCell } from '../../support/cell'
import { rawRequest, type RawRequest } from '../../support/raw-request'

const JSON_TYPE = { 'content-type': 'application/json' }
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
/** As long as Node lets a header be. */
const fill = (piece: string): string => piece.repeat(Math.floor(15_500 / piece.length))

/** What costs a parser the square of its length. */
const LONG: Record<string, string[]> = {
  accept: [`a/b;a="${fill(',')}`, `a/b;a="${fill(';')}`, fill('a/b,'), fill(',')],
  'accept-language': [fill('a,')],
  'cache-control': [`${fill(' ')}x`.replace(/^ /, 'x')],
  'content-encoding': [fill('gzip,')],
  'content-type': [`application/json${fill(';a=b')}`, `application/json;a="${fill('\\"')}`],
  host: [fill('a.')],
  'if-none-match': [fill('"a",')],
  origin: [`http://${fill('a.')}`, `http://${fill('xn--a.')}`, `http://[${fill(':')}`],
  'sec-fetch-site': [fill('x')],
  'x-forwarded-for': [fill('127.0.0.1,'), fill(','), `1${fill(' ')}2`],
  'x-forwarded-proto': [fill('https,')],
}

describe('a request that is meant to be expensive', () => {
  let cell: TestCell
  const send = (request: Partial<RawRequest>): Promise<{ status: number; body: unknown }> =>
    rawRequest(cell.address ?? '', { path: '/api/login', ...request })

  before(async () => {
    cell = await startTestCell({ plasma: { 'express-server': { trustProxy: 'loopback' } } })
  })
  after(() => cell.stop())

  for (const [name, values] of Object.entries(LONG)) {
    it(`is refused before its ${name} is parsed`, async () => {
      for (const value of values) {
        const { status, body } = await send({ body: '{}', headers: { [name]: value } })
        expect(status).to.equal(431)
        expect(body).to.include({
          code: 'HEADER_TOO_LARGE',
          detail: `These headers are longer than 1024 characters: ${name}.`,
        })
      }
    })
  }

  it('is refused if a header is sent many times', async () => {
    expect((await send({ headers: { accept: Array<string>(500).fill('a/b') } })).status).to.equal(431)
  })

  it('is accepted with what browsers and proxies send', async () => {
    const headers = {
      accept:
        'application/json,text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7',
      'accept-language': 'de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7,fr;q=0.6,it;q=0.5',
      cookie: fill('tracker=0123456789; ').slice(0, 8000),
      'x-forwarded-for': Array.from({ length: 20 }, (_, hop) => `2001:db8:1234:5678:9abc:def0:1234:${hop}`).join(', '),
    }
    expect((await send({ method: 'GET', path: '/api/me', headers })).status).to.equal(401)
  })

  const others: [what: string, request: Partial<RawRequest>, status: number][] = [
    ['a query of many nested fields', { method: 'GET', path: `/api/me?${fill('a[]=1&')}` }, 401],
    ['a query of one deep field', { method: 'GET', path: `/api/me?a${fill('[a]')}=1` }, 401],
    ['cookies of the same name', { method: 'GET', path: '/api/me', headers: { cookie: fill('id=s:a.b;') } }, 401],
    [
      'more bytes of headers than any client needs',
      { method: 'GET', path: '/api/me', headers: { cookie: fill('a') + fill('b') } },
      431,
    ],
    ['JSON that is deep', { body: `{"password":${'['.repeat(8000)}${']'.repeat(8000)}}`, headers: JSON_TYPE }, 400],
    [
      'JSON of many fields',
      {
        body: JSON.stringify(Object.fromEntries(Array.from({ length: 1500 }, (_, key) => [`k${key}`, 1]))),
        headers: JSON_TYPE,
      },
      400,
    ],
    ['a form of many fields', { body: fill('a=&'), headers: FORM }, 413],
  ]
  for (const [what, request, expected] of others) {
    it(`is answered like any other: ${what}`, async () => {
      expect((await send(request)).status).to.equal(expected)
    })
  }
})
