import { expect } from 'chai'
import express from 'express'
import { inspect } from 'node:util'
import { clientOf } from '../../../context/cell/client'
import { Client } from '../../support/client'
import { listen } from '../../support/listening'

describe('the client of a request', () => {
  it('has its program in its own words, of which it keeps 256 characters', () => {
    for (const agent of ['Example/1.0 (a program)', 'x'.repeat(256)])
      expect(clientOf({ headers: { 'user-agent': agent } })).to.include({ agent })
    expect(clientOf({ headers: { 'user-agent': 'x'.repeat(257) } })).to.include({ agent: 'x'.repeat(256) })
  })

  it('has the address that a proxy says only where that proxy is trusted (OWASP ASVS 4.1.3)', async () => {
    const app = express().get('/', (req, res) => {
      res.json(clientOf(req))
    })
    const server = await listen(app)
    const client = new Client(server.address)
    try {
      for (const [trusted, address] of [
        [false, '127.0.0.1'],
        ['198.51.100.1', '127.0.0.1'],
        ['loopback', '192.0.2.7'],
      ] as const) {
        app.set('trust proxy', trusted)
        const { body } = await client.get('/', { 'x-forwarded-for': '192.0.2.7', 'user-agent': 'x' })
        expect(body).to.deep.equal({ address, agent: 'x' })
      }
    } finally {
      await server.stop()
    }
  })

  it('has the address alone where a proxy adds a port, for logs and trust points as for the throttle', () => {
    for (const [ip, address] of [
      ['192.0.2.7:40123', '192.0.2.7'],
      ['[2001:db8::7]:40123', '2001:db8::7'],
      ['x'.repeat(65), 'x'.repeat(64)],
    ] as const)
      expect(clientOf({ ip })).to.include({ address })
  })

  it('is nobody known, and no failure, where there is nothing of the expected type', () => {
    const address = { toString: () => '192.0.2.7' }
    for (const req of [undefined, {}, { headers: null }, { headers: 'x' }, { ip: address }, { ip: 1 }])
      expect(clientOf(req), inspect(req)).to.deep.equal({ address: undefined, agent: undefined })
    for (const agent of [['x'], { slice: () => 'x' }])
      expect(clientOf({ headers: { 'user-agent': agent } })).to.include({ agent: undefined })
  })
})
