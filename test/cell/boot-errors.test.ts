import { expect } from 'chai'
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { startTestCell } from '../support/cell'
import { CellProcess } from '../support/process'
import { ROOT, copyProject } from '../support/project'
import { rejectionOf } from '../support/rejection'
import { temporaryFolder } from '../support/temporary-folder'

/** What is wrong, what is written for it, and the lines that must say so. */
const FAULTS: { what: string; files?: Record<string, unknown>; env?: Record<string, string>; lines: RegExp[] }[] = [
  {
    what: 'faults of every kind, all at once',
    files: {
      'dna/_test/plasma/sessions.json': { remoteLoginEndpoint: '{$USERS_ENDPOINT}', nmae: 'x' },
      'dna/_test/plasma/express-server.json': { prot: 0, port: '{$PORT:-0}' },
      'dna/_test/plasma/express-sessions.json': { secret: '${COOKIE_SECRET}', cookie: { sameSite: 'stict' } },
      'dna/_test/plasma/site-routes.json': { reactOn: ['ExpressServr'] },
      'dna/_t/express-server.json': {},
    },
    env: { CELL_MODE: '_test+_prodction' },
    lines: [
      /^dna\/_t\/express-server\.json: nothing reads this file, did you mean "plasma\/express-server"\?$/,
      /^CELL_MODE: unknown mode "_prodction", did you mean "_production"\?$/,
      /^dna\/_test\/plasma\/express-sessions\.json: secret: write an environment variable as \{\$NAME\}/,
      /^dna\/_test\/plasma\/sessions\.json: remoteLoginEndpoint: the environment variable USERS_ENDPOINT is not set$/,
      /^dna\/_test\/plasma\/site-routes\.json: reactOn: /,
      /^dna\/_test\/plasma\/express-server\.json: prot: unknown key, did you mean "port"\?$/,
      /^dna\/_test\/plasma\/express-sessions\.json: cookie\.sameSite: expected "lax" or "strict", did you mean "strict"\?$/,
      /^dna\/_test\/plasma\/sessions\.json: nmae: unknown key, did you mean "name"\?$/,
    ],
  },
  {
    what: 'broken JSON with a secret in it',
    files: { 'dna/plasma/express-sessions.json': '{ "secret": hunter2hunter2 }' },
    lines: [/^(?!.*hunter)dna\/plasma\/express-sessions\.json: cannot be parsed: /],
  },
  {
    what: 'faults that only the organelles know',
    files: {
      'dna/_test/plasma/sessions.json': { ownerModelPath: 'context/models/nobody' },
      'dna/plasma/extra.json': { source: 'plasma/extra' },
      'plasma/extra.js': 'module.exports = function () { throw new Error("out of\\nwater") }',
    },
    lines: [
      /^dna\/plasma\/extra\.json: out of water$/,
      /^dna\/_test\/plasma\/sessions\.json: ownerModelPath: there is no module context\/models\/nobody$/,
    ],
  },
  {
    what: 'a short cookie secret in production',
    env: { CELL_MODE: '_test+_production', COOKIE_SECRET: 'short' },
    lines: [/^dna\/_production\/plasma\/express-sessions\.json: secret: must have at least 32 characters$/],
  },
  {
    what: 'an async guard',
    files: { 'routes/api/admin/index.ts': `export = () => ({ '* *': async () => { /* lets everybody in */ } })` },
    lines: [
      /^dna\/plasma\/api-routes\.json: path: routes\/api\/admin\/index\.ts: "\* \*" is guarded by an async function.*write function \(req, res, next\)/,
    ],
  },
  {
    what: 'a database that is none',
    files: { 'data/cell.db': 'something else entirely, and long enough to be read as a header'.repeat(20) },
    lines: [/^dna\/plasma\/database\.json: file: .*cell\.db cannot be used/],
  },
]

