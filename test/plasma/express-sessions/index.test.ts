import { expect } from 'chai'
import type { Express } from 'express'
import Plasma from 'organic-plasma'
import { createHmac, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { closeDatabase, database, openDatabase } from '../../../context/database'
import expressSessions from '../../../plasma/express-sessions'
import type { Client } from '../../support/client'
import { SessionServer } from '../../support/session-server'
import { temporaryFolder } from '../../support/temporary-folder'
import { openTestDatabase } from '../../support/test-database'

const [SECRET, OLD_SECRET] = ['a'.repeat(32), 'b'.repeat(32)]

describe('the express-sessions organelle', () => {
  let file: string
  const sites: { site: SessionServer; plasma: Organic.Plasma }[] = []

  before(async () => {
    file = await openTestDatabase()
  })
  afterEach(async () => {
    for (const { site, plasma } of sites.splice(0)) {
      await plasma.emit('kill')
      await site.stop()
    }
  })
  after(closeDatabase)

  async function start(dna: object = {}): Promise<SessionServer> {
    const plasma = new Plasma()
    const ready = new Promise<void>((resolve) => plasma.once('ExpressSessions', () => resolve()))
    expressSessions(plasma, { reactOn: ['ExpressServer'], emitReady: 'ExpressSessions', secret: SECRET, ...dna })
    const site = await SessionServer.start((app: Express) => void plasma.store({ type: 'ExpressServer', data: app }))
    await ready
    sites.push({ site, plasma })
    return site
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
  const sign = (id: string, secret = SECRET): string => {
    const signature = createHmac('sha256', secret).update(id).digest('base64').replace(/=+$/, '')
    return encodeURIComponent(`s:${id}.${signature}`)
  }
  const idIn = (client: Client): string => decodeURIComponent(client.cookies.get('id') ?? '').slice(2).split('.')[0] ?? ''

  describe('gives a cookie', () => {
    it('that scripts, other sites and other paths do not get (OWASP ASVS 3.3)', async () => {
      const cookie = await login((await start()).client())
      expect(cookie).to.match(/^id=s%3A/)
      expect(attributes(cookie)).to.deep.equal(['HttpOnly', 'Path=/', 'SameSite=Lax'])
    })

    it('that is only sent over HTTPS where DNA says so, with the __Host- prefix', async () => {
      const site = await start({ cookie: { name: '__Host-id', secure: true } })
      const cookie = await login(site.client(), { 'x-forwarded-proto': 'https' })
      expect(cookie).to.match(/^__Host-id=s%3A/)
      expect(attributes(cookie)).to.deep.equal(['HttpOnly', 'Path=/', 'SameSite=Lax', 'Secure'])
      expect((await site.client().post('/login', { ownerId: 'owner-1' })).headers.getSetCookie()).to.deep.equal([])
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

    const forgeries: [what: string, forge: (id: string) => string][] = [
      ['signed with another secret', (id) => sign(id, 'c'.repeat(32))],
      ['without a signature', (id) => encodeURIComponent(`s:${id}`)],
      ['with an empty signature', (id) => encodeURIComponent(`s:${id}.`)],
      ['not signed at all', (id) => id],
      ["with another id's signature", (id) => encodeURIComponent(`s:${id}.${decodeURIComponent(sign('other')).split('.')[1] ?? ''}`)],
      ['as a JSON cookie', (id) => encodeURIComponent(`j:{"id":"${id}"}`)],
    ]
    for (const [what, forge] of forgeries) {
      it(`a known id ${what}`, async () => {
        const site = await start()
        const client = site.client()
        await login(client)
        const attacker = site.client()
        attacker.cookies.set('id', forge(idIn(client)))
        expect(await ownerOf(attacker)).to.deep.equal({ ownerId: null, note: null })
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

  it('signs with the first of several secrets, and accepts the others', async () => {
    const old = (await start({ secret: OLD_SECRET })).client()
    await login(old)
    const site = await start({ secret: [SECRET, OLD_SECRET] })
    const [client, rotated] = [site.client(), site.client()]
    rotated.cookies.set('id', old.cookies.get('id') ?? '')
    expect(await ownerOf(rotated)).to.include({ ownerId: 'owner-1' })
    await login(client)
    expect(client.cookies.get('id')).to.equal(sign(idIn(client), SECRET))
    const later = (await start({ secret: [SECRET] })).client()
    later.cookies.set('id', old.cookies.get('id') ?? '')
    expect(await ownerOf(later)).to.include({ ownerId: null })
  })

  it('keeps sessions over a restart with the secret in its file', async () => {
    const secretFile = join(temporaryFolder(), 'secret')
    const client = (await start({ secret: undefined, secretFile })).client()
    await login(client)
    const again = (await start({ secret: undefined, secretFile })).client()
    again.cookies.set('id', client.cookies.get('id') ?? '')
    expect(await ownerOf(again)).to.include({ ownerId: 'owner-1' })
    expect(client.cookies.get('id')).to.equal(sign(idIn(client), readFileSync(secretFile, 'utf8').trim()))
  })

  it('lets nobody keep what depends on a cookie (OWASP ASVS 14.2.2)', async () => {
    const client = (await start()).client()
    expect((await client.get('/')).headers.get('cache-control')).to.equal('no-store')
    expect((await client.post('/login', { ownerId: 'owner-1' })).headers.get('cache-control')).to.equal('no-store')
  })

  it('ends sessions as DNA says', async () => {
    const client = (await start({ idleSeconds: 1, touchSeconds: 0 })).client()
    await login(client)
    expect(await ownerOf(client)).to.include({ ownerId: 'owner-1' })
    await wait(1050)
    expect(await ownerOf(client)).to.include({ ownerId: null })
  })

  it('deletes sessions that are over, until the cell ends', async () => {
    const site = await start({ idleSeconds: 1, touchSeconds: 0, cleanupSeconds: 1 })
    await login(site.client())
    await wait(2150)
    const over = database().selectFrom('sessions').select('id_hash').where('expires_at', '<=', Date.now())
    expect(await over.execute()).to.deep.equal([])
  })

  it('logs nobody out when the database fails for a moment (OWASP ASVS 16.5.3)', async () => {
    const site = await start()
    const client = site.client()
    await login(client)
    await closeDatabase()
    site.beforeError = () => openDatabase(file)
    const { status, headers } = await client.get('/')
    expect(status).to.equal(503)
    expect(headers.getSetCookie()).to.deep.equal([])
    expect(await ownerOf(client)).to.include({ ownerId: 'owner-1' })
  })
})
