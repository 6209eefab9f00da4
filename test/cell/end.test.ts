import { expect } from 'chai'
import { once } from 'node:events'
import type { Server } from 'node:http'
import { connect } from 'node:net'
import { Client, newCredentials } from '../support/client'
import { startTestCell } from '../support/cell'
import { CellProcess } from '../support/process'
import { copyProject } from '../support/project'
import { rejectionOf } from '../support/rejection'

const SLOW = `module.exports = () => ({
  'GET': (req, res, next) => { console.log('slow began'); setTimeout(() => { res.response = 'done'; next() }, 900) },
})`

describe('the end of a cell', () => {
  it('comes after the requests in flight when a terminal interrupts npm start and the cell at once', async () => {
    const folder = copyProject({ 'routes/site/slow.js': SLOW })
    const cell = new CellProcess(folder, { CELL_MODE: '_test', CELL_DATA: 'data' }, ['npm', 'start', '--silent'])
    const client = new Client(await cell.ready())
    const slow = client.get('/slow')
    await cell.prints('slow began')
    // The group, as Ctrl-C does; npm passes the signal on once more.
    process.kill(-(cell.child.pid ?? 0), 'SIGINT')
    expect((await slow).body).to.equal('done')
    expect((await cell.ended).code).to.equal(0)
  })

  it('does not wait for connections that have asked for nothing', async () => {
    const cell = await startTestCell()
    // The server itself would give them up in a minute.
    cell.plasma.on('ExpressServer', ({ server }: Organic.Chemical) =>
      Object.assign(server as Server, { headersTimeout: 0, requestTimeout: 0 }),
    )
    const { hostname, port } = new URL(cell.address ?? '')
    const silent = connect(Number(port), hostname)
    await once(silent, 'connect')
    // One request later the server has seen it.
    await cell.client().get('/')
    const closed = once(silent, 'close')
    await cell.stop()
    await closed
  })

  it('is the same for whoever asks for it again', async () => {
    const cell = await startTestCell()
    await Promise.all([cell.stop(), cell.stop()])
    await cell.stop()

    const other = await startTestCell()
    await other.plasma.emit('kill')
    await other.stop()
  })

  it('is not held back by a request that a cell cannot answer because it fails to boot', async () => {
    const folder = copyProject({
      'dna/_test/plasma/site-routes.json': { path: 'routes/missing' },
      'dna/plasma/eager.json': { source: 'plasma/eager' },
      'plasma/eager.js': `const { get } = require('node:http')
      module.exports = function (plasma) {
        plasma.on('ExpressServer', ({ server }) => get({ port: server.address().port }).on('error', () => {}))
        // The boot fails when the request has come in.
        const { store } = plasma
        plasma.store = (chemical) => new Promise((resolve) => setTimeout(resolve, 300)).then(() => store.call(plasma, chemical))
      }`,
    })
    const { code, stderr } = await new CellProcess(folder, { CELL_MODE: '_test', CELL_DATA: 'data' }).ended
    expect(stderr).to.match(/there is no folder routes\/missing/)
    expect(code).to.equal(1)
  })

  it('is not brought to a cell by another one that cannot start in the same process', async () => {
    const cell = await startTestCell()
    const error = await rejectionOf(() => startTestCell())
    expect(error.message).to.contain('a database is open in this process already')
    await cell.client().registerAndLogIn(newCredentials())
    await cell.stop()
  })
})
