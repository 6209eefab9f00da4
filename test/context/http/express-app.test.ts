import { expect } from 'chai'
import type { Express } from 'express'
import { inspect } from 'node:util'
import type { DnaError } from '../../../context/cell'
import expressApp from '../../../context/http/express-app'
import { EventBus } from '../../../context/cell/event-bus'
import { rejectionOf } from '../../support/rejection'

const good = { reactOn: 'CellBuilt', emitReady: 'ExpressServer', initScript: 'context/http/express-app', port: 0 }

describe('the application', () => {
  const make = (dna: Organic.Dna, plasma = new EventBus()): Promise<Express> => {
    return new Promise((resolve) => {
      expressApp(plasma, dna, (_error, app) => resolve(app))
      void plasma.store('CellBuilt')
    })
  }

  it('is handed on when all that DNA names is there, once', async () => {
    const plasma = new EventBus()
    let calls = 0
    expressApp(plasma, { ...good, reactOn: ['CellBuilt', 'Database'] }, () => (calls += 1))
    await plasma.store('CellBuilt')
    expect(calls).to.equal(0)
    await plasma.store('Database')
    await plasma.store('Database')
    expect(calls).to.equal(1)
  })

  it('says nothing of what it is made with, and believes no proxy', async () => {
    const app = await make(good)
    expect(app.get('x-powered-by')).to.equal(false)
    expect(app.get('trust proxy')).to.equal(false)
    // The one for nested objects takes the square of the query's length.
    expect(app.get('query parser')).to.equal('simple')
    expect((await make({ ...good, trustProxy: 'loopback' })).get('trust proxy')).to.equal('loopback')
  })

  const accepted: [what: string, dna: Organic.Dna][] = [
    ['the port 0', { ...good, port: 0 }],
    ['the port 65535', { ...good, port: 65_535 }],
    ['a port from the environment', { ...good, port: '1337' }],
    ['a host', { ...good, host: '::1' }],
    ['a body limit', { ...good, bodyLimit: '1mb' }],
    ['one proxy', { ...good, trustProxy: 1 }],
    ['proxies by address', { ...good, trustProxy: '10.0.0.0/8, ::1' }],
    ['what organic-express-server takes', { ...good, source: 'x', backlog: 5, log: true, closeOn: 'kill' }],
    ['nothing but a port', { port: 0 }],
    ['timeouts', { ...good, requestTimeout: 1000, answerTimeout: 1000, stopTimeout: 1000 }],
    ['connections that end with the cell', { ...good, forceConnectionsDestroyOnClose: true }],
  ]
  for (const [what, dna] of accepted) {
    it(`takes ${what}`, async () => {
      expect(await make(dna)).to.be.a('function')
    })
  }

  const refused: [key: string, values: unknown[]][] = [
    [
      'port',
      ['abc', '', '-1', '1337x', '1.5', ' 80', '80\n', '123456', '70000', -1, 70_000, 65_536, 1.5, NaN, Infinity],
    ],
    ['port', [undefined, null, true, [80], {}]],
    ['host', [1, '', null, true, ['127.0.0.1']]],
    ['bodyLimit', [16, '', '16', '16 kb', '16KB', 'kb', '-1kb', '1.5mb', '1gb', 'unlimited', '16kb\n', null, true]],
    ['trustProxy', [true, null, 0, -1, 1.5, '', [], 'nonsense', '10.0.0.0/99', 'loopback, nonsense']],
    ['backlog', [0, -1, '5', 1.5]],
    ['log', ['true', 1, null]],
    ['initScript', [null, '', 5]],
    ['logRunning', ['true', 1, null]],
    ['requestTimeout', [0, -1, 1.5, '30000', null, 600_001]],
    ['answerTimeout', [0, '1s', 600_001]],
    ['stopTimeout', [0, 8001, 10_000]],
    ['closeOn', [5, ['kill'], false]],
    ['forceConnectionsDestroyOnClose', ['yes', 1]],
    ['reactOn', [null, [], 5, [5]]],
    ['emitReady', [null, '', 5, ['ExpressServer']]],
    ['source', [5, null]],
    ['trustProxies', ['loopback']],
  ]
  for (const [key, values] of refused) {
    for (const value of values) {
      it(`refuses the ${key} ${inspect(value)}, by its key`, async () => {
        const dna: Organic.Dna = { ...good, [key]: value }
        if (value === undefined) Reflect.deleteProperty(dna, key)
        const error = await rejectionOf<DnaError>(() => expressApp(new EventBus(), dna, () => undefined))
        expect(error.name).to.equal('DnaError')
        expect(error.key.split('.')[0]).to.equal(key)
      })
    }
  }
})
