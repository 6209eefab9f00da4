import { expect } from 'chai'
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startCell } from '../../cell'
import { cellFolder, startTestCell, type TestCell } from '../support/cell'
import { Client, newCredentials } from '../support/client'
import { stoppedClock } from '../support/clock'
import { setEnvironment } from '../support/environment'
import { findFreePort } from '../support/listening'

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
/** Tells the owner of its request by a sessions organelle that has another name. */
const WHO = `module.exports = (plasma) => ({
  'GET': async (req, res) => {
    res.response = { name: typeof plasma.sesions, owner: (await plasma.sesions(req.session).owner()) || null }
  },
})`

describe('DNA', () => {
  let cell: TestCell
  afterEach(() => cell.stop())

  async function start(files: Record<string, unknown>, changes: object = {}): Promise<Client> {
    cell = await startTestCell(changes, cellFolder(files))
    return cell.client()
  }

  it('chooses port and host, and says so in the address', async () => {
    const port = await findFreePort()
    const client = await start({ 'dna/_test/plasma/express-server.json': { port, host: 'localhost' } })
    expect(new URL(client.address).port).to.equal(String(port))
    expect((await client.get('/api/me')).status).to.equal(401)
  })

  it('chooses the owner model', async () => {
    const client = await start({
      'dna/_test/plasma/sessions.json': { ownerModelPath: 'context/models/members' },
      'context/models/members.js': OTHER_MODEL,
    })
    expect((await client.post('/api/login', { email: 'ada@example.org', pin: '9999' })).status).to.equal(401)
    expect((await client.post('/api/login', { email: 'ada@example.org', pin: '1234' })).body).to.have.property('id', 7)
    expect((await client.get('/api/me')).body).to.have.property('email', 'ada@example.org')
    expect((await client.post('/api/register', newCredentials())).status).to.equal(404)
  })

  it('chooses the folder of the data, relative to the root', async () => {
    const root = cellFolder({ 'dna/_test/data.json': { folder: 'elsewhere/deep' } })
    cell = (await startCell({ mode: '_test', root })) as TestCell
    expect(existsSync(join(root, 'elsewhere/deep/cell.db'))).to.equal(true)
    expect(existsSync(join(root, 'elsewhere/deep/cookie-secret'))).to.equal(true)
    expect(existsSync(join(root, 'data'))).to.equal(false)
  })

  it('may be YAML', async () => {
    const root = cellFolder()
    rmSync(join(root, 'dna/plasma/api-routes.json'))
    writeFileSync(
      join(root, 'dna/plasma/api-routes.yaml'),
      'source: plasma/express-routes\nreactOn:\n  - ExpressServer\n  - ExpressSessions\nemitReady: ApiRoutes\npath: routes/api\nmount: /yaml\noptions: { registration: off }\n',
    )
    cell = await startTestCell({ plasma: { 'site-routes': false, throttle: false } }, root)
    expect((await cell.client().get('/yaml/me')).status).to.equal(401)
    expect((await cell.client().post('/yaml/register', newCredentials())).status).to.equal(404)
  })

  it('is folded over by the modes in CELL_MODE, in their order', async () => {
    const mode = (mount: string): object => ({ mount, options: {} })
    const root = cellFolder({
      'dna/_one/plasma/api-routes.json': mode('/one'),
      'dna/_two/plasma/api-routes.json': mode('/two'),
    })
    const restore = setEnvironment({ CELL_MODE: '_test+_one+_two', CELL_DATA: join(root, 'data') })
    cell = (await startCell({ root }).finally(restore)) as TestCell
    const client = new Client(cell.address ?? '')
    expect((await client.get('/two/me')).status).to.equal(401)
    expect((await client.get('/one/me')).status).to.equal(404)
  })

  it('may name sources in every documented form, and add organelles and files of routes', async () => {
    const client = await start({
      'dna/_test/plasma/express-response.json': { source: 'node_modules/organic-express-response' },
      'dna/_test/plasma/sessions.json': { source: './plasma/sessions' },
      'dna/_test/plasma/api-routes.json': { source: 'plasma/express-routes/index.ts' },
      'dna/_test/plasma/database.json': { source: './plasma/database/index.ts' },
      'dna/plasma/zone.json': { source: 'plasma/zone', zone: 'UTC', emitReady: 'Zone' },
      'plasma/zone.ts': `export = (plasma: Organic.Plasma, dna: Organic.Dna) => {
        Object.assign(plasma, { zone: dna.zone })
        void plasma.store('Zone')
      }`,
      'dna/_test/plasma/site-routes.json': { path: 'routes/zones' },
      'routes/zones/zone.js': `module.exports = (plasma) => ({ 'GET': (req, res, next) => { res.response = plasma.zone; next() } })`,
    })
    expect((await client.get('/api/me')).status).to.equal(401)
    expect((await client.get('/zone')).body).to.equal('UTC')
  })

  it('switches an organelle off with false, also in its file', async () => {
    const root = cellFolder()
    renameSync(join(root, 'dna/plasma/site-routes.json'), join(root, 'dna/plasma/site-routes.txt'))
    writeFileSync(join(root, 'dna/plasma/site-routes.json'), 'false')
    cell = await startTestCell({}, root)
    expect((await cell.client().get('/')).status).to.equal(404)
  })

  it('mounts the routes elsewhere', async () => {
    const client = await start({}, { plasma: { 'api-routes': { mount: '/v2/api' } } })
    expect((await client.post('/v2/api/register', newCredentials())).status).to.equal(201)
    expect((await client.get('/v2/api/me')).status).to.equal(401)
    expect((await client.get('/api/me')).status).to.equal(404)
  })

  it('renames the sessions organelle', async () => {
    const client = await start(
      { 'routes/who/who.js': WHO },
      {
        plasma: {
          sessions: { name: 'sesions' },
          'api-routes': { path: 'routes/who' },
          'site-routes': false,
          throttle: false,
        },
      },
    )
    expect((await client.get('/api/who')).body).to.deep.equal({ name: 'function', owner: null })
    expect(cell.plasma).not.to.have.property('sessions')
  })

  it('renames the cookie', async () => {
    const client = await start({}, { plasma: { 'express-sessions': { cookie: { name: 'sid', sameSite: 'strict' } } } })
    const credentials = newCredentials()
    await client.post('/api/register', credentials)
    const { headers } = await client.post('/api/login', credentials)
    expect(headers.get('set-cookie')).to.match(/^sid=[^;]+; Path=\/; HttpOnly; SameSite=Strict$/)
  })

  describe('about time', () => {
    const clock = stoppedClock()

    it('ends sessions sooner', async () => {
      const client = await start({}, { plasma: { 'express-sessions': { idleSeconds: 10, touchSeconds: 0 } } })
      await client.registerAndLogIn()
      clock.pass(9999)
      expect((await client.get('/api/me')).status).to.equal(200)
      clock.pass(10_000)
      expect((await client.get('/api/me')).status).to.equal(401)
    })
  })
})
