import { expect } from 'chai'
import { chmodSync, existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { EventBus } from '../../../context/cell/event-bus'
import expressSessions from '../../../plasma/express-sessions'
import type { Client } from '../../support/client'
import { stoppedClock } from '../../support/clock'
import { signed } from '../../support/cookie'
import { keepErrorLog } from '../../support/error-log'
import { openReopenableDatabase, type ReopenableDatabase } from '../../support/reopenable-database'
import { StoreApp } from '../../support/store-app'
import { temporaryFolder } from '../../support/temporary-folder'
import { until } from '../../support/until'

const HTTPS = { 'x-forwarded-proto': 'https' }
const [SECRET, OLD_SECRET] = ['a'.repeat(32), 'b'.repeat(32)]
const SECURE = { cookie: { name: '__Host-id', secure: true } }
const NOBODY = { ownerId: null, note: null }

describe('the express-sessions organelle', () => {
  let database: ReopenableDatabase
  const sites: { site: StoreApp; plasma: Organic.Plasma }[] = []

  before(async () => {
    database = await openReopenableDatabase()
  })
  afterEach(async () => {
    for (const { site, plasma } of sites.splice(0)) {
      await plasma.emit('kill')
      await site.stop()
    }
  })
  after(() => database.close())

  /** Starts the organelle with a database and a server. */
  async function start(dna: object = {}, useDatabase: 'first' | 'last' = 'first'): Promise<StoreApp> {
    const plasma = build(dna)
    const ready = new Promise((resolve, reject) => {
      plasma.once('ExpressSessions', resolve)
      plasma.once('CellFailed', ({ error }) => reject(error as Error))
    })
    const site = await StoreApp.start((app) => {
      if (useDatabase === 'first') void plasma.store({ type: 'Database', data: database })
      void plasma.store({ type: 'ExpressServer', data: app, server: createServer(app) })
      if (useDatabase === 'last') void plasma.store({ type: 'Database', data: database })
    })
    sites.push({ site, plasma })
    await ready
    return site
  }

  function build(dna: object): EventBus {
    const plasma = new EventBus()
    expressSessions(plasma, { reactOn: ['ExpressServer'], emitReady: 'ExpressSessions', secret: SECRET, ...dna })
    return plasma
  }

  /** @returns the cookie of the answer, as it was set */
  async function login(client: Client, headers: Record<string, string> = {}): Promise<string> {
    const { status, headers: answered } = await client.post('/login', { ownerId: 'owner-1' }, headers)
    const [cookie = '', ...others] = answered.getSetCookie()
    expect([status, others]).to.deep.equal([200, []])
    return cookie
  }

  const ownerIn = async (client: Client): Promise<unknown> =>
    ((await client.get('/')).body as { ownerId: unknown }).ownerId
  const signedIdOf = (client: Client): string => decodeURIComponent(client.cookies.get('id') ?? '').slice(2)
  const idOf = (client: Client): string => signedIdOf(client).split('.')[0] ?? ''

  it('keeps the cookie while the store is away', async () => {
    const site = await start()
    const client = site.client()
    await login(client)
    const { plasma } = sites.at(-1) ?? expect.fail()
    plasma.get({ type: 'SessionStore' })?.data.emit('disconnect')
    expect((await client.get('/away')).headers.getSetCookie()).to.deep.equal([])
  })

  it('stores its store on a plasma without a server as well, and leaves its secret alone', async () => {
    const secretFile = join(temporaryFolder(), 'secret')
    const plasma = build({ secret: undefined, secretFile, remember: { idleSeconds: 1801, absoluteSeconds: 43201 } })
    await plasma.store({ type: 'Database', data: database })
    const store = plasma.get({ type: 'SessionStore' })?.data
    expect(store?.rememberedFor).to.equal(43_201_000)
    expect(await store?.listOwnerSessions('nobody')).to.deep.equal([])
    expect(existsSync(secretFile)).to.equal(false)
  })

  it('waits for its store', async () => {
    await login((await start({}, 'last')).client())
  })

  describe('sets a cookie', () => {
    it('that scripts, other sites and other paths do not get (OWASP ASVS 3.3.1, 3.3.2, 3.3.3, 3.3.4)', async () => {
      expect(await login((await start()).client())).to.match(/^id=s%3A[^;]+; Path=\/; HttpOnly; SameSite=Lax$/)
      const secure = await start({ cookie: { ...SECURE.cookie, sameSite: 'strict' } })
      const cookie = await login(secure.client(), HTTPS)
      expect(cookie).to.match(/^__Host-id=s%3A[^;]+; Path=\/; HttpOnly; Secure; SameSite=Strict$/)
    })

    it('only once there is something to save, and lets nobody cache what depends on it (OWASP ASVS 14.2.2)', async () => {
      const { headers } = await (await start()).client().get('/')
      expect([headers.getSetCookie(), headers.get('cache-control')]).to.deep.equal([[], 'no-store'])
    })

    it('with an id of at least 128 random bits (OWASP ASVS 7.2.3)', async () => {
      const client = (await start()).client()
      const ids = new Set<string>()
      for (let count = 0; count < 10; count += 1) {
        await login(client)
        expect(idOf(client)).to.match(/^[\w-]{22,}$/)
        ids.add(idOf(client).slice(0, 8))
      }
      expect(ids.size).to.equal(10)
    })

    it('signed with the first of its secrets, and accepts all of them', async () => {
      const old = (await start({ secret: OLD_SECRET })).client()
      await login(old)
      const client = (await start({ secret: [SECRET, OLD_SECRET] })).client()
      expect(await ownerIn(old.copy(client.address))).to.equal('owner-1')
      await login(client)
      expect(client.cookies.get('id')).to.equal(signed(idOf(client), SECRET))
      expect(await ownerIn(old.copy((await start()).client().address))).to.equal(null)
    })

    it('signed with the secret in its file, without which it does not start', async () => {
      const dna = { secret: undefined, secretFile: join(temporaryFolder(), 'secret') }
      const client = (await start(dna)).client()
      await login(client)
      expect(client.cookies.get('id')).to.equal(signed(idOf(client), readFileSync(dna.secretFile, 'utf8').trim()))
      expect(await ownerIn(client.copy((await start(dna)).client().address))).to.equal('owner-1')
      chmodSync(dna.secretFile, 0o644)
      const error: unknown = await start(dna).catch((failed: unknown) => failed)
      expect(error).to.include({ name: 'DnaError', key: 'secretFile' })
    })
  })

  describe('expires the cookie', () => {
    const DEAD = 'Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly;'

    it('of a session that ends, with the attributes that it was set with (OWASP ASVS 7.4.4)', async () => {
      const client = (await start()).client()
      client.cookies.set('another', '1')
      await login(client)
      expect((await client.post('/logout')).headers.getSetCookie()).to.deep.equal([`id=; ${DEAD} SameSite=Lax`])
      const secure = (await start(SECURE)).client()
      await login(secure, HTTPS)
      const { headers } = await secure.post('/logout', undefined, HTTPS)
      expect(headers.getSetCookie()).to.deep.equal([`__Host-id=; ${DEAD} Secure; SameSite=Lax`])
    })

    it('and only then: not at a login, not if the session ended elsewhere, not without a session', async () => {
      const site = await start()
      const client = site.client()
      await login(client)
      const other = client.copy()
      expect(await login(client)).to.match(/^id=s%3A/)
      for (const path of ['/note', '/login'])
        expect((await other.copy().post(path, { note: 'x' })).headers.getSetCookie().join()).not.to.match(/1970/)
      expect((await other.get('/')).headers.getSetCookie()).to.deep.equal([])
      expect((await site.client().post('/logout')).headers.getSetCookie()).to.deep.equal([])
    })

    it('not while the database fails, which logs nobody out (OWASP ASVS 16.5.3)', async () => {
      const site = await start()
      const client = site.client()
      await login(client)
      site.beforeEnd = () => database.close()
      site.beforeError = () => database.reopen()
      for (const answer of [
        await client.post('/logout'),
        await database.close().then(() => client.get('/')),
        await database.close().then(() => client.post('/note', { note: 'x' })),
      ]) {
        expect([answer.status, answer.headers.getSetCookie()]).to.deep.equal([503, []])
        expect(await ownerIn(client)).to.equal('owner-1')
      }
    })
  })

  describe('over plain HTTP, with a Secure cookie', () => {
    const log = keepErrorLog()

    it('refuses state-changing requests, and says what to set, once per cause', async () => {
      const site = await start(SECURE)
      const login = { ownerId: 'owner-plain' }
      const post = async (headers = {}): Promise<void> => {
        const answer = await site.client().post('/login', login, headers)
        expect([answer.status, answer.body]).to.deep.equal([500, { code: 'INSECURE_REQUEST' }])
        expect(answer.headers.getSetCookie()).to.deep.equal([])
      }
      for (let times = 0; times < 2; times += 1) await post()
      for (const proto of ['http', 'ftp', 'http, https']) await post({ 'x-forwarded-proto': proto })
      site.app.set('trust proxy', false)
      for (let times = 0; times < 2; times += 1) await post(HTTPS)
      expect(log).to.have.length(3)
      expect(log[0]).to.contain('let the proxy that speaks HTTPS set "X-Forwarded-Proto: https"')
      expect(log[1]).to.contain('let clients use HTTPS')
      expect(log[2]).to.contain('name the proxy in trustProxy of dna/plasma/express-server.json')
      const rows = database.query.selectFrom('sessions').selectAll().where('owner_id', '=', 'owner-plain')
      expect([await rows.execute(), (await site.client().get('/')).status]).to.deep.equal([[], 200])
    })
  })

  describe('does not adopt', () => {
    it('a known id without its signature, or in the URL (OWASP ASVS 14.2.1)', async () => {
      const site = await start()
      const client = site.client()
      await login(client)
      const [id = '', signature = ''] = signedIdOf(client).split('.')
      const secrets = ['c'.repeat(32), '', 'keyboard cat', 'undefined']
      const forged = [
        ...secrets.map((secret) => decodeURIComponent(signed(id, secret))),
        ...['', '.', `.${signature}x`, `.${signature.slice(0, -1)}`].map((end) => `s:${id}${end}`),
        decodeURIComponent(signed('other', SECRET)).replace('other', id),
        ...[`s:${id.slice(1)}${id.slice(0, 1)}.${signature}`, `${id}.${signature}`, id, `j:{"id":"${id}"}`],
      ].map(encodeURIComponent)
      for (const value of forged) {
        const { body } = await site.client().get('/', { cookie: `id=${value}` })
        expect(body, value).to.deep.equal(NOBODY)
      }
      expect((await site.client().get(`/?id=${client.cookies.get('id') ?? ''}`)).body).to.deep.equal(NOBODY)
      expect(await ownerIn(client)).to.equal('owner-1')
    })
  })

  describe('keeps sessions for as long as DNA says:', () => {
    const clock = stoppedClock()
    const rows: [what: string, seconds: number[], touchSeconds: number, isKept: boolean][] = [
      ['used often', [99, 50], 0, true],
      ['not used', [100], 0, false],
      ['old', [99, 51], 0, false],
      ['used again within the touch time, which is not noted', [49, 99], 50, false],
      ['used again after it', [50, 99], 50, true],
    ]
    for (const [what, pauses, touchSeconds, isKept] of rows) {
      it(what, async () => {
        const client = (await start({ idleSeconds: 100, absoluteSeconds: 150, touchSeconds })).client()
        await login(client)
        for (const seconds of pauses.slice(0, -1)) {
          clock.pass(seconds * 1000)
          await client.get('/')
        }
        clock.pass((pauses.at(-1) ?? 0) * 1000)
        expect(await ownerIn(client)).to.equal(isKept ? 'owner-1' : null)
      })
    }
  })

  it('deletes expired sessions', async () => {
    await start({ cleanupSeconds: 1 })
    const row = { id_hash: 'expired', family: 'expired', owner_id: null, data: '{}', address: null, agent: null }
    const times = { created_at: 1, seen_at: 1, expires_at: 2 }
    await database.query
      .insertInto('sessions')
      .values({ ...row, ...times })
      .execute()
    const expired = database.query.selectFrom('sessions').selectAll().where('id_hash', '=', 'expired')
    await until(async () => (await expired.execute()).length === 0)
  })
})
