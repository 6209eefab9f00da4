import { expect } from 'chai'
import { createServer, type AddressInfo } from 'node:net'
import { startCell } from '../../cell'
import { cellFolder, startTestCell } from '../support/cell'
import { listen } from '../support/listening'
import { CellProcess } from '../support/process'
import { copyProject } from '../support/project'
import { rejectionOf } from '../support/rejection'

/** The line for a fault in the DNA of this cell's organelles, and that DNA. */
const FAULTS: [line: string, plasma: object][] = [
  ['index.ts throws: this cell has no plasma.sessions: dna/plasma/sessions.json', { sessions: { name: 'sesions' } }],
  ['host: 192.0.2.1:0 is not an address of this machine', { 'express-server': { host: '192.0.2.1' } }],
  ['host: no.such.host.invalid:0', { 'express-server': { host: 'no.such.host.invalid' } }],
]

/** Organelles that fail while the cell boots, where nothing awaits them. */
const FAILURES: Record<string, string> = {
  'rejects in a reaction to ExpressServer': 'plasma.on("ExpressServer", async () => { throw new Error("on purpose") })',
  'throws when the cell is assembled': 'plasma.on("CellAssembled", () => { throw new Error("on purpose") })',
  'throws when the cell is ready': 'plasma.on("CellReady", () => { throw new Error("on purpose") })',
  'returns a promise that rejects': 'return Promise.reject(new Error("on purpose"))',
}

/** Organelles that fail where only a process can notice. */
const UNCAUGHT: Record<string, [body: string, line: string]> = {
  'throws in a timer': [
    'plasma.on("ExpressServer", () => setTimeout(() => { throw new Error("on purpose") }))',
    'dna/plasma/extra.json: on purpose',
  ],
  'calls process.exit': ['process.exit(0)', 'plasma/extra ended the process before the cell was ready'],
}

/** The files of an organelle named "extra". */
const extra = (body: string, dna: object = {}): Record<string, unknown> => ({
  'plasma/extra.js': `module.exports = function (plasma) { ${body} }`,
  'dna/plasma/extra.json': { source: 'plasma/extra', ...dna },
})

/** @returns what stops the boot, a line for each fault */
async function stopsBoot(changes: object, files?: Record<string, unknown>): Promise<string> {
  return (await rejectionOf(() => startTestCell(changes, files && cellFolder(files)))).message
}

describe('a cell that cannot boot', () => {
  after(() => {
    expect(process.getActiveResourcesInfo()).not.to.include('TCPServerWrap')
  })

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

  it('names the files and the keys of several faults that only organelles find', async () => {
    const files = {
      'dna/_test/plasma/sessions.json': { ownerModelPath: 'context/models/nobody' },
      ...extra('throw new Error("out of\\nwater")'),
    }
    expect(await stopsBoot({}, files)).to.equal(
      'dna/plasma/extra.json: out of water\n' +
        'dna/_test/plasma/sessions.json: ownerModelPath: there is no module context/models/nobody',
    )
  })

  for (const [line, plasma] of FAULTS) {
    it(`says in one line: ${line}`, async () => {
      expect(await stopsBoot({ plasma }))
        .to.include(line)
        .and.not.include('\n')
    })
  }

  it('names the port that another program has', async () => {
    const other = createServer()
    const { stop } = await listen(other)
    const { port } = other.address() as AddressInfo
    expect(await stopsBoot({ plasma: { 'express-server': { port } } })).to.match(
      new RegExp(`express-server\\.json: port: 127\\.0\\.0\\.1:${port} is in use by another program$`),
    )
    await stop()
  })

  for (const cell of [{ bootSeconds: 0 }, { stopSeconds: 'long' }, { drainSeconds: -1 }, { event: [] }]) {
    it(`names the key of ${JSON.stringify(cell)} in the DNA of the cell`, async () => {
      expect(await stopsBoot({ cell })).to.match(new RegExp(`^dna/cell: ${String(Object.keys(cell)[0])}: `))
    })
  }

  it('names the path that packages would take for a pattern', async () => {
    const { message } = await rejectionOf(() => startCell({ root: '/srv/x[y]' }))
    expect(message).to.match(/^the path .*x\[y\] has one of .* in it: move the project elsewhere$/)
  })

  for (const [what, body] of Object.entries(FAILURES)) {
    it(`has the name and the message of an organelle that ${what}`, async () => {
      expect(await stopsBoot({}, extra(body))).to.equal('dna/plasma/extra.json: on purpose')
    })
  }

  for (const [what, [body, line]] of Object.entries(UNCAUGHT)) {
    it(`ends with 1, the name and the message of an organelle that ${what}`, async () => {
      // Never ready: the cell is still booting when the organelle fails.
      const folder = cellFolder(extra(body, { emitReady: 'Never' }))
      const { code, stdout, stderr } = await new CellProcess(folder, { CELL_MODE: '_test', CELL_DATA: 'data' }).ended
      expect([code, stdout, stderr]).to.deep.equal([1, '', `cell: ${line}\n`])
    })
  }

  it('names an organelle that emits kill', async () => {
    expect(await stopsBoot({}, extra('void plasma.emit("kill")'))).to.match(/extra.*emitted "kill" before the cell was/)
  })

  it('names an organelle that is not ready after bootSeconds, or whose reaction never ends', async () => {
    const alone = (dna: object): object => ({
      cell: { bootSeconds: 0.1 },
      '~plasma': { extra: { source: 'plasma/extra', ...dna } },
    })
    expect(await stopsBoot(alone({ emitReady: 'Never' }), extra(''))).to.equal('not ready after 0.1 s: Never')
    const endless = extra('plasma.on("CellAssembled", (chemical, next) => undefined)')
    expect(await stopsBoot(alone({}), endless)).to.equal(
      'not ready after 0.1 s: plasma/extra: its reaction to CellAssembled has not ended',
    )
  })
})
