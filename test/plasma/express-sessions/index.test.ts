import { expect } from 'chai'
import type { Express } from 'express'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { EventBus } from '../../../context/cell/event-bus'
import expressSessions from '../../../plasma/express-sessions'
import type { Client } from '../../support/client'
import { stoppedClock } from '../../support/clock'
import { signed } from '../../support/cookie'
import { keepErrorLog } from '../../support/error-log'
import { StoreApp } from '../../support/store-app'
import { temporaryFolder } from '../../support/temporary-folder'
import { openReopenableDatabase, type ReopenableDatabase } from '../../support/reopenable-database'

const HTTPS = { 'x-forwarded-proto': 'https' }
const [SECRET, OLD_SECRET] = ['a'.repeat(32), 'b'.repeat(32)]

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

  async function startOn(dna: object): Promise<{ site: StoreApp; plasma: Organic.Plasma }> {
    const plasma = new EventBus()
    const ready = new Promise<void>((resolve, reject) => {
      plasma.once('ExpressSessions', () => resolve())
      plasma.once('CellFailed', ({ error }) => reject(error as Error))
    })
    void plasma.store({ type: 'Database', data: database })
    expressSessions(plasma, { reactOn: ['ExpressServer'], emitReady: 'ExpressSessions', secret: SECRET, ...dna })
    const site = await StoreApp.start((app: Express) => {
      void plasma.store({ type: 'ExpressServer', data: app, server: createServer(app) })
    })
    await ready
    const started = { site, plasma }
    sites.push(started)
    return started
  }

  async function start(dna: object = {}): Promise<StoreApp> {
    return (await startOn(dna)).site
  }

  async function login(client: Client, headers: Record<string, string> = {}): Promise<string> {
    const { status, headers: answered } = await client.post('/login', { ownerId: 'owner-1' }, headers)
    expect(status).to.equal(200)
    const cookies = answered.getSetCookie()
    expect(cookies).to.have.length(1)
    return cookies[0] ?? ''
  }

  const attributes = (cookie: string): string[] => cookie.split('; ').slice(1).sort()
  const ownerOf = async (client: Client): Promise<unknown> => (await client.get('/')).body
  const sign = (id: string, secret = SECRET): string => signed(id, secret)
  const idIn = (client: Client): string =>
    decodeURIComponent(client.cookies.get('id') ?? '')
      .slice(2)
      .split('.')[0] ?? ''

  describe('gives a cookie', () => {
    it('that scripts, other sites and other paths do not get (OWASP ASVS 3.3.2, 3.3.4)', async () => {
      const cookie = await login((await start()).client())
      expect(cookie).to.match(/^id=s%3A/)
      expect(attributes(cookie)).to.deep.equal(['HttpOnly', 'Path=/', 'SameSite=Lax'])
    })

    it('that is only sent over HTTPS where DNA says so, with the __Host- prefix (OWASP ASVS 3.3.1, 3.3.3)', async () => {
      const site = await start({ cookie: { name: '__Host-id', secure: true } })
      const cookie = await login(site.client(), { 'x-forwarded-proto': 'https' })
      expect(cookie).to.match(/^__Host-id=s%3A/)
      expect(attributes(cookie)).to.deep.equal(['HttpOnly', 'Path=/', 'SameSite=Lax', 'Secure'])
    })

    it('that is not sent along from other sites at all where DNA says so', async () => {
      expect(await login((await start({ cookie: { sameSite: 'strict' } })).client())).to.include('SameSite=Strict')
    })

    it('only once there is something to remember', async () => {
      const { headers } = await (await start()).client().get('/')
      expect(headers.getSetCookie()).to.deep.equal([])
    })

    it('with an id of at least 128 random bits (OWASP ASVS 7.2.3)', async () => {
      const site = await start()
      const ids = new Set<string>()
      for (let i = 0; i < 20; i += 1) {
        const client = site.client()
        await login(client)
        const id = idIn(client)
        expect(id).to.match(/^[\w-]+$/)
        expect(id.length * 6).to.be.at.least(128)
        ids.add(id.slice(0, 8))
      }
      expect(ids.size).to.equal(20)
    })
  })

  describe('expires the cookie', () => {
    const DEAD = /^id=; Path=\/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Lax$/

    it('of a session that ends, with the attributes that it was set with (OWASP ASVS 7.4.4)', async () => {
      const client = (await start()).client()
      await login(client)
      const [dead, ...more] = (await client.post('/logout')).headers.getSetCookie()
      expect(dead).to.match(DEAD)
      expect(more).to.deep.equal([])
      const secure = (await start({ cookie: { name: '__Host-id', secure: true } })).client()
      await login(secure, HTTPS)
      const [gone] = (await secure.post('/logout', undefined, HTTPS)).headers.getSetCookie()
      expect(gone).to.match(
        /^__Host-id=; Path=\/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Lax$/,
      )
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

    it('not where its session could not be ended: nobody is logged out then (OWASP ASVS 16.5.3)', async () => {
      const site = await start()
      const client = site.client()
      await login(client)
      site.beforeEnd = () => database.close()
      site.beforeError = () => database.reopen()
      const { status, headers } = await client.post('/logout')
      expect(status).to.equal(503)
      expect(headers.getSetCookie()).to.deep.equal([])
      expect(await ownerOf(client)).to.include({ ownerId: 'owner-1' })
    })
  })

  describe('with a Secure cookie, over plain HTTP', () => {
    const log = keepErrorLog()
    const secure = { cookie: { name: '__Host-id', secure: true } }

    it('refuses state-changing requests, and stores nothing', async () => {
      const before = await database.query.selectFrom('sessions').selectAll().execute()
      const client = (await start(secure)).client()
      for (const proto of [undefined, 'http', 'ftp', 'http, https']) {
        const { status, body, headers } = await client.post(
          '/login',
          { ownerId: 'owner-1' },
          proto === undefined ? {} : { 'x-forwarded-proto': proto },
        )
        expect([status, body]).to.deep.equal([500, { code: 'INSECURE_REQUEST' }])
        expect(headers.getSetCookie()).to.deep.equal([])
      }
      expect(await database.query.selectFrom('sessions').selectAll().execute()).to.deep.equal(before)
    })

    it('says what to set, once per cause', async () => {
      const site = await start(secure)
      for (let times = 0; times < 3; times += 1) await site.client().post('/login', {})
      for (let times = 0; times < 3; times += 1) await site.client().post('/login', {}, { 'x-forwarded-proto': 'http' })
      site.app.set('trust proxy', false)
      for (let times = 0; times < 3; times += 1) await site.client().post('/login', {}, HTTPS)
      expect(log).to.have.length(3)
      expect(log[0]).to.contain('let the proxy that speaks HTTPS set "X-Forwarded-Proto: https"')
      expect(log[1]).to.contain('let clients use HTTPS')
      expect(log[2]).to.contain('name the proxy in trustProxy of dna/plasma/express-server.json')
    })

    it('still answers requests that only read', async () => {
      expect((await (await start(secure)).client().get('/')).status).to.equal(200)
    })
  })

  describe('does not adopt', () => {
    it('an id that it does not know, though it is signed', async () => {
      const client = (await start()).client()
      const id = randomBytes(24).toString('base64url')
      client.cookies.set('id', sign(id))
      await client.post('/note', { note: 'planted' })
      expect(idIn(client)).not.to.equal(id)
      client.cookies.set('id', sign(id))
      expect(await ownerOf(client)).to.deep.equal({ ownerId: null, note: null })
    })

    const flip = (text: string): string => (text.startsWith('A') ? 'B' : 'A') + text.slice(1)
    const forgeries: [what: string, forge: (id: string, signature: string) => string][] = [
      ['signed with another secret', (id) => decodeURIComponent(sign(id, 'c'.repeat(32)))],
      ['signed with an empty secret', (id) => decodeURIComponent(sign(id, ''))],
      ['signed with a common secret', (id) => decodeURIComponent(sign(id, 'keyboard cat'))],
      ['signed with "undefined"', (id) => decodeURIComponent(sign(id, 'undefined'))],
      ['without a signature', (id) => `s:${id}`],
      ['with an empty signature', (id) => `s:${id}.`],
      ['with a signature by chance', (id) => `s:${id}.${randomBytes(32).toString('base64')}`],
      ['with a changed signature', (id, signature) => `s:${id}.${flip(signature)}`],
      ['with a longer signature', (id, signature) => `s:${id}.${signature}x`],
      ["with another id's signature", (id) => `s:${id}.${decodeURIComponent(sign('other')).split('.')[1] ?? ''}`],
      ['changed, with the signature that it had', (id, signature) => `s:${flip(id)}.${signature}`],
      [
        'turned round, with the signature that it had',
        (id, signature) => `s:${id.slice(1)}${id.slice(0, 1)}.${signature}`,
      ],
      ['not marked as signed', (id, signature) => `${id}.${signature}`],
      ['not signed at all', (id) => id],
      ['as a JSON cookie', (id) => `j:{"id":"${id}"}`],
    ]
    for (const [what, forge] of forgeries) {
      it(`a known id ${what}`, async () => {
        const site = await start()
        const client = site.client()
        await login(client)
        const [id = '', signature = ''] = decodeURIComponent(client.cookies.get('id') ?? '')
          .slice(2)
          .split('.')
        const attacker = site.client()
        attacker.cookies.set('id', encodeURIComponent(forge(id, signature)))
        expect(await ownerOf(attacker)).to.deep.equal({ ownerId: null, note: null })
        expect(await ownerOf(client)).to.include({ ownerId: 'owner-1' })
      })
    }

    const others: [what: string, value: string][] = [
      ['is a word', 'unknown'],
      ['is empty', ''],
      ['is an owner in JSON', encodeURIComponent('j:{"ownerId":"owner-1"}')],
      ['is an escape that breaks off', '%E0%A4%A'],
      ['is a zero byte', '%00'],
      ['is SQL', encodeURIComponent("' OR 1=1 --")],
      ['is a path', encodeURIComponent('../../etc/passwd')],
      ['is __proto__', '__proto__'],
      ['is very long', 'x'.repeat(8000)],
      ['is very long, with a signature', encodeURIComponent(`s:${'x'.repeat(4000)}.${'y'.repeat(2000)}`)],
      ['is very long, and signed', sign('x'.repeat(4000))],
    ]
    for (const [what, value] of others) {
      it(`a cookie that ${what}`, async () => {
        const site = await start()
        const answer = await site.client().get('/', { cookie: `id=${value}` })
        expect(answer.body).to.deep.equal({ ownerId: null, note: null })
        expect(answer.headers.getSetCookie()).to.deep.equal([])

        const client = site.client()
        client.cookies.set('id', value)
        await login(client)
        expect(client.cookies.get('id')).not.to.equal(value)
        expect((await site.client().get('/', { cookie: `id=${value}` })).body).to.include({ ownerId: null })
      })
    }

    it('an id in the URL (OWASP ASVS 14.2.1)', async () => {
      const site = await start()
      const client = site.client()
      await login(client)
      const cookie = client.cookies.get('id') ?? ''
      expect((await site.client().get(`/?id=${cookie}`)).body).to.deep.equal({ ownerId: null, note: null })
    })
  })

  it('signs with the first of several secrets, and accepts the others: they rotate', async () => {
    const old = (await start({ secret: OLD_SECRET })).client()
    await login(old)
    const site = await start({ secret: [SECRET, OLD_SECRET] })
    const [client, rotated] = [site.client(), old.copy(site.client().address)]
    expect(await ownerOf(rotated)).to.include({ ownerId: 'owner-1' })
    await login(client)
    expect(client.cookies.get('id')).to.equal(sign(idIn(client), SECRET))
    const later = old.copy((await start({ secret: [SECRET] })).client().address)
    expect(await ownerOf(later)).to.include({ ownerId: null })
  })

  it('keeps sessions over a restart with the secret in its file', async () => {
    const secretFile = join(temporaryFolder(), 'secret')
    const client = (await start({ secret: undefined, secretFile })).client()
    await login(client)
    const again = client.copy((await start({ secret: undefined, secretFile })).client().address)
    expect(await ownerOf(again)).to.include({ ownerId: 'owner-1' })
    expect(client.cookies.get('id')).to.equal(sign(idIn(client), readFileSync(secretFile, 'utf8').trim()))
  })

  it('lets nobody keep what depends on a cookie (OWASP ASVS 14.2.2)', async () => {
    const client = (await start()).client()
    expect((await client.get('/')).headers.get('cache-control')).to.equal('no-store')
    expect((await client.post('/login', { ownerId: 'owner-1' })).headers.get('cache-control')).to.equal('no-store')
  })

  describe('ends sessions as DNA says', () => {
    const clock = stoppedClock()

    it('that are not used', async () => {
      const client = (await start({ idleSeconds: 100, absoluteSeconds: 1000, touchSeconds: 0 })).client()
      await login(client)
      clock.pass(99_999)
      expect(await ownerOf(client)).to.include({ ownerId: 'owner-1' })
      clock.pass(100_000)
      expect(await ownerOf(client)).to.include({ ownerId: null })
    })

    it('that are old', async () => {
      const client = (await start({ idleSeconds: 100, absoluteSeconds: 150, touchSeconds: 0 })).client()
      await login(client)
      clock.pass(90_000)
      expect(await ownerOf(client)).to.include({ ownerId: 'owner-1' })
      clock.pass(60_000)
      expect(await ownerOf(client)).to.include({ ownerId: null })
    })
  })

  it('deletes sessions that are over, until the cell ends', async () => {
    const over = async (): Promise<string[]> => {
      const query = database.query.selectFrom('sessions').select('id_hash').where('expires_at', '<=', Date.now())
      return (await query.execute()).map(({ id_hash }) => id_hash)
    }
    const addOver = async (idHash: string): Promise<void> => {
      const times = { created_at: 1, seen_at: 1, expires_at: 2 }
      await database.query
        .insertInto('sessions')
        .values({ id_hash: idHash, family: idHash, owner_id: null, data: '{}', address: null, agent: null, ...times })
        .execute()
    }
    const { setInterval, clearInterval } = globalThis
    const running = new Set<unknown>()
    Object.assign(globalThis, {
      setInterval(...values: Parameters<typeof setInterval>) {
        const interval = setInterval(...values)
        running.add(interval)
        return interval
      },
      clearInterval(interval: NodeJS.Timeout) {
        running.delete(interval)
        clearInterval(interval)
      },
    })
    try {
      const { plasma } = await startOn({ cleanupSeconds: 1 })
      await addOver('of-a-cell-that-runs')
      while ((await over()).length > 0) await wait(20)
      expect(running.size).to.equal(1)
      await plasma.emit('kill')
      expect(running.size).to.equal(0)
    } finally {
      Object.assign(globalThis, { setInterval, clearInterval })
    }
  })

  it('logs nobody out when the database fails for a moment (OWASP ASVS 16.5.3)', async () => {
    const site = await start()
    const client = site.client()
    await login(client)
    await database.close()
    site.beforeError = () => database.reopen()
    const { status, headers } = await client.get('/')
    expect(status).to.equal(503)
    expect(headers.getSetCookie()).to.deep.equal([])
    expect(await ownerOf(client)).to.include({ ownerId: 'owner-1' })
  })
})
