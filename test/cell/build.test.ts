import { expect } from 'chai'
import { execFileSync } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Client, newCredentials } from '../support/client'
import { CellProcess } from '../support/process'
import { copyProject } from '../support/project'

describe('the build', () => {
  let folder: string

  before(() => {
    folder = copyProject({
      'routes/api/plain.js': `module.exports = () => ({ 'GET': (req, res, next) => { res.response = 'plain'; next() } })`,
      'context/words/greeting.ts': `export = { hello: 'world' }`,
      'routes/site/words.ts': `export = (_plasma: unknown, _dna: unknown, helpers: Record<string, unknown>) => ({
        'GET': (_req: unknown, res: { response?: unknown }, next: () => void) => { res.response = helpers; next() },
      })`,
      'dna/_test/plasma/site-routes.json': { helpers: 'context/words' },
      'dna/_test/plasma/sessions.json': { ownerModelPath: './context/models/user.ts' },
    })
    // `npm run types` checks the types.
    execFileSync('npm', ['run', 'build', '--silent', '--', '--noCheck'], { cwd: folder, stdio: 'pipe' })
    // What is left must do without them.
    for (const source of ['cell.ts', 'context', 'plasma', 'routes']) rmSync(join(folder, source), { recursive: true })
  })

  it('runs the same DNA without TypeScript', async () => {
    expect(existsSync(join(folder, 'dist/cell.js'))).to.equal(true)
    const cell = new CellProcess(folder, { CELL_MODE: '_test', CELL_DATA: 'data' }, [process.execPath, 'dist/cell.js'])
    const client = new Client(await cell.ready())
    const credentials = newCredentials()
    expect((await client.post('/api/register', credentials)).status).to.equal(201)
    expect((await client.get('/api/plain')).status).to.equal(401)
    expect((await client.post('/api/login', credentials)).status).to.equal(200)
    expect((await client.get('/api/me')).body).to.have.property('username', credentials.username)
    expect((await client.get('/api/plain')).body).to.equal('plain')
    expect((await client.get('/words')).body).to.deep.equal({ greeting: { hello: 'world' } })
    expect((await cell.end()).code).to.equal(0)
  })

  it('keeps its cookie to HTTPS in production, and takes its secret from the environment', async () => {
    const env = { CELL_MODE: '_production+_test', CELL_DATA: 'data/production', COOKIE_SECRET: 'x'.repeat(32) }
    const cell = new CellProcess(folder, env, [process.execPath, 'dist/cell.js'])
    const client = new Client(await cell.ready())
    const credentials = newCredentials()
    const https = { 'x-forwarded-proto': 'https' }
    await client.post('/api/register', credentials, https)
    const plain = await client.post('/api/login', credentials)
    expect(plain.body).to.include({ status: 500, code: 'INSECURE_REQUEST' })
    const proxied = await client.post('/api/login', credentials, https)
    expect(proxied.headers.get('set-cookie')).to.match(/^__Host-id=[^;]+; Path=\/; HttpOnly; Secure; SameSite=Lax$/)
    expect(existsSync(join(folder, 'data/production/cookie-secret'))).to.equal(false)
    await cell.end()
  })
})
