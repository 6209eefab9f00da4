import { expect } from 'chai'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { readDna } from '../../context/cell/dna'
import { cellFolder, startTestCell, type TestCell } from '../support/cell'
import { newCredentials } from '../support/client'
import { ROOT } from '../support/project'
import { rejectionOf } from '../support/rejection'
import { temporaryFolder } from '../support/temporary-folder'

/** A route that answers late. */
const SLOW = `module.exports = (plasma) => ({
  'GET': (req, res, next) => {
    plasma.emit('SlowBegan')
    setTimeout(async () => {
      const { query } = plasma.get({ type: 'Database' }).data
      res.response = await query.selectFrom('owners').selectAll().execute()
      next()
    }, 200)
  },
})`
/** Sends the server a request as soon as it listens. */
const eager = (then: string): string => `const { get } = require('node:http')
module.exports = (plasma) => {
  plasma.on('ExpressServer', ({ server }) => {
    const options = { port: server.address().port, path: '/api/me', headers: { accept: 'application/json' } }
    get(options, (res) => {
      plasma.store({ type: 'EagerAnswer', status: res.statusCode, isReady: plasma.has({ type: 'CellReady' }) })
      res.resume()
    }).on('error', () => {})
  })
  ${then}
}`

describe('the life of a cell', () => {
  let cell: TestCell | undefined
  afterEach(() => cell?.stop().catch(() => undefined))

  async function start(files: Record<string, unknown> = {}, changes: object = {}): Promise<TestCell> {
    cell = await startTestCell(changes, cellFolder(files))
    return cell
  }

  it('begins without any account (OWASP ASVS 6.3.2)', async () => {
    const { database, client, plasma } = await start()
    expect(plasma.has({ type: 'CellReady' })).to.equal(true)
    for (const username of ['admin', 'root', 'user', 'operator']) {
      const { status } = await client().post('/api/login', { username, password: username })
      expect(status).to.equal(401)
    }
    expect(await database.query.selectFrom('owners').selectAll().execute()).to.deep.equal([])
    expect(await database.query.selectFrom('sessions').selectAll().execute()).to.deep.equal([])
  })

  it('ends when it is stopped, however often, and begins again on the data below its root', async () => {
    const root = cellFolder({ 'dna/_test/data.json': { folder: 'deep/data' } })
    const restart = async (): Promise<TestCell> => (cell = await startTestCell({ data: {} }, root))
    const credentials = newCredentials()
    const first = await restart()
    expect((await first.client().post('/api/register', credentials)).status).to.equal(201)
    await Promise.all([first.stop(), first.stop()])
    await first.stop()
    expect(await rejectionOf(() => fetch(first.address ?? ''))).to.be.instanceOf(TypeError)
    const second = await restart()
    expect((await second.client().post('/api/login', credentials)).status).to.equal(200)
    for (const file of ['cell.db', 'cookie-secret']) expect(existsSync(join(root, 'deep/data', file))).to.equal(true)
  })

  it('ends by a kill chemical from anyone, after the last request and every reaction to kill', async () => {
    const { plasma, stopped, client, database } = await start({
      'routes/own/slow.js': SLOW,
      'dna/_test/plasma/site-routes.json': { path: 'routes/own' },
    })
    const slow = client().get('/slow')
    await new Promise((resolve) => plasma.once('SlowBegan', resolve))
    let found: unknown
    plasma.on('kill', async () => {
      await new Promise((resolve) => setTimeout(resolve, 50))
      found = await database.query.selectFrom('owners').selectAll().execute()
    })
    await plasma.emit('kill')
    await stopped
    expect((await slow).body).to.deep.equal([])
    expect(found).to.deep.equal([])
    expect(() => database.query).to.throw('No database is open.')
  })

  it('ends completely even if a part of its end fails', async () => {
    const { plasma, database } = await start()
    let isKilled = false
    plasma.on('kill', () => Promise.reject(new Error('on purpose')))
    const warned = once(process, 'warning')
    plasma.on('killed', async () => {
      await new Promise((resolve) => setTimeout(resolve, 50))
      isKilled = true
    })
    expect(await cell?.stop().catch(() => 'failed')).to.equal('failed')
    expect(isKilled).to.equal(true)
    expect(String(await warned)).to.include('a reaction to kill failed: on purpose')
    expect(() => database.query).to.throw('No database is open.')
  })

  it('ends after stopTimeout although a route never answers', async () => {
    const { plasma, address, stop } = await start(
      { 'routes/own/never.js': `module.exports = (plasma) => ({ 'GET': () => { plasma.emit('NeverBegan') } })` },
      { plasma: { 'express-server': { stopTimeout: 100 }, 'site-routes': { path: 'routes/own' } } },
    )
    // By itself, the server gives up on idle clients sooner or later.
    plasma.on('ExpressServer', ({ server }) =>
      Object.assign(server, { headersTimeout: 0, requestTimeout: 0, keepAliveTimeout: 0 }),
    )
    const { hostname, port } = new URL(address ?? '')
    const socket = connect(Number(port), hostname).on('error', () => undefined)
    const began = new Promise((resolve) => plasma.once('NeverBegan', resolve))
    socket.write('GET /never HTTP/1.1\r\nHost: x\r\n\r\n')
    await began
    await Promise.all([stop(), once(socket, 'close')])
  })

  it('does not depend on the order of its DNA', async () => {
    const changes = { data: { folder: temporaryFolder() } }
    const { dna } = await readDna({ folder: `${ROOT}/dna`, mode: '_test', changes })
    const names = Object.keys(dna.plasma)
    for (const order of [[...names].reverse(), [...names.slice(3), ...names.slice(0, 3)]]) {
      const plasma = Object.fromEntries(order.map((name) => [name, dna.plasma[name]]))
      const one = await start({}, { '~plasma': plasma })
      expect(Object.keys(one.dna.plasma)).to.deep.equal(order)
      expect((await one.client().get('/api/me')).status).to.equal(401)
      expect((await one.client().get('/nothing')).status).to.equal(404)
      await one.stop()
    }
  })

  it('holds requests back until the cell is ready', async () => {
    const files = { 'plasma/eager.js': eager(''), 'dna/plasma/eager.json': { source: 'plasma/eager' } }
    const { plasma } = await start(files)
    const answer = await new Promise((resolve) => plasma.on('EagerAnswer', resolve))
    expect(answer).to.deep.include({ status: 401, isReady: true })
  })

  it('ends at once if the boot fails with a request under way', async () => {
    const files = {
      'dna/_test/plasma/site-routes.json': { path: 'routes/missing' },
      'dna/plasma/eager.json': { source: 'plasma/eager' },
      // The boot fails after the request has come in.
      'plasma/eager.js': eager(`const { store } = plasma
        plasma.store = (chemical) => new Promise((resolve) => setTimeout(resolve, 100)).then(() => store.call(plasma, chemical))`),
    }
    const { message } = await rejectionOf(() => start(files))
    expect(message).to.match(/there is no folder .*routes\/missing/)
  })

  it('lets an organelle react to an event of its own, which a route emits', async () => {
    const { client, plasma } = await start(
      {
        'plasma/shop.js':
          'module.exports = (plasma, dna) => { plasma.on(dna.reactOn, ({ order }) => { plasma.order = order }) }',
        'dna/plasma/shop.json': { source: 'plasma/shop', reactOn: 'OrderPlaced' },
        'routes/shop/order.js': `module.exports = (plasma) => ({ 'GET': (req, res) => {
          plasma.emit({ type: 'OrderPlaced', order: 7 })
          res.json('thanks')
        } })`,
      },
      { cell: { events: ['OrderPlaced'] }, plasma: { 'site-routes': { path: 'routes/shop' } } },
    )
    expect((await client().get('/order')).status).to.equal(200)
    expect(plasma).to.have.property('order', 7)
  })
})
