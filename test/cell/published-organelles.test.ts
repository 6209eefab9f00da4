import { expect } from 'chai'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { startTestCell, type TestCell } from '../support/cell'
import { Client } from '../support/client'
import { ROOT } from '../support/project'
import { rejectionOf } from '../support/rejection'
import { temporaryFolder, writeFiles } from '../support/temporary-folder'

describe('a published organelle', () => {
  let cell: TestCell | undefined
  let folder: string

  beforeEach(() => {
    folder = temporaryFolder()
  })

  afterEach(async () => {
    await cell?.stop()
    cell = undefined
  })

  async function start(plasma: object): Promise<TestCell> {
    cell = await startTestCell({ plasma })
    return cell
  }

  it('organic-express-response answers with what routes leave in res.body and err.body', async () => {
    writeFiles(folder, {
      'index.js': `module.exports = () => ({
        'GET /answer': (req, res, next) => { res.body = { answer: 42 }; next() },
        'GET /error': (req, res, next) => { next(Object.assign(new Error(), { code: 418, body: { why: 'teapot' } })) },
      })`,
    })
    const client = (
      await start({ 'express-response': { source: 'organic-express-response' }, 'site-routes': { path: folder } })
    ).client()
    expect(await client.get('/answer')).to.deep.include({ status: 200, body: { answer: 42 } })
    expect(await client.get('/error')).to.deep.include({ status: 418, body: { why: 'teapot' } })
  })

  it('organic-express-static serves a folder of files', async () => {
    writeFiles(folder, { 'hello.txt': 'hello' })
    const files = { source: 'organic-express-static', reactOn: 'ExpressServer', mount: { '/files': [folder] } }
    expect(await (await start({ files })).client().get('/files/hello.txt')).to.include({ status: 200, text: 'hello' })
  })

  it('organic-express-static does not work with the DNA in its README: the boot stops with its own message, and leaves nothing open', async () => {
    const files = { source: 'organic-express-static', reactOn: 'ExpressServer', mount: { '/files': folder } }
    const { message } = await rejectionOf(() => start({ files }))
    expect(message).to.match(/^dna\/plasma\/files: .*forEach is not a function$/)
    await start({})
  })

  it('organic-socketio-server shares the Express server, and emits its own chemicals', async () => {
    const sockets = {
      source: 'organic-socketio-server',
      attachToChemical: { type: 'ExpressServer', propertyName: 'server' },
      emit: { connection: 'SocketIOConnection' },
    }
    const { plasma, address } = await start({ sockets })
    const connected = new Promise<Organic.Chemical>((resolve) => {
      plasma.once('SocketIOConnection', resolve)
    })
    const { status, text } = await new Client(address ?? '').get('/socket.io/?EIO=3&transport=polling')
    expect(status).to.equal(200)
    expect(text).to.include('"sid"')
    expect(await connected).to.have.property('socket')
  })

  it('organic-logger puts the time before log lines until the cell ends', async () => {
    const target = join(folder, 'target.js')
    writeFiles(folder, {
      'target.js': 'exports.lines = []; exports.log = (...words) => exports.lines.push(words.slice(1))',
    })
    const logger = {
      source: 'organic-logger',
      target,
      prefixConsoleWithTimestamps: true,
      listenUncaughtExceptions: true,
      timeStampMethods: ['log'],
    }
    const listeners = process.listenerCount('uncaughtException')
    const logged = await start({ logger })
    const loaded = createRequire(join(ROOT, 'cell.ts'))(target) as { lines: string[][]; log(word: string): void }
    loaded.log('hello')
    expect(loaded.lines).to.deep.equal([['LOG', 'hello']])
    await logged.stop()
    expect(process.listenerCount('uncaughtException')).to.equal(listeners)
  })

  it('organic-worker-interval works from the chemical that starts it until the cell ends', async () => {
    const base = join(ROOT, 'node_modules/organic-worker-interval')
    writeFiles(folder, {
      'worker.js': `module.exports = class extends require(${JSON.stringify(base)}) {
        constructor (plasma, dna) { super(plasma, dna); plasma.worker = this }
        async execute () { await this.plasma.emit('Ticked') }
      }`,
    })
    const worker = { source: join(folder, 'worker.js'), startOn: 'CellReady', intervalMiliseconds: 10 }
    const working = await start({ worker })
    await new Promise((resolve) => {
      working.plasma.once('Ticked', resolve)
    })
    await working.stop()
    expect(working.plasma).to.have.nested.property('worker.running', false)
  })
})
