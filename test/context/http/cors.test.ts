import { expect } from 'chai'
import { DnaError, checkDna } from '../../../context/cell'
import { expressServerDna } from '../../../context/http/express-server-dna'
import { startTestCell, type TestCell } from '../../support/cell'
import type { Answer, Client } from '../../support/client'
import { keepErrorLog } from '../../support/error-log'
import { rejectionOf } from '../../support/rejection'

const APP = 'https://app.example.org'
const OTHERS = ['https://evil.example', `${APP}.evil.example`, 'http://app.example.org', `${APP}:8443`, 'null', '*', '']
const PREFLIGHT = { 'access-control-request-method': 'DELETE', 'access-control-request-headers': 'content-type' }

/** What an answer allows, by the rest of the headers' names. */
function allowedIn({ headers }: Answer): Record<string, string> {
  const found = [...headers].filter(([name]) => name.startsWith('access-control-'))
  return Object.fromEntries(found.map(([name, value]) => [name.replace(/^access-control-(allow-)?/, ''), value]))
}

/** As a browser sends it from a page of this origin. */
const from = (origin: string, headers: Record<string, string> = {}): Record<string, string> => ({
  origin,
  'sec-fetch-site': 'cross-site',
  ...headers,
})

describe('pages of other origins', () => {
  keepErrorLog()
  let cell: TestCell
  afterEach(() => cell.stop())

  async function start(cors?: object): Promise<Client> {
    cell = await startTestCell({ plasma: { 'express-server': cors ? { cors } : {} } })
    return cell.client()
  }
  const preflight = (client: Client, origin: string, path = '/api/me'): Promise<Answer> =>
    client.send('OPTIONS', path, undefined, from(origin, PREFLIGHT))

  it('may use the cell with cookies if DNA names their origin and allows that', async () => {
    const client = await start({
      origins: [APP],
      credentials: true,
      headers: ['x-app'],
      exposedHeaders: ['retry-after'],
    })
    const { username } = await client.registerAndLogIn()
    const asked = await preflight(client, APP)
    expect([asked.status, asked.text, asked.headers.get('vary')]).to.deep.equal([204, '', 'Origin'])
    const always = { origin: APP, credentials: 'true', 'expose-headers': 'retry-after' }
    const methods = 'GET, HEAD, POST, PUT, PATCH, DELETE'
    expect(allowedIn(asked)).to.deep.equal({ ...always, methods, headers: 'x-app', 'max-age': '600' })

    const read = await client.get('/api/me', from(APP))
    expect([read.body, allowedIn(read)]).to.deep.equal([{ ...Object(read.body), username }, always])
    expect(read.headers.get('vary')).to.match(/^Origin\b/)
    // What goes wrong, a page may read, too.
    const lost = await client.get('/nothing', from(APP))
    expect([lost.status, allowedIn(lost)]).to.deep.equal([404, always])
    expect(lost.headers.get('vary')).to.equal('Origin, Accept')
    expect((await client.post('/api/logout', undefined, from(APP))).status).to.equal(204)
    expect((await client.get('/api/me', from(APP))).status).to.equal(401)
  })

  it('may do nothing if DNA names other origins, however alike (OWASP ASVS 3.4.2)', async () => {
    const client = await start({ origins: [APP], credentials: true })
    await client.registerAndLogIn()
    for (const origin of OTHERS) {
      for (const answer of [await preflight(client, origin), await client.get('/api/me', from(origin))]) {
        expect(allowedIn(answer), origin).to.deep.equal({})
        expect(answer.headers.get('vary'), origin).to.match(/^Origin\b/)
      }
      const { body } = await client.post('/api/logout', undefined, from(origin))
      expect(body, origin).to.include({ status: 403, code: 'CROSS_ORIGIN' })
    }
    // Nobody asks from nowhere.
    expect(allowedIn(await client.get('/api/me'))).to.deep.equal({})
  })

  it('may post without cookies, and never with them, if DNA does not allow credentials', async () => {
    const client = await start({ origins: [APP] })
    const { username, password } = await client.registerAndLogIn()
    expect(allowedIn(await client.get('/api/me', from(APP)))).to.deep.equal({ origin: APP })
    expect((await client.post('/api/logout', undefined, from(APP))).status).to.equal(403)
    const other = cell.client()
    const login = await other.post('/api/login', { username, password }, from(APP))
    // Else a form of such a page could log its reader in as somebody else.
    expect([login.status, login.headers.get('set-cookie')]).to.deep.equal([200, null])
    expect((await other.post('/api/login', { username, password })).headers.get('set-cookie')).to.match(/^id=/)
  })

  it('are refused as before if DNA names none', async () => {
    const client = await start()
    await client.registerAndLogIn()
    const asked = await preflight(client, APP)
    expect([asked.status, asked.headers.get('vary'), allowedIn(asked)]).to.deep.equal([404, 'Accept', {}])
    expect((await preflight(cell.client(), APP)).status).to.equal(401)
    const read = await client.get('/api/me', from(APP))
    expect([read.status, read.headers.get('vary'), allowedIn(read)]).to.deep.equal([200, null, {}])
    expect((await client.post('/api/logout', undefined, from(APP))).status).to.equal(403)
  })
})

describe('the DNA of other origins', () => {
  const refused: [cors: unknown, key: string][] = [
    ...[
      '*',
      'null',
      '',
      'app.example.org',
      'https://app.example.org/',
      'https://app.example.org:443',
      'https://*.example.org',
      'https://App.example.org',
      'http://app.example.org',
      'http://localhost.example.org',
      'ftp://app.example.org',
      'file://',
      'chrome-extension://abc',
      'https://a@app.example.org',
      5,
    ].map((origin): [unknown, string] => [{ origins: [origin] }, 'cors.origins.0']),
    [{ origins: [] }, 'cors.origins'],
    [{ origins: APP }, 'cors.origins'],
    [{ credentials: true }, 'cors.origins'],
    [{ origins: [APP], credential: true }, 'cors.credential'],
    [{ origins: [APP], credentials: 'yes' }, 'cors.credentials'],
    [{ origins: [APP], headers: ['*'] }, 'cors.headers.0'],
    [{ origins: [APP], exposedHeaders: ['a, b'] }, 'cors.exposedHeaders.0'],
    [{ origins: [APP], maxAgeSeconds: -1 }, 'cors.maxAgeSeconds'],
    [true, 'cors'],
  ]
  for (const [cors, key] of refused) {
    it(`is refused as ${JSON.stringify(cors)}`, async () => {
      const error = await rejectionOf<DnaError>(() => checkDna(expressServerDna, { port: 0, cors }), DnaError)
      expect(error.key).to.equal(key)
    })
  }

  it('takes origins over HTTPS, and those of this machine', () => {
    const origins = [
      APP,
      'https://app.example.org:8443',
      'http://localhost:3000',
      'http://127.0.0.1',
      'http://[::1]:3000',
    ]
    checkDna(expressServerDna, { port: 0, cors: { origins } })
  })
})
