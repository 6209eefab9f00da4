import { expect } from 'chai'
import { join, relative } from 'node:path'
import { EventBus } from '../../../context/cell/event-bus'
import expressServer from '../../../plasma/express-server'
import { startTestCell } from '../../support/cell'
import { ROOT } from '../../support/project'
import { rejectionOf } from '../../support/rejection'
import { temporaryFolder, writeFiles } from '../../support/temporary-folder'

describe('the Express server', () => {
  const dna = { port: 0, host: '127.0.0.1' }
  /** As in the README of organic-express-server. */
  const readme = {
    ...dna,
    backlog: 511,
    emitReady: 'ExpressServer',
    closeOn: 'kill',
    forceConnectionsDestroyOnClose: false,
  }

  const scripts: [what: string, source: string][] = [
    ['is missing', ''],
    ['throws', 'throw new Error("on purpose")'],
    ['does not parse', 'module.exports = function ( {'],
    ['exports no function', 'module.exports = { default() {} }'],
  ]
  for (const [what, source] of scripts) {
    it(`is not built if its init script ${what}`, async () => {
      const folder = temporaryFolder()
      if (source) writeFiles(folder, { 'init.js': source })
      const error = await rejectionOf(() => {
        expressServer(new EventBus(), { ...dna, initScript: join(folder, 'init') })
      })
      expect(error).to.include({ name: 'DnaError', key: 'initScript' })
    })
  }

  it('is not built with wrong DNA', async () => {
    for (const [key, value] of Object.entries({ port: 65_536, hots: 'localhost', bodyLimit: 'much', emitReady: 7 })) {
      const error = await rejectionOf(() => {
        expressServer(new EventBus(), { ...dna, [key]: value })
      })
      expect(error).to.include({ name: 'DnaError', key })
    }
    for (const port of [65_536, -1, 1.5, 'abc', '65536', '', ' 80']) {
      const { message } = await rejectionOf(() => {
        expressServer(new EventBus(), { ...dna, port })
      })
      expect(message, String(port)).to.include('port: expected a port number from 0 to 65535')
    }
  })

  for (const changes of [{ logRunning: true }, { log: true }]) {
    it(`listens once the chemicals in its reactOn are there, says where, and ends at kill: ${JSON.stringify(changes)}`, async () => {
      const plasma = new EventBus()
      const listening = new Promise<Organic.Chemical<'ExpressServer'>>((resolve) => {
        plasma.once('ExpressServer', resolve)
      })
      const { log: original } = console
      const lines: unknown[] = []
      console.log = (...line) => lines.push(line.join(' '))
      try {
        expressServer(plasma, { ...readme, ...changes, reactOn: ['CellBuilt'] })
        await plasma.store('CellBuilt')
        await listening
      } finally {
        console.log = original
      }
      expect(lines).to.have.length(1)
      expect(lines[0]).to.match(/^express server running on 127\.0\.0\.1:\d+$/)
      const { server } = await listening
      expect(server.listening).to.equal(true)
      await plasma.emit('kill')
      expect(server.listening).to.equal(false)
    })
  }

  it('makes a cell even if organic-express-server itself is the source, with its own init script', async () => {
    const script = `const express = require(${JSON.stringify(join(ROOT, 'node_modules/express'))})
module.exports = function (plasma, dna, next) {
next(null, express().use(express.json()))
}`
    const folder = temporaryFolder()
    writeFiles(folder, { 'init-express-app.js': script })
    // The package itself looks in the working directory.
    const initScript = relative('', join(folder, 'init-express-app'))
    const source = 'node_modules/organic-express-server'
    const cell = await startTestCell({ plasma: { '~express-server': { ...readme, source, initScript } } })
    try {
      const client = cell.client()
      await client.registerAndLogIn()
      expect((await client.get('/api/me')).status).to.equal(200)
    } finally {
      await cell.stop()
    }
  })
})
