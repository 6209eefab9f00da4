import { expect } from 'chai'
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { CellProcess } from '../support/process'
import { ROOT, copyProject } from '../support/project'
import { temporaryFolder } from '../support/temporary-folder'

/** What is wrong, what is written for it, and what the line must say. */
const FAULTS: { what: string; files?: Record<string, unknown>; env?: Record<string, string>; line: RegExp }[] = [
  {
    what: 'broken JSON',
    files: { 'dna/plasma/sessions.json': '{ "name": ' },
    line: /dna\/plasma\/sessions\.json/,
  },
  {
    what: 'an unknown key',
    files: { 'dna/_test/plasma/sessions.json': { ownerModelPat: 'x' } },
    line: /dna\/plasma\/sessions\.json \+ dna\/_test\/plasma\/sessions\.json: ownerModelPat: unknown key/,
  },
  { what: 'an unknown CELL_MODE', env: { CELL_MODE: 'test' }, line: /CELL_MODE: unknown mode "test", expected one of _apps, _production, _test, _trusting, _users/ },
  {
    what: 'a missing source',
    files: { 'dna/plasma/extra.json': { source: 'plasma/missing' } },
    line: /dna\/plasma\/extra\.json: source: there is neither a file nor a package plasma\/missing/,
  },
  {
    what: 'an owner model without findById',
    files: {
      'dna/_test/plasma/sessions.json': { ownerModelPath: 'context/models/half' },
      'context/models/half.js': 'module.exports = { createOrUpdate() {}, findByCredentials() {} }',
    },
    line: /sessions\.json: ownerModelPath: the owner model has no function findById/,
  },
  {
    what: 'an owner model that is not there',
    files: { 'dna/_test/plasma/sessions.json': { ownerModelPath: 'context/models/nobody' } },
    line: /sessions\.json: ownerModelPath: there is no module context\/models\/nobody/,
  },
  {
    what: 'a variable that is not set',
    files: { 'dna/_test/plasma/sessions.json': { remoteLoginEndpoint: '{$USERS_ENDPOINT}' } },
    line: /sessions\.json: remoteLoginEndpoint: the environment variable USERS_ENDPOINT is not set/,
  },
  {
    what: 'no cookie secret in production',
    env: { CELL_MODE: '_test+_production', COOKIE_SECRET: '' },
    line: /_production\/plasma\/express-sessions\.json: secret: the environment variable COOKIE_SECRET is not set/,
  },
  {
    what: 'a short cookie secret',
    env: { CELL_MODE: '_test+_production', COOKIE_SECRET: 'short' },
    line: /_production\/plasma\/express-sessions\.json: secret: must have at least 32 characters/,
  },
  {
    what: 'an organelle that is null',
    files: { 'dna/plasma/extra.json': 'null' },
    line: /dna\/plasma\/extra\.json: expected an object with a source/,
  },
  {
    what: 'an organelle that throws',
    files: {
      'dna/plasma/extra.json': { source: 'plasma/extra' },
      'plasma/extra.js': 'module.exports = function () { throw new Error("out of\\nwater") }',
    },
    line: /dna\/plasma\/extra\.json: out of water/,
  },
  {
    what: 'an organelle that waits for what nobody emits',
    files: { 'dna/_test/plasma/site-routes.json': { '~reactOn': ['ExpressServer', 'Weather'] } },
    line: /site-routes\.json: reactOn: no organelle is known to emit "Weather"/,
  },
  {
    what: 'a missing routes folder',
    files: { 'dna/_test/plasma/api-routes.json': { path: 'routes/rest' } },
    line: /api-routes\.json: path: there is no folder routes\/rest/,
  },
  {
    what: 'a route file that exports no function',
    files: { 'routes/api/report.ts': 'export default function () { return {} }' },
    line: /api-routes\.json: path: routes\/api\/report\.ts does not export a function: write export = function/,
  },
  {
    what: 'an async guard',
    files: { 'routes/api/admin/index.ts': `export = () => ({ '* *': async () => { /* lets everybody in */ } })` },
    line: /routes\/api\/admin\/index\.ts: "\* \*" is guarded by an async function.*write function \(req, res, next\)/,
  },
  {
    what: 'no init script',
    files: { 'dna/_test/plasma/express-server.json': { initScript: '' } },
    line: /express-server\.json: initScript: must not be empty/,
  },
  {
    what: 'an init script that is not there',
    files: { 'dna/_test/plasma/express-server.json': { initScript: 'context/express-ap' } },
    line: /express-server\.json: initScript: context\/express-ap does not load/,
  },
  {
    what: 'an init script that exports no function',
    files: { 'dna/_test/plasma/express-server.json': { initScript: 'context/page' } },
    line: /express-server\.json: initScript: context\/page does not export a function/,
  },
  {
    what: 'an unknown key of the server',
    files: { 'dna/_test/plasma/express-server.json': { hots: 'localhost' } },
    line: /express-server\.json: hots: unknown key/,
  },
  {
    what: 'sessions that do not wait for the server',
    files: { 'dna/_test/plasma/express-sessions.json': { '~reactOn': ['Database'] } },
    line: /express-sessions\.json: reactOn: expected the ready chemical of the Express server/,
  },
  {
    what: 'organelles that wait in a circle',
    files: { 'dna/_test/plasma/api-routes.json': { '~reactOn': ['ExpressServer', 'SiteRoutes'] } },
    line: /api-routes\.json: reactOn: "SiteRoutes" comes only after this organelle is ready/,
  },
  {
    what: 'sessions under a name that the routes do not know',
    files: { 'dna/_test/plasma/sessions.json': { name: 'sesions' } },
    line: /-routes\.json: path: routes\/\w+\/index\.ts throws: this cell has no plasma\.sessions: dna\/plasma\/sessions\.json/,
  },
  {
    what: 'broken JSON with a secret in it',
    files: { 'dna/plasma/express-sessions.json': '{ "secret": hunter2hunter2 }' },
    line: /^(?!.*hunter).*express-sessions\.json/,
  },
  {
    what: 'a database that is none',
    files: { 'data/cell.db': 'something else entirely, and long enough to be read as a header'.repeat(20) },
    line: /database\.json: file: .*cell\.db cannot be used/,
  },
]