/** What is wrong in the DNA of an organelle of this cell, and the one line that must say so. */
const REFUSED: [what: string, plasma: object, line: RegExp][] = [
  [
    'a missing source',
    { extra: { source: 'plasma/missing' } },
    /^dna\/plasma\/extra: source: there is neither a file nor a package plasma\/missing$/,
  ],
  ['an organelle that is a number', { extra: 5 }, /^dna\/plasma\/extra: expected an object with a source/],
  [
    'an owner model without findById',
    { sessions: { ownerModel: { createOrUpdate: String, findByCredentials: String } } },
    /sessions\.json: ownerModel: the owner model has no function findById/,
  ],
  [
    'an organelle that waits for what nobody emits',
    { 'site-routes': { '~reactOn': ['ExpressServer', 'Weather'] } },
    /site-routes\.json: reactOn: no organelle is known to emit "Weather"/,
  ],
  [
    'a missing routes folder',
    { 'api-routes': { path: 'routes/rest' } },
    /api-routes\.json: path: there is no folder routes\/rest/,
  ],
  ['no init script', { 'express-server': { initScript: '' } }, /express-server\.json: initScript: must not be empty$/],
  [
    'an init script that is not there',
    { 'express-server': { initScript: 'context/express-ap' } },
    /express-server\.json: initScript: context\/express-ap does not load/,
  ],
  [
    'an init script that exports no function',
    { 'express-server': { initScript: 'context/http/page' } },
    /express-server\.json: initScript: context\/http\/page does not export a function/,
  ],
  [
    'sessions that do not wait for the server',
    { 'express-sessions': { '~reactOn': ['Database'] } },
    /express-sessions\.json: reactOn: expected the ready chemical of the Express server/,
  ],
  [
    'organelles that wait in a circle',
    { 'api-routes': { '~reactOn': ['ExpressServer', 'SiteRoutes'] } },
    /api-routes\.json: reactOn: "SiteRoutes" comes only after this organelle is ready/,
  ],
  [
    'sessions under a name that the routes do not know',
    { sessions: { name: 'sesions' } },
    /-routes\.json: path: routes\/\w+\/index\.ts throws: this cell has no plasma\.sessions: dna\/plasma\/sessions\.json/,
  ],
]

describe('a cell that cannot boot', () => {
  for (const { what, files, env, lines } of FAULTS) {
    it(`ends with 1 and a clear line for each fault: ${what}`, async () => {
      const folder = files ? copyProject(files) : ROOT
      const cell = new CellProcess(folder, {
        CELL_MODE: '_test',
        CELL_DATA: files ? 'data' : temporaryFolder(),
        ...env,
      })
      const { code, stdout, stderr } = await cell.ended
      const written = stderr.trimEnd().split('\n')
      expect(written, stderr).to.have.length(lines.length)
      for (const [index, line] of lines.entries()) expect(written[index]?.replace(/^cell: /, '')).to.match(line)
      for (const line of written) expect(line).to.match(/^cell: /)
      expect(stdout).to.equal('')
      expect(code).to.equal(1)
    })
  }

  for (const [what, plasma, line] of REFUSED) {
    it(`is refused with one clear line: ${what}`, async () => {
      const { message } = await rejectionOf(() => startTestCell({ plasma }))
      expect(message).to.match(line)
      expect(message).not.to.include('\n')
    })
  }

  it('ends with 1 and one clear line when its port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const folder = copyProject({ 'dna/_test/plasma/express-server.json': { port } })
    const { code, stdout, stderr } = await new CellProcess(folder, { CELL_MODE: '_test', CELL_DATA: 'data' }).ended
    other.close()
    expect(stderr).to.match(
      new RegExp(`express-server\\.json: port: 127\\.0\\.0\\.1:${port} is in use by another program\\n$`),
    )
    expect(stderr.trimEnd().split('\n')).to.have.length(1)
    expect(stdout).to.equal('')
    expect(code).to.equal(1)
  })

  it('says so when its path is one that the packages cannot read', async () => {
    const { code, stderr } = await new CellProcess(copyProject({}, 'x[y]'), { CELL_MODE: '_test', CELL_DATA: 'data' })
      .ended
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
