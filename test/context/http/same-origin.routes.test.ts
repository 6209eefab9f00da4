import { expect } from 'chai'
import { METHODS } from 'node:http'
import { relative } from 'node:path'
import apiRoutes from '../../../routes/api'
import { startTestCell, type TestCell } from '../../support/cell'
import { newCredentials, type Answer, type Client } from '../../support/client'
import { rawRequest, type RawRequest } from '../../support/raw-request'
import { typescript } from '../../support/route-app'
import { tableRows } from '../../support/table-rows'
import { temporaryFolder, writeFiles } from '../../support/temporary-folder'

/** A route file of the user's own: whatever is asked of it, it writes to the session. */
const OWN = typescript(
  "'* /any': (req: { session: object }, res: { json: (body: object) => void }) => { Object.assign(req.session, { note: Math.random() }); res.json({}) }",
)

/** Every route that may change something, by its key in routes/api, as somebody asks it who may. */
const CHANGING: Record<string, (client: Client, password: string) => Promise<RawRequest>> = {
  'POST /register': () => Promise.resolve({ path: '/api/register', body: JSON.stringify(newCredentials()) }),
  'POST /login': async (client) => {
    const attacker = newCredentials()
    await client.copy().post('/api/register', attacker)
    return { path: '/api/login', body: JSON.stringify(attacker) }
  },
  'POST /logout': () => Promise.resolve({ path: '/api/logout' }),
  'POST /password': (_client, currentPassword) => {
    return Promise.resolve({
      path: '/api/password',
      body: JSON.stringify({ currentPassword, newPassword: 'staple horse battery' }),
    })
  },
  'DELETE /sessions/:id': async (client) => {
    const [{ id } = { id: '' }] = (await client.get('/api/sessions')).body as { id: string }[]
    return { method: 'DELETE', path: `/api/sessions/${id}` }
  },
  'DELETE /sessions': () => Promise.resolve({ method: 'DELETE', path: '/api/sessions' }),
  'a route file of the own': () => Promise.resolve({ path: '/own/note/any' }),
}

describe('whatever may change something (OWASP ASVS 3.5.1)', () => {
  let cell: TestCell

  before(async () => {
    const folder = temporaryFolder()
    writeFiles(folder, { 'note.ts': OWN })
    const own = {
      source: 'plasma/express-routes',
      reactOn: ['ExpressServer', 'ExpressSessions'],
      emitReady: 'OwnRoutes',
      path: relative(process.cwd(), folder),
      mount: '/own',
    }
    // What throttling counts, it writes when a request is over.
    cell = await startTestCell({ plasma: { throttle: false, own } })
  })
  after(() => cell.stop())

  /** Somebody who is logged in twice, and the password. */
  async function victim(): Promise<{ client: Client; password: string }> {
    const client = cell.client()
    const credentials = await client.registerAndLogIn()
    await cell.client().post('/api/login', credentials)
    return { client, password: credentials.password }
  }

  function send(client: Client, request: RawRequest, headers: Record<string, string>): Promise<Answer> {
    const cookie = `id=${client.cookies.get('id') ?? ''}`
    return rawRequest(client.address, { ...request, headers: { cookie, ...headers } })
  }

  it('is in the list below', () => {
    const keys = Object.keys(apiRoutes(cell.plasma, {})).filter((key) => !/^(GET|\*) /.test(key))
    expect(Object.keys(CHANGING)).to.include.members(keys)
  })

  const elsewhere: Record<string, string>[] = [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'cross-site', origin: 'null', accept: 'text/html' },
    { origin: 'http://evil.example' },
    { origin: 'null' },
  ]
  for (const [key, make] of Object.entries(CHANGING)) {
    it(`is refused to another site's page and changes nothing, and is done for an own one: ${key}`, async () => {
      const { client, password } = await victim()
      const request = await make(client, password)
      const before = await tableRows()
      for (const headers of elsewhere) {
        const { status, text, headers: answered } = await send(client, request, headers)
        expect(status).to.equal(403)
        expect(text).to.include('This request comes from a page of another site.')
        expect(answered.getSetCookie()).to.deep.equal([])
      }
      expect(await tableRows()).to.deep.equal(before)

      expect((await send(client, request, { 'sec-fetch-site': 'same-origin' })).status).to.be.oneOf([200, 201, 204])
      expect(await tableRows()).to.not.deep.equal(before)
    })
  }

  it('is refused by every method but those that change nothing', async () => {
    const { client } = await victim()
    const methods = METHODS.filter((method) => !['GET', 'HEAD', 'OPTIONS', 'TRACE', 'CONNECT'].includes(method))
    expect(methods).to.include.members(['POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND'])
    for (const method of methods) {
      const before = await tableRows()
      for (const path of ['/own/note/any', '/api/logout', '/', '/nothing']) {
        const { status, body } = await send(client, { method, path }, { 'sec-fetch-site': 'cross-site' })
        expect([status, (body as { code: string }).code], `${method} ${path}`).to.deep.equal([403, 'CROSS_ORIGIN'])
      }
      expect(await tableRows(), method).to.deep.equal(before)
      expect(
        (await send(client, { method, path: '/own/note/any' }, { 'sec-fetch-site': 'same-origin' })).status,
        method,
      ).to.equal(200)
      expect(await tableRows(), method).to.not.deep.equal(before)
    }
  })
})
