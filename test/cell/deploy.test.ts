import { expect } from 'chai'
import { execFileSync } from 'node:child_process'
import { chmodSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Agent, request } from 'undici'
import { startCell, type Cell } from '../../cell'
import { AuditLog } from '../support/audit-log'
import { Client, newCredentials } from '../support/client'
import { setEnvironment } from '../support/environment'
import { keepErrorLog } from '../support/error-log'
import { findFreePort } from '../support/listening'
import { HAS_NGINX, Nginx, deployingBlock } from '../support/nginx'
import { ROOT } from '../support/project'
import { temporaryFolder, writeFiles } from '../support/temporary-folder'

const CERTIFICATES = join(ROOT, 'test/support/certificates')
/** Where clients are, other than the proxy. */
const CLIENT = '127.0.0.2'

describe('a cell in production, behind the nginx of the docs (pending where there is none)', () => {
  const log = keepErrorLog()
  let cell: Cell
  let nginx: Nginx | undefined
  let restore: () => void
  let audit: AuditLog
  let ports: { http: number; https: number }

  before(async function () {
    // Pending where nginx is not installed: nothing else reads its configuration.
    if (!HAS_NGINX) this.skip()
    const folder = temporaryFolder()
    restore = setEnvironment({ CELL_DATA: join(folder, 'data'), COOKIE_SECRET: 'x'.repeat(32) })
    cell = await startCell({ mode: '_production+_test' })
    audit = new AuditLog(join(folder, 'data/audit.log'))
    ports = { http: await findFreePort(), https: await findFreePort() }
    const server = deployingBlock('nginx', 'proxy_pass')
      .replace('listen 80;', `listen 127.0.0.1:${ports.http};`)
      .replace('listen 443 ssl;', `listen 127.0.0.1:${ports.https} ssl;`)
      .replace(/ssl_certificate \S+;/, `ssl_certificate ${CERTIFICATES}/localhost.pem;`)
      .replace(/ssl_certificate_key \S+;/, `ssl_certificate_key ${CERTIFICATES}/localhost.key.pem;`)
      .replace('http://127.0.0.1:1337', cell.address ?? '')
    nginx = await Nginx.start(server, ports.https)
  })
  after(async () => {
    if (!nginx) return
    await nginx.stop()
    await cell.stop()
    restore()
  })

  /** A request of a client to the proxy over HTTPS. */
  async function send(method: 'GET' | 'POST', path: string, given: object = {}, body?: object) {
    const ca = readFileSync(`${CERTIFICATES}/authority.pem`)
    const dispatcher = new Agent({ connect: { ca, servername: 'localhost' }, localAddress: CLIENT })
    const host = `localhost:${ports.https}`
    const headers = { host, accept: 'application/json', 'content-type': 'application/json', ...given }
    const sent = { method, headers, dispatcher, body: body ? JSON.stringify(body) : null }
    const answer = await request(`https://127.0.0.1:${ports.https}${path}`, sent)
    const text = await answer.body.text()
    await dispatcher.close()
    return { status: answer.statusCode, headers: answer.headers, text }
  }

  it('logs people in with a __Host- cookie, keeps browsers on HTTPS, and knows where its clients are', async () => {
    const credentials = newCredentials()
    const browser = {
      origin: `https://localhost:${ports.https}`,
      'x-forwarded-for': '203.0.113.9',
      'x-forwarded-proto': 'http',
    }
    const lines = await audit.during(async () => {
      expect((await send('POST', '/api/register', browser, credentials)).status).to.equal(201)
      const login = await send('POST', '/api/login', browser, credentials)
      expect(login.status).to.equal(200)
      const cookie = String(login.headers['set-cookie'])
      expect(cookie).to.match(/^__Host-id=[^;]+; Path=\/; HttpOnly; Secure; SameSite=Lax$/)
      expect(login.headers['strict-transport-security']).to.match(/^max-age=31536000/)
      const me = await send('GET', '/api/me', { cookie: cookie.replace(/;.*/, '') })
      expect(me.status).to.equal(200)
      expect(JSON.parse(me.text)).to.include({ username: credentials.username })
    })
    expect(lines.map(({ event, address }) => [event, address])).to.deep.equal([
      ['OwnerRegistered', CLIENT],
      ['SessionLogin', CLIENT],
    ])
  })

  it('refuses pages of other origins, and bodies that are too large', async () => {
    expect((await send('POST', '/api/login', { origin: 'https://evil.example' }, {})).status).to.equal(403)
    expect((await send('POST', '/api/login', {}, { username: 'x'.repeat(20_000) })).status).to.equal(413)
  })

  it('is reached over HTTPS only', async () => {
    const headers = { host: 'cell.example.org' }
    const answer = await request(`http://127.0.0.1:${ports.http}/api/me?a=b`, { headers })
    await answer.body.dump()
    const { location } = answer.headers
    expect([answer.statusCode, location]).to.deep.equal([308, 'https://cell.example.org/api/me?a=b'])
  })

  it('logs nobody in where a proxy does not say that it speaks HTTPS, and says what to set (OWASP ASVS 3.3.1)', async () => {
    const credentials = newCredentials()
    const client = new Client(cell.address ?? '')
    const lines = await audit.during(async () => {
      for (const path of ['/api/register', '/api/login']) {
        const { status, body } = await client.post(path, credentials)
        expect(status).to.equal(500)
        expect(body).to.include({ code: 'INSECURE_REQUEST', detail: 'This cell can only be used over HTTPS.' })
      }
    })
    expect(lines).to.deep.equal([])
    expect(log.filter((line) => line.includes('let the proxy that speaks HTTPS set'))).to.have.length(1)
    expect((await client.get('/', { accept: 'text/html' })).status).to.equal(200)
  })
})

describe('the backup of the docs', () => {
  it('can only be read by its owner, before and after it is restored', () => {
    const folder = temporaryFolder()
    // Makes what the command makes, by the mode that it has from its umask.
    writeFiles(folder, { 'bin/sqlite3': '#!/bin/sh\ntouch backup.db\n', 'data/cell.db': '' })
    chmodSync(join(folder, 'bin/sqlite3'), 0o755)
    const env = { ...process.env, PATH: `${folder}/bin:${process.env['PATH'] ?? ''}` }
    const run = (command: string): string =>
      execFileSync('sh', ['-c', `umask 022\n${command}`], { cwd: folder, env, encoding: 'utf8' })
    run(deployingBlock('sh', '.backup'))
    expect(statSync(join(folder, 'backup.db')).mode & 0o777).to.equal(0o600)
    const restore =
      deployingBlock('sh', 'backup.db data/cell.db')
        .split('\n')
        .find((line) => line.includes('install')) ?? ''
    run(restore.replace(' -o cell', ''))
    expect(statSync(join(folder, 'data/cell.db')).mode & 0o777).to.equal(0o600)
  })
})
