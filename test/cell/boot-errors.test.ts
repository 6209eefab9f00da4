import { expect } from 'chai'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { startCell } from '../../cell'
import { cellFolder, startTestCell } from '../support/cell'
import { CellProcess } from '../support/process'
import { copyProject } from '../support/project'
import { rejectionOf } from '../support/rejection'
import { temporaryFolder } from '../support/temporary-folder'

const linesOf = ({ message }: Error): string[] => message.split('\n')

/** Faults in files, and the start of the line that must report each. */
const IN_FILES: [fault: string, files: Record<string, unknown>, ...lines: RegExp[]][] = [
  [
    'broken JSON, without the secret in it',
    { 'dna/plasma/express-sessions.json': '{ "secret": hunter2hunter2 }' },
    /^(?!.*hunter)dna\/plasma\/express-sessions\.json: cannot be parsed: /,
  ],
  [
    'several faults that only organelles find',
    {
      'dna/_test/plasma/sessions.json': { ownerModelPath: 'context/models/nobody' },
      'dna/plasma/extra.json': { source: 'plasma/extra' },
      'plasma/extra.js': 'module.exports = function () { throw new Error("out of\\nwater") }',
    },
    /^dna\/plasma\/extra\.json: out of water$/,
    /^dna\/_test\/plasma\/sessions\.json: ownerModelPath: there is no module context\/models\/nobody$/,
  ],
  [
    'an async guard',
    { 'routes/guarded/admin/index.ts': `export = () => ({ '* *': async () => {} })`, ...pathOf('routes/guarded') },
    /^dna\/_test\/plasma\/api-routes\.json: path: \S*routes\/guarded\/admin\/index\.ts: "\* \*" is guarded by an async function/,
  ],
  [
    'an organelle whose DNA is null',
    { 'dna/plasma/site-routes.json': 'null' },
    /^dna\/plasma\/site-routes\.json: expected an object with a source, or false to switch it off/,
  ],
  [
    'a database file that is none',
    { 'data/cell.db': 'something else, long enough to be read as a header'.repeat(20) },
    /^dna\/plasma\/database\.json: file: .*cell\.db cannot be used/,
  ],
]

/** The line for a fault in the DNA of this cell's organelles, and that DNA. */
const IN_DNA: [line: string, plasma: object][] = [
  ['dna/plasma/extra: source: there is neither a file nor a package', { extra: { source: 'plasma/missing' } }],
  [
    'sessions.json: ownerModel: the owner model has no function findById',
    { sessions: { ownerModel: { createOrUpdate: String, findByCredentials: String } } },
  ],
  ['express-server.json: initScript: must not be empty', { 'express-server': { initScript: '' } }],
  ['initScript: context/nothing does not load', { 'express-server': { initScript: 'context/nothing' } }],
  ['context/http/page does not export a function', { 'express-server': { initScript: 'context/http/page' } }],
  [
    'express-sessions.json: reactOn: expected the ready chemical of the Express server',
    { 'express-sessions': { '~reactOn': ['Database'] } },
  ],
  [
    'api-routes.json: reactOn: "SiteRoutes" comes only after this organelle is ready',
    { 'api-routes': { '~reactOn': ['ExpressServer', 'SiteRoutes'] } },
  ],
  ['index.ts throws: this cell has no plasma.sessions: dna/plasma/sessions.json', { sessions: { name: 'sesions' } }],
  ['host: 192.0.2.1:0 is not an address of this machine', { 'express-server': { host: '192.0.2.1' } }],
  ['host: no.such.host.invalid:0', { 'express-server': { host: 'no.such.host.invalid' } }],
]

function pathOf(path: string): object {
  return { 'dna/_test/plasma/api-routes.json': { path } }
}

