import { expect } from 'chai'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { Load } from '../../bench/load'

const SLOW = 500

describe('the load generator', () => {
  let load: Load
  const server = createServer((_req, res) => {
    void wait(SLOW).then(() => res.end('"owner-0"'))
  })

  before((done) => {
    load = new Load()
    server.listen(0, '127.0.0.1', done)
  })
  afterEach(() => load.stop())
  after((done) => {
    load.close()
    server.close(done)
    server.closeAllConnections()
  })

  /** Starts one connection that sends requests. */
  function start(expected: string): void {
    const address = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`
    load.start({ addresses: [address], connections: 1, path: '/', clients: [{ cookie: '', expected }] })
  }

  it('ends no lap before something has been answered', async () => {
    start('"owner-0"')
    for (let index = 0; index < 2; index += 1) {
      expect((await load.lap()).latencies).to.have.length.of.at.least(1)
    }
  })

  it('fails a lap with an answer that is not as expected', async () => {
    start('"owner-1"')
    const error: unknown = await load.lap().catch((error: unknown) => error)
    expect(String(error)).to.contain('wrong answers: 200: "owner-0"')
  })
})
