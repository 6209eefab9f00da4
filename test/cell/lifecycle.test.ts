import { expect } from 'chai'
import { request, type Server } from 'node:http'
import { join } from 'node:path'
import { startCell } from '../../cell'
import { loadDna, type CellDna } from '../../context/cell/dna'
import { database } from '../../context/sql'
import { startTestCell } from '../support/cell'
import { Client, newCredentials } from '../support/client'
import { listen } from '../support/listening'
import { rejectionOf } from '../support/rejection'
import { temporaryFolder, writeFiles } from '../support/temporary-folder'

describe('a cell in this process', () => {
  it('starts, stops, and starts again on the same data', async () => {
    const changes = { data: { folder: temporaryFolder() } }
    const credentials = newCredentials()
    const first = await startTestCell(changes)
    expect((await first.client().post('/api/register', credentials)).status).to.equal(201)
    await first.stop()
    expect(await rejectionOf(() => fetch(first.address ?? ''))).to.be.instanceOf(Error)

    const second = await startTestCell(changes)
    expect((await second.client().post('/api/login', credentials)).status).to.equal(200)
    await second.stop()
  })

  it('has a CellReady chemical for whoever comes later', async () => {
    const cell = await startTestCell()
    let seen = false
    cell.plasma.on('CellReady', () => (seen = true))
    expect(seen).to.equal(true)
    await cell.stop()
  })

  it('ends by a kill chemical, whoever emits it, and closes the database after the last request', async () => {
    const cell = await startTestCell({
      plasma: { 'site-routes': { path: routesFolder({ 'slow.js': SLOW }) } },
    })
    const slow = cell.client().get('/slow')
    await new Promise((resolve) => cell.plasma.once('SlowBegan', resolve))
    await cell.plasma.emit('kill')
    await cell.stopped
    expect((await slow).body).to.deep.equal({ users: 0 })
    expect(() => database()).to.throw('No database is open.')
  })

  it('lets every reaction to kill finish first, also one that was added late', async () => {
    const cell = await startTestCell()
    let open: unknown
    cell.plasma.on('kill', async () => {
      await new Promise((resolve) => setTimeout(resolve, 50))
      open = await database().selectFrom('owners').selectAll().execute()
    })
    await cell.stop()
    expect(open).to.deep.equal([])
  })

  it('leaves nothing behind when it cannot start', async () => {
    const error = await rejectionOf(() => startTestCell({ plasma: { 'api-routes': { path: 'routes/missing' } } }))
    expect(error).to.have.property('message').that.contains('there is no folder routes/missing')
    expect(() => database()).to.throw('No database is open.')
    const cell = await startTestCell()
    await cell.stop()
  })

  it('has ended when its end is over, also where a part of it fails', async () => {
    const cell = await startTestCell()
    let isKilled = false
    cell.plasma.on('kill', () => Promise.reject(new Error('a reaction that fails')))
    cell.plasma.on('killed', async () => {
      await new Promise((resolve) => setTimeout(resolve, 50))
      isKilled = true
    })
    await cell.stop().catch(() => undefined)
    expect(isKilled).to.equal(true)
    expect(() => database()).to.throw('No database is open.')
  })

  it('cannot start on an address that is taken, or that is not its own', async () => {
    const taken = await listen(() => undefined)
    const port = Number(new URL(taken.address).port)
    const messages = [
      { 'express-server': { port } },
      { 'express-server': { host: '192.0.2.1' } },
      { 'express-server': { host: 'no.such.host.invalid' } },
    ].map((plasma) => async () => (await rejectionOf(() => startTestCell({ plasma }))).message)
    expect(await messages[0]?.()).to.contain(`port: 127.0.0.1:${port} is in use by another program`)
    expect(await messages[1]?.()).to.contain('host: 192.0.2.1:0 is not an address of this machine')
    expect(await messages[2]?.()).to.contain('host: no.such.host.invalid:0')
    await taken.stop()
  })

  it('boots whatever the order of its DNA is', async () => {
    const { plasma } = await loadDna({ folder: 'dna', mode: '_test', changes: { data: { folder: temporaryFolder() } } })
    const names = Object.keys(plasma)
    for (const order of [names, [...names].reverse(), ...rotations(names)]) {
      const cell = await startTestCell({
        '~plasma': Object.fromEntries(order.map((name) => [name, plasmaOf(plasma, name)])),
      })
      expect(Object.keys(cell.dna.plasma)).to.deep.equal(order)
      expect((await cell.client().get('/api/me')).status).to.equal(401)
      expect((await cell.client().get('/nothing')).status).to.equal(404)
      await cell.stop()
    }
  })

  it('holds requests back until it is ready', async () => {
    const folder = routesFolder({})
    writeFiles(folder, {
      // Asks the server as soon as it listens, before any route is there.
      'eager.js': `const { get } = require('node:http')
      module.exports = function (plasma) {
        plasma.on('ExpressServer', ({ server }) => {
          get({ port: server.address().port, path: '/api/me', headers: { accept: 'application/json' } }, (res) => {
            plasma.store({ type: 'EagerAnswer', status: res.statusCode, ready: plasma.has({ type: 'CellReady' }) })
            res.resume()
          })
        })
      }`,
    })
    const cell = await startTestCell({ plasma: { eager: { source: join(folder, 'eager.js') } } })
    const answer = await new Promise<Organic.Chemical>((resolve) => {
      cell.plasma.on('EagerAnswer', resolve)
    })
    expect(answer).to.deep.include({ status: 401, ready: true })
    await cell.stop()
  })

  it('refuses an unknown mode', async () => {
    const error = await rejectionOf(() => startCell({ mode: '_nothing' }))
    expect(error).to.have.property('message').that.contains('CELL_MODE: unknown mode "_nothing"')
  })

  it('ends while a connection is kept alive', async () => {
    const cell = await startTestCell()
    // The server itself would give it up in a few seconds.
    cell.plasma.on('ExpressServer', ({ server }: Organic.Chemical) => ((server as Server).keepAliveTimeout = 0))
    await new Promise<void>((resolve, reject) => {
      const { hostname, port } = new URL(cell.address ?? '')
      request({ hostname, port, path: '/', headers: { connection: 'keep-alive' } }, (res) =>
        res.resume().on('end', resolve),
      )
        .on('error', reject)
        .end()
    })
    await cell.stop()
    expect(await rejectionOf(() => new Client(cell.address ?? '').get('/'))).to.be.instanceOf(Error)
  })
})

const SLOW = `const { database } = require('${join(process.cwd(), 'context/sql')}')
module.exports = (plasma) => ({
  'GET': (req, res, next) => {
    plasma.emit('SlowBegan')
    setTimeout(async () => {
      res.response = { users: (await database().selectFrom('owners').selectAll().execute()).length }
      next()
    }, 200)
  },
})`

function routesFolder(files: Record<string, string>): string {
  const folder = temporaryFolder()
  writeFiles(folder, { 'index.js': 'module.exports = () => ({})', ...files })
  return folder
}

function rotations(names: string[]): string[][] {
  return names.slice(1, 4).map((_name, index) => [...names.slice(index + 1), ...names.slice(0, index + 1)])
}

function plasmaOf(plasma: CellDna['plasma'], name: string): unknown {
  return plasma[name]
}
