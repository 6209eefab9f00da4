import { expect } from 'chai'
import { execFileSync } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Client, newCredentials } from '../support/client'
import { CellProcess } from '../support/process'
import { copyProject } from '../support/project'

const HELPERS_ROUTE = `export = (_plasma: unknown, _dna: unknown, helpers: Record<string, unknown>) => ({
  'GET': (_req: unknown, res: { response?: unknown }, next: () => void) => { res.response = helpers; next() },
})`

describe('the build', () => {
  it('runs the same DNA in production, without TypeScript', async () => {
    const folder = copyProject({
      'routes/api/plain.js': `module.exports = () => ({ 'GET': (req, res, next) => { res.response = 'plain'; next() } })`,
      'context/words/greeting.ts': `export = { hello: 'world' }`,
      'routes/site/words.ts': HELPERS_ROUTE,
      'dna/_test/plasma/site-routes.json': { helpers: 'context/words' },
      'dna/_test/plasma/sessions.json': { ownerModelPath: './context/models/user.ts' },
    })
    // `npm run types` checks the types, for which alone packages are read.
    execFileSync('npm', ['run', 'build', '--silent', '--', '--noCheck', '--noResolve'], { cwd: folder, stdio: 'pipe' })
    for (const source of ['cell.ts', 'context', 'plasma', 'routes']) rmSync(join(folder, source), { recursive: true })

    const env = { CELL_MODE: '_production+_test', CELL_DATA: 'data', COOKIE_SECRET: 'x'.repeat(32) }
    const cell = new CellProcess(folder, env, [process.execPath, 'dist/cell.js'])
    const client = new Client(await cell.ready())
    const https = { 'x-forwarded-proto': 'https' }
    const credentials = newCredentials()
    expect((await client.post('/api/register', credentials, https)).status).to.equal(201)
    expect((await client.get('/api/plain', https)).status).to.equal(401)
    expect((await client.post('/api/login', credentials)).body).to.include({ status: 500, code: 'INSECURE_REQUEST' })
    const { headers } = await client.post('/api/login', credentials, https)
    expect(headers.get('set-cookie')).to.match(/^__Host-id=[^;]+; Path=\/; HttpOnly; Secure; SameSite=Lax$/)
    expect((await client.get('/api/me', https)).body).to.have.property('username', credentials.username)
    expect((await client.get('/api/plain', https)).body).to.equal('plain')
    expect((await client.get('/words', https)).body).to.deep.equal({ greeting: { hello: 'world' } })
    expect((await client.get('/account', { ...https, accept: 'text/html' })).text).to.include(credentials.username)
    expect(existsSync(join(folder, 'data/cookie-secret'))).to.equal(false)
    expect((await cell.end()).code).to.equal(0)
  })
})
