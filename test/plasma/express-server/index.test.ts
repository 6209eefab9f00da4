import { expect } from 'chai'
import { join, relative } from 'node:path'
import { EventBus } from '../../../context/cell/event-bus'
import expressServer from '../../../plasma/express-server'
import { startTestCell, type TestCell } from '../../support/cell'
import { Client } from '../../support/client'
import { rejectionOf } from '../../support/rejection'
import { temporaryFolder, writeFiles } from '../../support/temporary-folder'

describe('the Express server', () => {
  const dna = {
    reactOn: ['CellBuilt'],
    emitReady: 'ExpressServer',
    port: 0,
    host: '127.0.0.1',
    initScript: 'context/http/express-app',
  }

  const scripts: [what: string, source: string][] = [
    ['that is not there', ''],
    ['that throws', 'throw new Error("on purpose")'],
    ['that does not parse', 'module.exports = function ( {'],
    ['that exports no function', 'module.exports = { default() {} }'],
  ]
  for (const [what, source] of scripts) {
    it(`is not built with an init script ${what}`, async () => {
      const folder = temporaryFolder()
      if (source) writeFiles(folder, { 'init.js': source })
      const initScript = relative(process.cwd(), join(folder, 'init'))
      const error = await rejectionOf(() => {
        expressServer(new EventBus(), { ...dna, initScript })
      })
      expect(error).to.include({ name: 'DnaError', key: 'initScript' })
    })
  }

  const wrong: [key: string, value: unknown][] = [
    ['port', 'abc'],
    ['port', 65_536],
    ['port', undefined],
    ['host', ''],
    ['hots', 'localhost'],
    ['initScript', ''],
    ['initScript', true],
    ['emitReady', 7],
    ['reactOn', []],
    ['bodyLimit', 'much'],
  ]
  for (const [key, value] of wrong) {
    it(`is not built with ${key} ${JSON.stringify(value)}`, async () => {
      const error = await rejectionOf(() => {
        expressServer(new EventBus(), { ...dna, [key]: value })
      })
      expect(error).to.include({ name: 'DnaError', key })
    })
  }

  it('listens once the chemicals of its reactOn are there, and ends at kill', async () => {
    const plasma = new EventBus()
    const listening = new Promise<Organic.Chemical>((resolve) => {
      plasma.once('ExpressServer', resolve)
    })
    expressServer(plasma, dna)
    await plasma.store('CellBuilt')
    const { server } = (await listening) as Organic.Chemical & { server: { listening: boolean } }
    expect(server.listening).to.equal(true)
    await plasma.emit('kill')
    expect(server.listening).to.equal(false)
  })

  describe('with the DNA in the README of organic-express-server', () => {
    const readme = {
      port: 0,
      host: '127.0.0.1',
      backlog: 511,
      log: false,
      emitReady: 'ExpressServer',
      closeOn: 'kill',
      forceConnectionsDestroyOnClose: false,
    }
    /** @returns a cell with this DNA for its server, and no other */
    const startWith = (dna: object): Promise<TestCell> => startTestCell({ plasma: { '~express-server': dna } })

    it('is a cell with a gate, sessions and routes', async () => {
      const cell = await startWith({ source: 'plasma/express-server', ...readme })
      try {
        const client = cell.client()
        await client.registerAndLogIn()
        expect((await client.get('/api/me')).status).to.equal(200)
      } finally {
        await cell.stop()
      }
    })

    it('says where it listens, by logRunning or by log', async () => {
      const { log: original } = console
      const lines: unknown[] = []
      console.log = (...line) => lines.push(line.join(' '))
      try {
        for (const changes of [{ logRunning: true, log: undefined }, { log: true }]) {
          const cell = await startWith({ source: 'plasma/express-server', ...readme, ...changes })
          await cell.stop()
        }
      } finally {
        console.log = original
      }
      expect(lines).to.have.length(2)
      for (const line of lines) expect(line).to.match(/^express server running on 127\.0\.0\.1:\d+$/)
    })

    it('is a cell even if that package itself is the source, with its own init script', async () => {
      const folder = temporaryFolder()
      writeFiles(folder, {
        'init-express-app.js': `const express = require('${join(process.cwd(), 'node_modules/express')}')
module.exports = function (plasma, dna, next) {
  var app = express()
  app.use(express.json())
  next(null, app)
}`,
      })
      const initScript = relative(process.cwd(), join(folder, 'init-express-app'))
      const cell = await startWith({ source: 'node_modules/organic-express-server', ...readme, initScript })
      try {
        const client = new Client(cell.address ?? '')
        await client.registerAndLogIn()
        expect((await client.get('/api/me')).status).to.equal(200)
      } finally {
        await cell.stop()
      }
    })
  })
})