describe('a cell that cannot boot', () => {
  it('ends with 1 and a line on stderr for each fault, all at once', async () => {
    const folder = copyProject({
      'dna/_test/plasma/sessions.json': { remoteLoginEndpoint: '{$USERS_ENDPOINT}', nmae: 'x' },
      'dna/_test/plasma/express-server.json': { prot: 0, port: '{$PORT:-0}' },
      'dna/_test/plasma/express-sessions.json': { secret: '${COOKIE_SECRET}', cookie: { sameSite: 'stict' } },
      'dna/_test/plasma/site-routes.json': { reactOn: ['ExpressServr'] },
      'dna/_t/express-server.json': {},
    })
    const { code, stdout, stderr } = await new CellProcess(folder, { CELL_MODE: '_test+_prodction', CELL_DATA: 'data' })
      .ended
    const lines = [
      /^cell: dna\/_t\/express-server\.json: nothing reads this file, did you mean "plasma\/express-server"\?$/,
      /^cell: CELL_MODE: unknown mode "_prodction", did you mean "_production"\?$/,
      /^cell: dna\/_test\/plasma\/express-sessions\.json: secret: write an environment variable as \{\$NAME\}/,
      /^cell: dna\/_test\/plasma\/sessions\.json: remoteLoginEndpoint: the environment variable USERS_ENDPOINT is not set$/,
      /^cell: dna\/_test\/plasma\/site-routes\.json: reactOn: /,
      /^cell: dna\/_test\/plasma\/express-server\.json: prot: unknown key, did you mean "port"\?$/,
      /^cell: dna\/_test\/plasma\/express-sessions\.json: cookie\.sameSite: expected "lax" or "strict", did you mean "strict"\?$/,
      /^cell: dna\/_test\/plasma\/sessions\.json: nmae: unknown key, did you mean "name"\?$/,
    ]
    const written = stderr.trimEnd().split('\n')
    expect(written, stderr).to.have.length(lines.length)
    for (const [index, line] of lines.entries()) expect(written[index]).to.match(line)
    expect([code, stdout]).to.deep.equal([1, ''])
  })

  it('ends with 1 and one line on stderr if another program has its port', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const folder = copyProject({ 'dna/_test/plasma/express-server.json': { port } })
    const { code, stdout, stderr } = await new CellProcess(folder, { CELL_MODE: '_test', CELL_DATA: 'data' }).ended
    other.close()
    const line = `^cell: .*express-server\\.json: port: 127\\.0\\.0\\.1:${port} is in use by another program\n$`
    expect(stderr).to.match(new RegExp(line))
    expect([code, stdout]).to.deep.equal([1, ''])
  })

  for (const [fault, files, ...lines] of IN_FILES) {
    it(`names the file and the key of ${fault}`, async () => {
      const root = cellFolder(files)
      const found = linesOf(await rejectionOf(() => startTestCell({ data: { folder: join(root, 'data') } }, root)))
      expect(found, found.join('\n')).to.have.length(lines.length)
      for (const [index, line] of lines.entries()) expect(found[index], found[index]).to.match(line)
    })
  }

  for (const [line, plasma] of IN_DNA) {
    it(`says in one line: ${line}`, async () => {
      const { message } = await rejectionOf(() => startTestCell({ plasma }))
      expect(message).to.include(line).and.not.include('\n')
    })
  }

  for (const cell of [{ bootSeconds: 0 }, { stopSeconds: 'long' }, { event: [] }]) {
    it(`names the key of ${JSON.stringify(cell)} in the DNA of the cell`, async () => {
      const { message } = await rejectionOf(() => startTestCell({ cell }))
      expect(message).to.match(new RegExp(`^dna/cell: ${String(Object.keys(cell)[0])}: `))
    })
  }

  it('names a short cookie secret in production', async () => {
    const changes = { data: { folder: temporaryFolder() }, plasma: { 'express-sessions': { secret: 'short' } } }
    const { message } = await rejectionOf(() => startCell({ mode: '_production', changes }))
    expect(message).to.match(/express-sessions\.json: secret: must have at least 32 characters$/)
  })

  it('says what is wrong with its mode, its path, or a folder without DNA', async () => {
    for (const [options, line] of [
      [{ mode: '_nothing' }, /^CELL_MODE: unknown mode "_nothing"/],
      [{ root: '/srv/x[y]' }, /^the path .*x\[y\] has one of .* in it: move the project elsewhere$/],
      [{ root: temporaryFolder() }, /no DNA at .*dna: start the cell in the folder that holds dna\//],
    ] as const) {
      const [found] = linesOf(await rejectionOf(() => startCell(options)))
      expect(found).to.match(line)
    }
  })
})
