import { expect } from 'chai'
import type { Express } from 'express'
import { DnaError } from '../../../context/cell'
import { EventBus } from '../../../context/cell/event-bus'
import expressApp from '../../../context/http/express-app'

describe('the Express app', () => {
  const make = (dna: Organic.Dna): Promise<Express> => {
    return new Promise((resolve) => {
      const plasma = new EventBus()
      expressApp(plasma, { port: 0, ...dna }, (_error, app) => resolve(app))
      void plasma.store('CellBuilt')
    })
  }

  it('is handed over once, when every chemical in reactOn is there', async () => {
    const plasma = new EventBus()
    let calls = 0
    expressApp(plasma, { port: 0, reactOn: ['CellBuilt', 'Database'] }, () => (calls += 1))
    await plasma.store('CellBuilt')
    expect(calls).to.equal(0)
    await plasma.store('Database')
    await plasma.store('Database')
    expect(calls).to.equal(1)
  })

  it('does not say what it is made with, trusts no proxy and parses only flat queries', async () => {
    const app = await make({})
    expect([app.get('x-powered-by'), app.get('trust proxy')]).to.deep.equal([false, false])
    // The parser for nested fields takes quadratic time.
    expect(app.get('query parser')).to.equal('simple')
    expect((await make({ trustProxy: 'loopback' })).get('trust proxy')).to.equal('loopback')
  })
})

describe('the DNA of the Express app', () => {
  const build = (dna: Organic.Dna): void => expressApp(new EventBus(), { port: 0, ...dna }, () => undefined)

  it('takes what is documented', () => {
    const upstream = { source: 'x', backlog: 5, log: true, closeOn: 'kill', forceConnectionsDestroyOnClose: true }
    const timeouts = { requestTimeout: 1000, answerTimeout: 1000, stopTimeout: 1000 }
    const others = [{ port: 65_535 }, { port: '1337' }, { host: '::1' }, { bodyLimit: '1mb' }, { trustProxy: 1 }]
    for (const dna of [upstream, timeouts, ...others, { trustProxy: '10.0.0.0/8, ::1' }]) build(dna)
  })

  const refused: Record<string, unknown[]> = {
    port: ['abc', '', '-1', '1337x', ' 80', '80\n', '70000', -1, 65_536, 1.5, NaN, null, true, [80], undefined],
    host: [1, '', null, true, ['127.0.0.1']],
    bodyLimit: [16, '', '16', '16 kb', '16KB', 'kb', '-1kb', '1.5mb', '1gb', 'unlimited', '16kb\n', null],
    trustProxy: [true, null, 0, -1, 1.5, '', [], 'nonsense', '10.0.0.0/99', 'loopback, nonsense'],
    backlog: [0, -1, '5', 1.5],
    log: ['true', 1, null],
    logRunning: ['true', 1],
    initScript: [null, '', 5],
    requestTimeout: [0, -1, 1.5, '30000', null, 600_001],
    answerTimeout: [0, '1s', 600_001],
    stopTimeout: [0, 8001],
    closeOn: [5, ['kill'], false],
    forceConnectionsDestroyOnClose: ['yes', 1],
    reactOn: [null, [], 5, [5]],
    emitReady: [null, '', 5, ['ExpressServer']],
    source: [5, null],
    trustProxies: ['loopback'],
  }
  it('refuses everything else, by its key', () => {
    for (const [key, values] of Object.entries(refused)) {
      for (const value of values)
        expect(() => build({ [key]: value }), `${key} ${String(value)}`)
          .to.throw(DnaError)
          .with.property('key')
          .that.matches(new RegExp(`^${key}\\b`))
    }
  })
})
