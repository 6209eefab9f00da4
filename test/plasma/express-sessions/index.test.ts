import { expect } from 'chai'
import type { Express } from 'express'
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
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
import { newSession } from './store-calls'

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

  /** Builds the organelle on a plasma of its own. `ready` settles as its boot does. */
  function build(dna: object): { plasma: EventBus; ready: Promise<unknown> } {
    const plasma = new EventBus()
    const ready = new Promise((resolve, reject) => {
      plasma.once('ExpressSessions', resolve)
      plasma.once('CellFailed', ({ error }) => reject(error as Error))
    })
    expressSessions(plasma, { reactOn: ['ExpressServer'], emitReady: 'ExpressSessions', secret: SECRET, ...dna })
    return { plasma, ready }
  }
  function useServer(plasma: EventBus, app: Express): void {
    void plasma.store({ type: 'ExpressServer', data: app, server: createServer(app) })
  }
  const useDatabase = (plasma: EventBus): unknown => plasma.store({ type: 'Database', data: database })

  async function start(dna: object = {}): Promise<StoreApp> {
    const { plasma, ready } = build(dna)
    useDatabase(plasma)
    const site = await StoreApp.start((app) => useServer(plasma, app))
    sites.push({ site, plasma })
    await ready
    return site
  }

  /** @returns the cookie of the answer, as it was set */
  async function login(client: Client, headers: Record<string, string> = {}): Promise<string> {
    const { status, headers: answered } = await client.post('/login', { ownerId: 'owner-1' }, headers)
    const [cookie = '', ...others] = answered.getSetCookie()
    expect([status, others]).to.deep.equal([200, []])
    return cookie
  }

  const attributes = (cookie: string): string[] => cookie.split('; ').slice(1).sort()
  const read = async (client: Client): Promise<unknown> => (await client.get('/')).body
  const cookieOf = (client: Client): [id: string, signature: string] => {
    const [id = '', signature = ''] = decodeURIComponent(client.cookies.get('id') ?? '')
      .slice(2)
      .split('.')
    return [id, signature]
  }

  describe('hands over its store', () => {
    it('on a plasma without a server, and without a look at its secret', async () => {
      const secretFile = join(temporaryFolder(), 'secret')
      const { plasma } = build({
        secret: undefined,
        secretFile,
        remember: { idleSeconds: 1801, absoluteSeconds: 43201 },
      })
      expect(plasma.get({ type: 'SessionStore' })).to.equal(undefined)
      useDatabase(plasma)
      const store = plasma.get({ type: 'SessionStore' })?.data
      expect(store?.rememberedFor).to.equal(43_201_000)
      expect(await store?.listOfOwner('nobody')).to.deep.equal([])
      expect(existsSync(secretFile)).to.equal(false)
    })

    it('and is not ready before it has one', async () => {
      const { plasma, ready } = build({})
      const site = await StoreApp.start((app) => {
        useServer(plasma, app)
        expect(plasma.has({ type: 'ExpressSessions' })).to.equal(false)
        useDatabase(plasma)
      })
      sites.push({ site, plasma })
      await ready
      await login(site.client())
    })
  })

  describe('sets a cookie', () => {
    it('that scripts, other sites and other paths do not get (OWASP ASVS 3.3.1 to 3.3.4)', async () => {
      const site = await start()
      expect(attributes(await login(site.client()))).to.deep.equal(['HttpOnly', 'Path=/', 'SameSite=Lax'])
      const secure = await start({ cookie: { ...SECURE.cookie, sameSite: 'strict' } })
      const cookie = await login(secure.client(), HTTPS)
      expect(cookie).to.match(/^__Host-id=s%3A/)
      expect(attributes(cookie)).to.deep.equal(['HttpOnly', 'Path=/', 'SameSite=Strict', 'Secure'])
    })

    it('only once there is something to save, and nobody caches what depends on it (OWASP ASVS 14.2.2)', async () => {
      const client = (await start()).client()
      const { headers } = await client.get('/')
      expect([headers.getSetCookie(), headers.get('cache-control')]).to.deep.equal([[], 'no-store'])
    })

    it('with an id of at least 128 random bits (OWASP ASVS 7.2.3)', async () => {
      const site = await start()
      const ids = new Set<string>()
      for (let count = 0; count < 10; count += 1) {
        const client = site.client()
        await login(client)
        const [id] = cookieOf(client)
        expect(id).to.match(/^[\w-]{22,}$/)
        ids.add(id.slice(0, 8))
      }
      expect(ids.size).to.equal(10)
    })

    it('signed with the first of its secrets, and accepts all of them', async () => {
      const old = (await start({ secret: OLD_SECRET })).client()
      await login(old)
      const site = await start({ secret: [SECRET, OLD_SECRET] })
      const client = site.client()
      expect(await read(old.copy(client.address))).to.include({ ownerId: 'owner-1' })
      await login(client)
      expect(client.cookies.get('id')).to.equal(signed(cookieOf(client)[0], SECRET))
      expect(await read(old.copy((await start()).client().address))).to.deep.equal(NOBODY)
    })

    it('signed with the secret in its file, after a restart as well', async () => {
      const dna = { secret: undefined, secretFile: join(temporaryFolder(), 'secret') }
      const client = (await start(dna)).client()
      await login(client)
      expect(client.cookies.get('id')).to.equal(
        signed(cookieOf(client)[0], readFileSync(dna.secretFile, 'utf8').trim()),
      )
      expect(await read(client.copy((await start(dna)).client().address))).to.include({ ownerId: 'owner-1' })
    })

    it('unless the secret in its file cannot be used: then the boot fails', async () => {
      const secretFile = join(temporaryFolder(), 'secret')
      writeFileSync(secretFile, 'x'.repeat(32), { mode: 0o644 })
      const failed = await start({ secret: undefined, secretFile }).catch((error: unknown) => error)
      expect(failed).to.include({ name: 'DnaError', key: 'secretFile' })
    })
  })

  describe('expires the cookie', () => {
    const DEAD = 'Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly;'

    it('of a session that ends, with the attributes that it was set with (OWASP ASVS 7.4.4)', async () => {
      const client = (await start()).client()
      await login(client)
      client.cookies.set('another', '1')
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
        expect(await read(client)).to.deep.equal({ ownerId: 'owner-1', note: null })
      }
    })
  })

  describe('over plain HTTP, with a Secure cookie', () => {
    const log = keepErrorLog()

    it('refuses state-changing requests, and says what to set, once per cause', async () => {
      const site = await start(SECURE)
      const post = async (headers = {}): Promise<void> => {
        const {
          status,
          body,
          headers: answered,
        } = await site.client().post('/login', { ownerId: 'owner-plain' }, headers)
        expect([status, body, answered.getSetCookie()]).to.deep.equal([500, { code: 'INSECURE_REQUEST' }, []])
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
    it('an id that it does not know, though it is signed (OWASP ASVS 7.2.1)', async () => {
      const client = (await start()).client()
      const planted = signed(randomBytes(24).toString('base64url'), SECRET)
      client.cookies.set('id', planted)
      await client.post('/note', { note: 'planted' })
      expect(client.cookies.get('id')).not.to.equal(planted)
      client.cookies.set('id', planted)
      expect(await read(client)).to.deep.equal(NOBODY)
    })

    it('a known id without its signature, or in the URL (OWASP ASVS 14.2.1)', async () => {
      const site = await start()
      const client = site.client()
      await login(client)
      const [id, signature] = cookieOf(client)
      const forged = [
        ...['c'.repeat(32), '', 'keyboard cat', 'undefined'].map((secret) => decodeURIComponent(signed(id, secret))),
        ...['', '.', `.${signature}x`, `.${signature.slice(0, -1)}`].map((end) => `s:${id}${end}`),
        `s:${id}.${decodeURIComponent(signed('other', SECRET)).split('.')[1] ?? ''}`,
        `s:${id.slice(1)}${id.slice(0, 1)}.${signature}`,
        `${id}.${signature}`,
        id,
        `j:{"id":"${id}"}`,
      ]
      for (const value of forged) {
        const cookie = `id=${encodeURIComponent(value)}`
        expect((await site.client().get('/', { cookie })).body, value).to.deep.equal(NOBODY)
      }
      expect(await read(client)).to.include({ ownerId: 'owner-1' })
      expect((await site.client().get(`/?id=${client.cookies.get('id') ?? ''}`)).body).to.deep.equal(NOBODY)
    })

    it('any other value of the cookie, and logs in under an id of its own (OWASP ASVS 7.2.4)', async () => {
      const site = await start()
      const values = [
        '',
        '%E0%A4%A',
        '%00',
        encodeURIComponent('j:{"ownerId":"owner-1"}'),
        '__proto__',
        'x'.repeat(8000),
      ]
      for (const value of [...values, signed("' OR 1=1 --", SECRET), signed('x'.repeat(4000), SECRET)]) {
        const client = site.client()
        client.cookies.set('id', value)
        const answer = await client.get('/')
        expect([answer.body, answer.headers.getSetCookie()], value).to.deep.equal([NOBODY, []])
        await login(client)
        expect(client.cookies.get('id')).not.to.equal(value)
        expect((await site.client().get('/', { cookie: `id=${value}` })).body, value).to.deep.equal(NOBODY)
      }
    })

    it('an old cookie after a logout or login, during which a request was in flight (OWASP ASVS 7.2.4, 7.4.1)', async () => {
      const site = await start()
      for (const path of ['/logout', '/login']) {
        const client = site.client()
        await login(client)
        const old = client.copy()
        const inFlight = old.copy().post(`/hold${path}`)
        await site.holds(path.slice(1))
        await client.post(path, { ownerId: 'owner-2' })
        site.release(path.slice(1))
        expect((await inFlight).status).to.equal(200)
        expect(await read(old)).to.deep.equal(NOBODY)
        expect(await read(client)).to.deep.equal({ ownerId: path === '/login' ? 'owner-2' : null, note: null })
      }
    })
  })

  describe('keeps sessions for as long as DNA says', () => {
    const clock = stoppedClock()

    it('and saves what a request changes', async () => {
      const dna = { idleSeconds: 100, absoluteSeconds: 150, touchSeconds: 5 }
      const client = (await start(dna)).client()
      await login(client)
      for (const [seconds, ownerId] of [
        [99, 'owner-1'],
        [50, 'owner-1'],
        [1, null],
      ] as const) {
        clock.pass(seconds * 1000)
        expect(await read(client)).to.deep.equal({ ownerId, note: null })
      }
      await client.post('/note', { note: 'saved' })
      clock.pass(4999)
      expect(await read(client)).to.deep.equal({ ownerId: null, note: 'saved' })
      clock.pass(95_001)
      expect(await read(client)).to.deep.equal(NOBODY)
    })
  })

  it('deletes expired sessions again and again, until the cell ends', async () => {
    const { setInterval, clearInterval } = globalThis
    const running = new Map<unknown, () => void>()
    Object.assign(globalThis, {
      setInterval(...[work, milliseconds]: [() => void, number]) {
        const interval = setInterval(work, milliseconds)
        if (milliseconds === 7000) running.set(interval, work)
        return interval
      },
      clearInterval(interval: NodeJS.Timeout) {
        running.delete(interval)
        clearInterval(interval)
      },
    })
    try {
      await start({ cleanupSeconds: 7 })
      const { plasma } = sites[0] ?? expect.fail()
      const { id } = newSession()
      const row = { id_hash: id, family: id, owner_id: null, data: '{}', address: null, agent: null }
      const times = { created_at: 1, seen_at: 1, expires_at: 2 }
      await database.query
        .insertInto('sessions')
        .values({ ...row, ...times })
        .execute()
      const isThere = async (): Promise<boolean> => {
        const rows = database.query.selectFrom('sessions').selectAll().where('id_hash', '=', id)
        return (await rows.execute()).length > 0
      }
      expect([...running.values()]).to.have.length(1)
      for (const work of running.values()) work()
      while (await isThere()) await new Promise(setImmediate)
      await plasma.emit('kill')
      expect(running.size).to.equal(0)
    } finally {
      Object.assign(globalThis, { setInterval, clearInterval })
    }
  })
})
