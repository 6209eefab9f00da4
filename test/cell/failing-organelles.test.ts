import { expect } from 'chai'
import { join } from 'node:path'
import { startTestCell } from '../support/cell'
import { CellProcess } from '../support/process'
import { copyProject } from '../support/project'
import { rejectionOf } from '../support/rejection'
import { temporaryFolder, writeFiles } from '../support/temporary-folder'

/** Organelles that fail where nobody waits for them. */
const FAILURES: Record<string, string> = {
  'throws in a reaction to ExpressServer': 'plasma.on("ExpressServer", () => { throw new Error("on purpose") })',
  'rejects in a reaction to ExpressServer': 'plasma.on("ExpressServer", async () => { throw new Error("on purpose") })',
  'gives an error to the callback of its reaction':
    'plasma.on("ExpressServer", (c, next) => next(new Error("on purpose")))',
  'rejects in a reaction to a list':
    'plasma.on(["ExpressServer", "Database"], async () => { throw new Error("on purpose") })',
  'throws when the cell is assembled': 'plasma.on("CellAssembled", () => { throw new Error("on purpose") })',
  'throws when the cell is ready': 'plasma.on("CellReady", () => { throw new Error("on purpose") })',
  'returns a promise that rejects': 'return Promise.reject(new Error("on purpose"))',
}

/** Those that only a process can hear of. */
const UNCAUGHT: Record<string, string> = {
  'throws in a timer': 'plasma.on("ExpressServer", () => setTimeout(() => { throw new Error("on purpose") }))',
  'rejects a promise that nobody has':
    'plasma.on("ExpressServer", () => { setImmediate(async () => { throw new Error("on purpose") }) })',
}

const sourceOf = (body: string): string => `module.exports = function (plasma) { ${body} }`

describe('an organelle that fails while the cell boots', () => {
  for (const [what, body] of Object.entries(FAILURES)) {
    it(`stops the boot with its name and its own message, and nothing is left open: it ${what}`, async () => {
      const folder = temporaryFolder()
      writeFiles(folder, { 'extra.js': sourceOf(body) })
      const { message } = await rejectionOf(() =>
        startTestCell({ plasma: { extra: { source: join(folder, 'extra.js') } } }),
      )
      expect(message).to.equal('dna/plasma/extra: on purpose')
      await (await startTestCell()).stop()
      expect(process.getActiveResourcesInfo()).not.to.include('TCPServerWrap')
    })
  }

  for (const [what, body] of Object.entries(UNCAUGHT)) {
    it(`ends the process with 1, its name and its own message: it ${what}`, async () => {
      const folder = copyProject({
        'plasma/extra.js': sourceOf(body),
        'dna/plasma/extra.json': { source: 'plasma/extra' },
        // The boot is not over before the organelle has failed.
        'plasma/never.js': 'module.exports = () => undefined',
        'dna/plasma/never.json': { source: 'plasma/never', emitReady: 'Never' },
      })
      const { code, stdout, stderr } = await new CellProcess(folder, { CELL_MODE: '_test', CELL_DATA: 'data' }).ended
      expect(stderr).to.equal('cell: dna/plasma/extra.json: on purpose\n')
      expect(stdout).to.equal('')
      expect(code).to.equal(1)
    })
  }

  for (const [what, body] of [
    ['calls process.exit', 'process.exit(0)'],
    ['emits kill', 'void plasma.emit("kill")'],
  ] as const) {
    it(`ends the process with 1 and a line that names it, and is never ready: it ${what}`, async () => {
      const folder = copyProject({
        'plasma/extra.js': sourceOf(body),
        'dna/plasma/extra.json': { source: 'plasma/extra' },
      })
      const { code, stdout, stderr } = await new CellProcess(folder, { CELL_MODE: '_test', CELL_DATA: 'data' }).ended
      expect(stdout).to.equal('')
      expect(stderr).to.match(/^cell: .*extra/)
      expect(code).to.equal(1)
    })
  }

  it('is named where its DNA is null', async () => {
    const folder = copyProject({ 'dna/plasma/throttle.json': 'null' })
    const { code, stderr } = await new CellProcess(folder, { CELL_MODE: '_apps', CELL_DATA: 'data' }).ended
    expect(stderr).to.match(
      /^cell: dna\/plasma\/throttle\.json: expected an object with a source, or false to switch it off/,
    )
    expect(code).to.equal(1)
  })

  it('stops the boot after bootSeconds, with the names of the organelles that are late', async () => {
    const folder = temporaryFolder()
    writeFiles(folder, { 'never.js': sourceOf('') })
    const never = { source: join(folder, 'never.js'), emitReady: 'Never' }
    const error = await rejectionOf(() => startTestCell({ cell: { bootSeconds: 0.1 }, '~plasma': { never } }))
    expect(error.message).to.equal('not ready after 0.1 s: Never')
  })

  it('stops the boot when its reaction never ends', async () => {
    const folder = temporaryFolder()
    writeFiles(folder, { 'endless.js': sourceOf('plasma.on("CellAssembled", (chemical, next) => undefined)') })
    const error = await rejectionOf(() =>
      startTestCell({ cell: { bootSeconds: 0.1 }, '~plasma': { endless: { source: join(folder, 'endless.js') } } }),
    )
    expect(error.message).to.equal('not ready after 0.1 s: plasma/endless: its reaction to CellAssembled has not ended')
  })

  for (const [cell, key] of [
    [{ bootSeconds: 0 }, 'bootSeconds'],
    [{ stopSeconds: 'long' }, 'stopSeconds'],
    [{ event: [] }, 'event'],
  ] as const) {
    it(`does not begin with DNA of the cell that says ${JSON.stringify(cell)}`, async () => {
      const { message } = await rejectionOf(() => startTestCell({ cell }))
      expect(message).to.match(new RegExp(`^dna/cell: ${key}: `))
    })
  }

  it('may name as an event what a route emits', async () => {
    const folder = temporaryFolder()
    writeFiles(folder, {
      'shop.js':
        'module.exports = (plasma, dna) => { plasma.on(dna.reactOn, ({ order }) => { plasma.order = order }) }',
      'routes/index.js': `module.exports = (plasma) => ({ 'GET /order': (req, res) => {
        plasma.emit({ type: 'OrderPlaced', order: 7 })
        res.json('thanks')
      } })`,
    })
    const cell = await startTestCell({
      cell: { events: ['OrderPlaced'] },
      plasma: {
        shop: { source: join(folder, 'shop.js'), reactOn: 'OrderPlaced' },
        'site-routes': { path: join(folder, 'routes') },
      },
    })
    expect((await cell.client().get('/order')).status).to.equal(200)
    expect(cell.plasma).to.have.property('order', 7)
    await cell.stop()
  })
})
