import { expect } from 'chai'
import { createServer, type AddressInfo } from 'node:net'
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { join } from 'node:path'
import { Client, newCredentials } from '../support/client'
import { CellProcess } from '../support/process'
import { copyProject } from '../support/project'

/** An owner model as the documentation has it: callbacks, and owners in memory. */
const OTHER_MODEL = `
const owners = [{ id: 7, email: 'ada@example.org', pin: '1234' }]
module.exports = {
  createOrUpdate: (data, callback) => { owners.push(data); callback(null, data) },
  findByCredentials: ({ email, pin }, callback) => {
    const owner = owners.find((owner) => owner.email === email && owner.pin === pin)
    if (owner) callback(null, { id: owner.id, email }) 
    else callback()
  },
  findById: (id, callback) => callback(null, owners.find((owner) => owner.id === id)),
}
`

describe('a DNA file that is edited', () => {
  it('moves the server to another port and host', async () => {
    const port = await freePort()
    const cell = await run({ 'dna/_test/plasma/express-server.json': { port, host: 'localhost' } })
    expect(new URL(cell.address).port).to.equal(String(port))
    expect((await cell.get('/api/me')).status).to.equal(401)
  })

  it('mounts the routes elsewhere', async () => {
    const client = await run({ 'dna/_test/plasma/api-routes.json': { mount: '/v2/api' } })
    expect((await client.post('/v2/api/register', newCredentials())).status).to.equal(201)
    expect((await client.get('/v2/api/me')).status).to.equal(401)
    expect((await client.get('/api/me')).status).to.equal(404)
  })

  it('gives the sessions organelle another name', async () => {
    const client = await run({
      'dna/_test/plasma/sessions.json': { name: 'sesions' },
      'dna/_test/plasma/api-routes.json': { path: 'routes/other' },
      'dna/_test/plasma/site-routes.json': 'false',
      'routes/other/who.js': `module.exports = function (plasma) {
        return { 'GET': function (req, res, next) {
          plasma.sesions(req.session).owner(function (err, owner) {
            res.response = { names: [typeof plasma.sessions, typeof plasma.sesions], owner: owner || null }
            next(err)
          })
        } }
      }`,
    })
    expect((await client.get('/api/who')).body).to.deep.equal({ names: ['undefined', 'function'], owner: null })
  })

  it('keeps owners in another model', async () => {
    const client = await run({
      'dna/_test/plasma/sessions.json': { ownerModelPath: 'context/models/members' },
      'context/models/members.js': OTHER_MODEL,
    })
    expect((await client.post('/api/login', { email: 'ada@example.org', pin: '9999' })).status).to.equal(401)
    expect((await client.post('/api/login', { email: 'ada@example.org', pin: '1234' })).body).to.have.property('id', 7)
    expect((await client.get('/api/me')).body).to.have.property('email', 'ada@example.org')
    expect((await client.post('/api/register', newCredentials())).status).to.equal(404)
  })

  it('gives the cookie another name', async () => {
    const client = await run({ 'dna/_test/plasma/express-sessions.json': { cookie: { name: 'sid', sameSite: 'strict' } } })
    const credentials = newCredentials()
    await client.post('/api/register', credentials)
    const { headers } = await client.post('/api/login', credentials)
    expect(headers.get('set-cookie')).to.match(/^sid=[^;]+; Path=\/; HttpOnly; SameSite=Strict$/)
  })

  it('ends sessions sooner', async () => {
    const client = await run({ 'dna/_test/plasma/express-sessions.json': { idleSeconds: 1, touchSeconds: 0 } })
    const credentials = newCredentials()
    await client.post('/api/register', credentials)
    await client.post('/api/login', credentials)
    expect((await client.get('/api/me')).status).to.equal(200)
    await new Promise((resolve) => setTimeout(resolve, 1200))
    expect((await client.get('/api/me')).status).to.equal(401)
  })

  it('keeps the data elsewhere', async () => {
    const folder = copyProject({ 'dna/_test/data.json': { folder: 'elsewhere/deep' } })
    await start(folder)
    expect(existsSync(join(folder, 'elsewhere/deep/cell.db'))).to.equal(true)
    expect(existsSync(join(folder, 'elsewhere/deep/cookie-secret'))).to.equal(true)
    expect(existsSync(join(folder, 'data'))).to.equal(false)
  })

  it('may be YAML', async () => {
    const folder = copyProject()
    rmSync(join(folder, 'dna/plasma/api-routes.json'))
    writeFileSync(
      join(folder, 'dna/plasma/api-routes.yaml'),
      'source: plasma/express-routes\nreactOn:\n  - ExpressServer\n  - ExpressSessions\nemitReady: ApiRoutes\npath: routes/api\nmount: /yaml\n',
    )
    expect((await (await start(folder)).get('/yaml/me')).status).to.equal(401)
  })

  it('is folded over by the modes in CELL_MODE, in their order', async () => {
    const folder = copyProject({
      'dna/_one/plasma/api-routes.json': { mount: '/one' },
      'dna/_two/plasma/api-routes.json': { mount: '/two' },
    })
    const client = await start(folder, { CELL_MODE: '_test+_one+_two' })
    expect((await client.get('/two/me')).status).to.equal(401)
    expect((await client.get('/one/me')).status).to.equal(404)
  })

  it('may name sources in every documented form', async () => {
    const client = await run({
      'dna/_test/plasma/express-server.json': { port: 0, source: 'node_modules/organic-express-server' },
      'dna/_test/plasma/sessions.json': { source: './plasma/sessions' },
      'dna/_test/plasma/api-routes.json': { source: 'plasma/express-routes/index.ts' },
      'dna/_test/plasma/database.json': { source: './plasma/database/index.ts' },
    })
    expect((await client.get('/api/me')).status).to.equal(401)
  })

  it('adds an organelle of one\'s own', async () => {
    const client = await run({
      'dna/plasma/clock.json': { source: 'plasma/clock', zone: 'UTC', emitReady: 'Clock' },
      'plasma/clock.ts': `export = (plasma: Organic.Plasma, dna: Organic.Dna) => {
        Object.assign(plasma, { zone: dna.zone })
        void plasma.store('Clock')
      }`,
      'routes/site/zone.js': `module.exports = (plasma) => ({ 'GET': (req, res, next) => { res.response = plasma.zone; next() } })`,
    })
    expect((await client.get('/zone')).body).to.equal('UTC')
  })
})

