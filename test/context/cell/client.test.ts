import { expect } from 'chai'
import express from 'express'
import { inspect } from 'node:util'
import { clientOf } from '../../../context/cell/client'
import { Client } from '../../support/client'
import { listen } from '../../support/listening'

const NOBODY = { address: undefined, agent: undefined }

describe('the client of a request', () => {
  /** What is known of a client whose request has these headers. */
  async function seenWith(headers: Record<string, string>, trustProxy: unknown = false): Promise<unknown> {
    const app = express()
      .set('trust proxy', trustProxy)
      .get('/', (req, res) => {
        res.json(clientOf(req))
      })
    const server = await listen(app)
    try {
      return (await new Client(server.address).get('/', headers)).body
    } finally {
      await server.stop()
    }
  }

  it('has its address and its program, in its own words', async () => {
    expect(await seenWith({ 'user-agent': 'Example/1.0 (a program)' })).to.deep.equal({
      address: '127.0.0.1',
      agent: 'Example/1.0 (a program)',
    })
  })

  it('has the address that a proxy says only where that proxy is trusted (OWASP ASVS 4.1.3)', async () => {
    const headers = { 'x-forwarded-for': '192.0.2.7', 'user-agent': 'x' }
    expect(await seenWith(headers)).to.include({ address: '127.0.0.1' })
    expect(await seenWith(headers, '198.51.100.1')).to.include({ address: '127.0.0.1' })
    expect(await seenWith(headers, 'loopback')).to.include({ address: '192.0.2.7' })
  })

  for (const [said, address] of [
    ['192.0.2.7:40123', '192.0.2.7'],
    ['[2001:db8::7]:40123', '2001:db8::7'],
  ] as const) {
    it(`has the address alone where a proxy adds a port, for logs and trust points as for the throttle: ${said}`, async () => {
      expect(await seenWith({ 'x-forwarded-for': said }, 'loopback')).to.include({ address })
    })
  }

  it('has no more than 256 characters of its words', async () => {
    expect(await seenWith({ 'user-agent': 'x'.repeat(256) })).to.have.property('agent', 'x'.repeat(256))
    expect(await seenWith({ 'user-agent': `${'x'.repeat(256)}y` })).to.have.property('agent', 'x'.repeat(256))
    expect(await seenWith({ 'user-agent': 'x'.repeat(8000) })).to.have.property('agent', 'x'.repeat(256))
  })

  const others: [what: string, req: Parameters<typeof clientOf>[0]][] = [
    ['no request', undefined],
    ['a request without anything', {}],
    ['headers that are none', { headers: null }],
    ['headers that are a text', { headers: 'user-agent: x' }],
    ['an address that is no text', { ip: { toString: () => '192.0.2.7' } }],
    ['an address that is a number', { ip: 1 }],
    ['a list of programs', { headers: { 'user-agent': ['x'] } }],
    ['an agent that is an object', { headers: { 'user-agent': { slice: () => 'x' } } }],
  ]
  for (const [what, req] of others) {
    it(`is nobody known, and no failure, where there is ${what}`, () => {
      expect(clientOf(req), inspect(req)).to.deep.equal(NOBODY)
    })
  }
})
