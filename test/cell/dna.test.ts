import { expect } from 'chai'
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client, newCredentials } from '../support/client'
import { listen } from '../support/listening'
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

const cells: CellProcess[] = []

describe('a DNA file that is edited', () => {
  afterEach(async () => {
    await Promise.all(cells.splice(0).map((cell) => cell.end()))
  })

  it('moves the server to another port and host', async () => {
    const port = await freePort()
    const cell = await run({ 'dna/_test/plasma/express-server.json': { port, host: 'localhost' } })
    expect(new URL(cell.address).port).to.equal(String(port))
    expect((await cell.get('/api/me')).status).to.equal(401)
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
      'source: plasma/express-routes\nreactOn:\n  - ExpressServer\n  - ExpressSessions\nemitReady: ApiRoutes\npath: routes/api\nmount: /yaml\noptions: { registration: off }\n',
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

  it("adds an organelle of one's own", async () => {
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

  it('switches an organelle off when it says false', async () => {
    const folder = copyProject()
    renameSync(join(folder, 'dna/plasma/site-routes.json'), join(folder, 'dna/plasma/site-routes.txt'))
    writeFileSync(join(folder, 'dna/plasma/site-routes.json'), 'false')
    expect((await (await start(folder)).get('/')).status).to.equal(404)
  })
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
  const { address, stop } = await listen(() => undefined)
  await stop()
  return Number(new URL(address).port)
}