describe('an organelle that is switched off', () => {
  it('site-routes: there are no pages, and all else is there', async () => {
    const client = await run({ 'dna/_test/plasma/site-routes.json': 'false' })
    expect((await client.get('/')).status).to.equal(404)
    expect((await client.get('/api/me')).status).to.equal(401)
  })

  it('api-routes: there is no API, and the pages are there', async () => {
    const client = await run({ 'dna/_test/plasma/api-routes.json': 'false' })
    expect((await client.get('/')).status).to.equal(200)
    expect((await client.get('/api/me')).status).to.equal(404)
  })

  it('express-sessions: nobody is let in', async () => {
    const client = await run({ 'dna/_test/plasma/express-sessions.json': 'false' })
    const credentials = newCredentials()
    expect((await client.post('/api/register', credentials)).status).to.equal(201)
    expect((await client.post('/api/login', credentials)).status).to.equal(503)
    expect((await client.get('/api/me')).status).to.equal(503)
  })

  it('sessions: nobody is let in', async () => {
    const client = await run({ 'dna/_test/plasma/sessions.json': 'false' })
    expect((await client.get('/api/me')).status).to.equal(500)
  })

  it('database: nobody is let in', async () => {
    const client = await run({ 'dna/_test/plasma/database.json': 'false' })
    expect((await client.post('/api/login', newCredentials())).status).to.equal(503)
    expect((await client.get('/api/me')).status).to.equal(401)
  })

  it('express-response: Express itself answers', async () => {
    const client = await run({ 'dna/_test/plasma/express-response.json': 'false' })
    expect((await client.get('/nothing')).status).to.equal(404)
    expect((await client.get('/api/me')).status).to.equal(401)
  })

  it('is off as a file that says false, too', async () => {
    const folder = copyProject()
    renameSync(join(folder, 'dna/plasma/site-routes.json'), join(folder, 'dna/plasma/site-routes.txt'))
    writeFileSync(join(folder, 'dna/plasma/site-routes.json'), 'false')
    expect((await (await start(folder)).get('/')).status).to.equal(404)
  })
})

const cells: CellProcess[] = []

afterEach(async () => {
  await Promise.all(cells.splice(0).map((cell) => cell.end()))
})

async function start(folder: string, env: Record<string, string> = {}): Promise<Client> {
  const cell = new CellProcess(folder, { CELL_MODE: '_test', CELL_DATA: 'data', ...env })
  cells.push(cell)
  return new Client(await cell.ready())
}

function run(files: Record<string, unknown>): Promise<Client> {
  return start(copyProject(files))
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}