describe('a cell that cannot boot', () => {
  for (const { what, files, env, line } of FAULTS) {
    it(`ends with 1 and one clear line within 5 s: ${what}`, async () => {
      const folder = files ? copyProject(files) : ROOT
      const cell = new CellProcess(folder, { CELL_MODE: '_test', CELL_DATA: files ? 'data' : temporaryFolder(), ...env })
      const { code, stdout, stderr, after } = await cell.ended
      expect(stderr).to.match(line)
      expect(stderr.trimEnd().split('\n')).to.have.length(1)
      expect(stdout).to.equal('')
      expect(code).to.equal(1)
      expect(after).to.be.lessThan(5000)
    })
  }

  it('ends with 1 and one clear line when its port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const folder = copyProject({ 'dna/_test/plasma/express-server.json': { port } })
    const { code, stdout, stderr } = await new CellProcess(folder, { CELL_MODE: '_test', CELL_DATA: 'data' }).ended
    other.close()
    expect(stderr).to.match(new RegExp(`express-server\\.json: port: 127\\.0\\.0\\.1:${port} is in use by another program\\n$`))
    expect(stderr.trimEnd().split('\n')).to.have.length(1)
    expect(stdout).to.equal('')
    expect(code).to.equal(1)
  })

  it('says so when its path is one that the packages cannot read', async () => {
    const { code, stderr } = await new CellProcess(copyProject({}, 'x[y]'), { CELL_MODE: '_test', CELL_DATA: 'data' }).ended
    expect(stderr).to.match(/^cell: the path .*x\[y\] has one of .* in it: move the project elsewhere\n$/)
    expect(code).to.equal(1)
  })

  it('says so when it is started in a folder without DNA', async () => {
    const folder = copyProject()
    rmSync(join(folder, 'dna'), { recursive: true })
    const { code, stderr } = await new CellProcess(folder).ended
    expect(stderr).to.match(/no DNA at .*dna: start the cell in the folder that holds dna\//)
    expect(code).to.equal(1)
  })
})
