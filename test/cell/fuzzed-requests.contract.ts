import { expect } from 'chai'
import fc from 'fast-check'
import { startTestCell, type TestCell } from '../support/cell'
import type { Client } from '../support/client'
import { keepErrorLog } from '../support/error-log'
import { rawRequest, type RawRequest } from '../support/raw-request'

const ROUTES = [
  '/',
  '/assets/style.x.css',
  '/login',
  '/register',
  '/logout',
  '/account',
  '/account/password',
  '/account/sessions',
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
  fc.record({ username: text, password: text }).map((object) => JSON.stringify(object)),
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

/** Most send a body that matches its type, so that they get past the parser. @param cookies known ones */
function fuzzedRequest(cookies: string[]): fc.Arbitrary<RawRequest> {
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
        body,
      }
    })
}

/** Somebody has registered at a page. */
const PAGE_REGISTERED = 'POST 303 /?done=registered'
/** Requests that are sent at once. */
const AT_ONCE = 4

/**
 * What holds whatever clients send.
 *
 * @param count requests of anonymous clients; half as many come from a client that is logged in
 */
export function describeFuzzedRequests(count: number): void {
  describe(`a cell that gets ${count + count / 2} requests that nobody would write`, function () {
    this.timeout(count * 20 + 180_000)
    const errors = keepErrorLog()
    let cell: TestCell
    let bystander: Client

    before(async () => {
      // A throttle would keep most requests from getting any further.
      cell = await startTestCell({ plasma: { throttle: false } })
      bystander = cell.client()
      await bystander.registerAndLogIn()
    })
    afterEach(async () => {
      expect(errors).to.deep.equal([])
      expect((await bystander.get('/api/me')).status).to.equal(200)
    })
    after(() => cell.stop())

    it('answers each, never with a 5xx, and writes nothing but registrations while nobody is logged in', async () => {
      const before = await tables()
      const outcomes = await fuzz(count, () => Promise.resolve(''), [cookieOf(bystander)])
      const after = await tables()
      // The API redirects browsers, and pages log in who has registered.
      const registered = outcomes.filter((outcome) => ['POST 201', 'POST 303 /', PAGE_REGISTERED].includes(outcome))
      expect(after.owners).to.have.length(before.owners.length + registered.length)
      expect(after.owners.slice(0, before.owners.length)).to.deep.equal(before.owners)
      const loggedIn = registered.filter((outcome) => outcome === PAGE_REGISTERED)
      expect(after.sessions).to.have.length(before.sessions.length + loggedIn.length)
      expect(after.sessions).to.deep.include.members(before.sessions)
    })

    it('answers each of a client that is logged in, and changes no other owner', async () => {
      const client = cell.client()
      let credentials = await client.registerAndLogIn()
      const logIn = async (): Promise<string> => {
        if ((await client.get('/api/me')).status === 401) {
          const { status } = await client.post('/api/login', credentials)
          if (status !== 200) credentials = await client.registerAndLogIn()
        }
        return cookieOf(client)
      }
      await fuzz(count / 2, logIn, ['id=x'])
    })

    /** Sends so many requests, each over its own connection: servers close it after a broken request. @returns as in `POST 303 /` */
    async function fuzz(count: number, cookie: () => Promise<string>, cookies: string[]): Promise<string[]> {
      const outcomes: string[] = []
      const batch = fc.array(fuzzedRequest(cookies), { minLength: AT_ONCE, maxLength: AT_ONCE })
      const property = fc.asyncProperty(batch, async (requests) => {
        const own = await cookie()
        const sending = requests.map(({ headers, ...rest }) =>
          rawRequest(cell.address ?? '', { ...rest, headers: { ...headers, ...(own && { cookie: own }) } }),
        )
        for (const [index, { status, headers }] of (await Promise.all(sending)).entries()) {
          expect(status).to.be.within(200, 499)
          outcomes.push([requests[index]?.method, status, headers.get('location') ?? ''].join(' ').trim())
        }
      })
      await fc.assert(property, { numRuns: Math.ceil(count / AT_ONCE), endOnFailure: true })
      return outcomes
    }

    /** Owners in the order of their registration, and sessions. */
    async function tables() {
      const { query } = cell.database
      const owners = await query.selectFrom('owners').selectAll().orderBy('created_at').execute()
      return { owners, sessions: await query.selectFrom('sessions').selectAll().orderBy('id_hash').execute() }
    }
  })
}

function cookieOf({ cookies }: Client): string {
  return [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
