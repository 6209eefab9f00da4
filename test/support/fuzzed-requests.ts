import fc from 'fast-check'
import { request, type IncomingMessage } from 'node:http'
import { text as textOf } from 'node:stream/consumers'
import { PATIENCE } from './until'

/** A request that no sane client would send. */
export interface FuzzedRequest {
  method: string
  path: string
  headers: Record<string, string | string[]>
  body: Buffer
}

const ROUTES = [
  '/',
  '/style.css',
  '/api',
  '/api/register',
  '/api/login',
  '/api/me',
  '/api/logout',
  '/api/password',
  '/api/sessions',
  '/api/sessions/x',
  '/nothing',
]
const METHODS = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND', 'TRACE']
const TYPES = [
  'application/json',
  'application/x-www-form-urlencoded',
  'text/plain',
  'multipart/form-data; boundary=x',
  'application/json; charset=utf-7',
]
const FIELDS = [
  'username',
  'password',
  'ownerId',
  'remember',
  'currentPassword',
  'newPassword',
  'appname',
  'email',
  '__proto__',
  'constructor',
  '$ne',
]

const text = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: 'grapheme', minLength: 8, maxLength: 60 }) },
  fc.string({ unit: 'binary' }),
  fc.string({ minLength: 300, maxLength: 2000 }),
)
/** Only what Node agrees to send in a header. */
const headerText = fc.string({
  unit: fc
    .integer({ min: 0x20, max: 0xff })
    .filter((code) => code !== 0x7f)
    .map((code) => String.fromCharCode(code)),
})
const value = fc.oneof(
  { weight: 3, arbitrary: text },
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(null, true, 0, -1, 1e308, '', [], {}, { $ne: '' }),
)
const fields = fc.dictionary(fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...FIELDS) }, text), value, {
  maxKeys: 6,
})

const body = fc.oneof(
  fields.map((object) => JSON.stringify(object)),
  fc
    .dictionary(fc.constantFrom(...FIELDS), text, { maxKeys: 6 })
    .map((object) => new URLSearchParams(object).toString()),
  fc.json(),
  fields.map((object) => JSON.stringify(object).slice(0, -1)),
  fc.integer({ min: 0, max: 40_000 }).map((depth) => '['.repeat(depth)),
  fc.string({ unit: 'binary', maxLength: 100 }),
  fc.constant(''),
)

const path = fc
  .tuple(
    fc.constantFrom(...ROUTES),
    fc.option(fc.webPath(), { nil: '' }),
    fc.option(fc.webQueryParameters(), { nil: '' }),
    fc.constantFrom('', '', '', '%00', '%', '%ff', '//', '/..', '.json', '?a[b]=c'),
  )
  .map(([route, more, query, odd]) => `${route}${more}${odd}${query === '' ? '' : `?${query}`}`)

/** @param cookies known ones, to be sent with changes */
function headers(cookies: string[]): fc.Arbitrary<Record<string, string | string[]>> {
  const changed = fc.tuple(fc.constantFrom(...cookies), fc.nat(), headerText).map(([cookie, at, piece]) => {
    const place = at % cookie.length
    return `${cookie.slice(0, place)}${piece}${cookie.slice(place + 1)}`
  })
  return fc.record(
    {
      'content-type': fc.oneof(
        { weight: 6, arbitrary: fc.constantFrom(...TYPES.slice(0, 2)) },
        fc.constantFrom(...TYPES),
        headerText,
      ),
      accept: fc.oneof(fc.constantFrom('application/json', 'text/html', '*/*', ''), headerText),
      cookie: fc.oneof(
        changed,
        headerText.map((text) => `id=${text}`),
        headerText,
        fc.constant('id=s%3A.; id=s:x.y; id='.repeat(100)),
      ),
      'sec-fetch-site': fc.oneof(fc.constantFrom('same-origin', 'none', 'cross-site'), headerText),
      origin: fc.oneof(fc.constantFrom('null', 'http://evil.example'), headerText),
      host: fc.oneof(fc.constantFrom('localhost', 'a:b:c', '[::1', ''), headerText),
      'user-agent': fc.oneof(headerText, fc.constant('x'.repeat(4000))),
      'x-forwarded-for': fc.oneof(fc.constantFrom('1.2.3.4', '::1, junk', ','), headerText),
      'x-forwarded-proto': fc.oneof(fc.constantFrom('https', 'gopher'), headerText),
      'content-encoding': fc.constantFrom('gzip', 'br', 'identity', 'junk'),
      'accept-language': fc.oneof(headerText, fc.array(headerText, { minLength: 2, maxLength: 3 })),
    },
    { requiredKeys: [] },
  )
}

/** Requests with the expected fields, of the expected types. */
const shaped = fc
  .oneof(
    fc.record({
      path: fc.constantFrom('/api/login', '/api/register'),
      body: fc.record({ username: text, password: text }),
    }),
    fc.record({ path: fc.constant('/api/password'), body: fc.record({ currentPassword: text, newPassword: text }) }),
  )
  .map(({ path, body }) => {
    return {
      method: 'POST',
      path,
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(JSON.stringify(body)),
    }
  })

/** Requests of every kind. Most send a body that matches its type, so that they get past the parser. */
export function fuzzedRequest(cookies: string[]): fc.Arbitrary<FuzzedRequest> {
  return fc.oneof({ weight: 5, arbitrary: unshaped(cookies) }, shaped)
}

function unshaped(cookies: string[]): fc.Arbitrary<FuzzedRequest> {
  const method = fc.oneof({ weight: 3, arbitrary: fc.constant('POST') }, fc.constantFrom(...METHODS))
  return fc
    .record({
      method,
      path: fc.oneof(fc.constantFrom(...ROUTES), path),
      headers: headers(cookies),
      body,
      isPlain: fc.boolean(),
    })
    .map(({ isPlain, body, headers, ...rest }) => {
      const type = isJson(body) ? 'application/json' : 'application/x-www-form-urlencoded'
      // With one of these, most requests would be refused early.
      const plain = Object.entries(headers).filter(
        ([name]) => !['content-encoding', 'sec-fetch-site', 'origin'].includes(name),
      )
      return {
        ...rest,
        headers: isPlain ? { ...Object.fromEntries(plain), 'content-type': type } : headers,
        body: Buffer.from(body),
      }
    })
}

/** Sends requests, each over its own connection, because servers close a connection after a broken request. */
export class Fuzzer {
  readonly #address: URL
  /** How often each status was answered. */
  readonly statuses: Record<number, number> = {}

  constructor(address: string) {
    this.#address = new URL(address)
  }

  /** @returns the status, after the complete answer. @throws {Error} if there is none, or the connection breaks */
  async send({ method, path, headers, body }: FuzzedRequest): Promise<number> {
    const { hostname, port } = this.#address
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const sent = request({ hostname, port, method, path, headers, agent: false, timeout: PATIENCE }, resolve)
      sent.on('timeout', () => sent.destroy(new Error(`not answered in ${PATIENCE} ms`)))
      sent.on('error', reject)
      sent.end(body)
    })
    await textOf(answer)
    const status = answer.statusCode ?? 0
    this.statuses[status] = (this.statuses[status] ?? 0) + 1
    return status
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
