import { expect } from 'chai'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { cellFolder, startTestCell, type TestCell } from '../support/cell'
import { ROOT } from '../support/project'

const WORKER_BASE = JSON.stringify(join(ROOT, 'node_modules/organic-worker-interval'))

describe('a published organelle', () => {
  let cell: TestCell | undefined
  let root: string

  afterEach(async () => {
    await cell?.stop()
    cell = undefined
  })

  async function start(plasma: object, files: Record<string, string> = {}): Promise<TestCell> {
    root = cellFolder(files)
    cell = await startTestCell({ plasma }, root)
    return cell
  }

  it('organic-express-response answers with what routes leave in res.body and err.body', async () => {
    const plasma = {
      'express-response': { source: 'organic-express-response' },
      'site-routes': { path: 'routes/answers' },
    }
    const { client } = await start(plasma, {
      'routes/answers/index.js': `module.exports = () => ({
        'GET /answer': (req, res, next) => { res.body = { answer: 42 }; next() },
        'GET /error': (req, res, next) => { next(Object.assign(new Error(), { code: 418, body: { why: 'teapot' } })) },
      })`,
    })
    expect(await client().get('/answer')).to.deep.include({ status: 200, body: { answer: 42 } })
    expect(await client().get('/error')).to.deep.include({ status: 418, body: { why: 'teapot' } })
  })

  it('organic-express-static serves a folder of files', async () => {
    const folder = cellFolder({ 'files/hello.txt': 'hello' })
    const mount = { '/files': [`${folder}/files`] }
    const { client } = await start({ files: { source: 'organic-express-static', reactOn: 'ExpressServer', mount } })
    expect(await client().get('/files/hello.txt')).to.include({ status: 200, text: 'hello' })
  })

  it('organic-socketio-server shares the Express server, and emits chemicals of its own', async () => {
    const attachToChemical = { type: 'ExpressServer', propertyName: 'server' }
    const emit = { connection: 'SocketIOConnection' }
    const { plasma, client } = await start({ sockets: { source: 'organic-socketio-server', attachToChemical, emit } })
    const connected = new Promise((resolve) => plasma.once('SocketIOConnection', resolve))
    const { status, text } = await client().get('/socket.io/?EIO=3&transport=polling')
    expect([status, text]).to.satisfy(() => status === 200 && text.includes('"sid"'))
    expect(await connected).to.have.property('socket')
  })

  it('organic-logger puts the time before log lines until the cell ends', async () => {
    const folder = cellFolder({
      'target.js': 'exports.lines = []; exports.log = (...words) => exports.lines.push(words.slice(1))',
    })
    const target = join(folder, 'target.js')
    const dna = { prefixConsoleWithTimestamps: true, listenUncaughtExceptions: true, timeStampMethods: ['log'] }
    const listeners = process.listenerCount('uncaughtException')
    const logged = await start({ logger: { source: 'organic-logger', target, ...dna } })
    const loaded = createRequire(join(ROOT, 'cell.ts'))(target) as { lines: string[][]; log(word: string): void }
    loaded.log('hello')
    expect(loaded.lines).to.deep.equal([['LOG', 'hello']])
    await logged.stop()
    expect(process.listenerCount('uncaughtException')).to.equal(listeners)
  })

  it('organic-worker-interval works from the chemical that starts it until the cell ends', async () => {
    const worker = { source: 'plasma/worker', startOn: 'CellReady', intervalMiliseconds: 10 }
    const working = await start(
      { worker },
      {
        'plasma/worker.js': `module.exports = class extends require(${WORKER_BASE}) {
          constructor (plasma, dna) { super(plasma, dna); plasma.worker = this }
          async execute () { await this.plasma.emit('Ticked') }
        }`,
      },
    )
    await new Promise((resolve) => working.plasma.once('Ticked', resolve))
    await working.stop()
    expect(working.plasma).to.have.nested.property('worker.running', false)
  })
})
