import { expect } from 'chai'
import { cellFolder, startTestCell } from '../support/cell'
import { CellProcess } from '../support/process'
import { rejectionOf } from '../support/rejection'

/** The files of an organelle named "extra". */
const extra = (body: string, dna: object = {}): Record<string, unknown> => ({
  'plasma/extra.js': `module.exports = function (plasma) { ${body} }`,
  'dna/plasma/extra.json': { source: 'plasma/extra', ...dna },
})

/** Organelles that fail while the cell boots, where nothing awaits them. */
const FAILURES: Record<string, string> = {
  'throws in a reaction to ExpressServer': 'plasma.on("ExpressServer", () => { throw new Error("on purpose") })',
  'rejects in a reaction to ExpressServer': 'plasma.on("ExpressServer", async () => { throw new Error("on purpose") })',
  'passes an error to the callback of its reaction':
    'plasma.on("ExpressServer", (c, next) => next(new Error("on purpose")))',
  'rejects in a reaction to a list':
    'plasma.on(["ExpressServer", "Database"], async () => { throw new Error("on purpose") })',
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
  'rejects a promise that nothing handles': [
    'plasma.on("ExpressServer", () => { setImmediate(async () => { throw new Error("on purpose") }) })',
    'dna/plasma/extra.json: on purpose',
  ],
  'calls process.exit': ['process.exit(0)', 'plasma/extra ended the process before the cell was ready'],
}

describe('an organelle that fails while the cell boots', () => {
  after(() => {
    expect(process.getActiveResourcesInfo()).not.to.include('TCPServerWrap')
  })

  /** @returns what stops the boot */
  async function stopsBoot(files: Record<string, unknown>, changes: object = {}): Promise<string> {
    return (await rejectionOf(() => startTestCell(changes, cellFolder(files)))).message
  }

  for (const [what, body] of Object.entries(FAILURES)) {
    it(`stops the boot with its name and message if it ${what}`, async () => {
      expect(await stopsBoot(extra(body))).to.equal('dna/plasma/extra.json: on purpose')
    })
  }

  for (const [what, [body, line]] of Object.entries(UNCAUGHT)) {
    it(`ends the process with 1, its name and message if it ${what}`, async () => {
      // Never ready: the cell is still booting when the organelle fails.
      const folder = cellFolder(extra(body, { emitReady: 'Never' }))
      const { code, stdout, stderr } = await new CellProcess(folder, { CELL_MODE: '_test', CELL_DATA: 'data' }).ended
      expect([code, stdout, stderr]).to.deep.equal([1, '', `cell: ${line}\n`])
    })
  }

  it('stops the boot if it emits kill', async () => {
    expect(await stopsBoot(extra('void plasma.emit("kill")'))).to.match(/extra.*emitted "kill" before the cell was/)
  })

  it('is named if it is not ready after bootSeconds, and so is a reaction that never ends', async () => {
    const changes = { cell: { bootSeconds: 0.1 }, '~plasma': { extra: { source: 'plasma/extra', emitReady: 'Never' } } }
    expect(await stopsBoot(extra(''), changes)).to.equal('not ready after 0.1 s: Never')
    const endless = { cell: { bootSeconds: 0.1 }, '~plasma': { extra: { source: 'plasma/extra' } } }
    expect(await stopsBoot(extra('plasma.on("CellAssembled", (chemical, next) => undefined)'), endless)).to.equal(
      'not ready after 0.1 s: plasma/extra: its reaction to CellAssembled has not ended',
    )
  })

  it('may name an event that a route emits', async () => {
    const root = cellFolder({
      'plasma/shop.js':
        'module.exports = (plasma, dna) => { plasma.on(dna.reactOn, ({ order }) => { plasma.order = order }) }',
      'dna/plasma/shop.json': { source: 'plasma/shop', reactOn: 'OrderPlaced' },
      'routes/shop/index.js': `module.exports = (plasma) => ({ 'GET /order': (req, res) => {
        plasma.emit({ type: 'OrderPlaced', order: 7 })
        res.json('thanks')
      } })`,
    })
    const changes = { cell: { events: ['OrderPlaced'] }, plasma: { 'site-routes': { path: 'routes/shop' } } }
    const cell = await startTestCell(changes, root)
    expect((await cell.client().get('/order')).status).to.equal(200)
    expect(cell.plasma).to.have.property('order', 7)
    await cell.stop()
  })
})
