import { expect } from 'chai'
import express from 'express'
import { inspect } from 'node:util'
import { clientOf, networkOf } from '../../../context/cell/client'
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

describe('the network of an address', () => {
  const same: [what: string, ...addresses: string[]][] = [
    [
      'an IPv4 address in whatever way a socket says it',
      '192.0.2.7',
      '::ffff:192.0.2.7',
      '::FFFF:c000:207',
      '0:0:0:0:0:ffff:192.0.2.7',
    ],
    ['an IPv6 address in whatever way it is written', '2001:db8::1', '2001:DB8:0:0:0:0:0:1', '2001:0db8:0000::0001'],
    [
      'all addresses of a /64',
      '2001:db8:1:2::',
      '2001:db8:1:2::1',
      '2001:db8:1:2:ffff:ffff:ffff:ffff',
      '2001:db8:1:2:abcd::',
    ],
    ['an address of a link, on whatever link', 'fe80::1%eth0', 'fe80::2'],
    ['an address, with whatever port a proxy writes behind it', '192.0.2.7', '192.0.2.7:40001', '192.0.2.7:40002'],
    [
      'an IPv6 address, with whatever port a proxy writes behind it',
      '2001:db8:1:2::1',
      '[2001:db8:1:2::1]',
      '[2001:db8:1:2::7]:40001',
    ],
    [
      'everything that is not an address: a client cannot choose its network',
      '',
      'unknown',
      'unknown:1',
      '_hidden',
      '192.0.2.7, 192.0.2.8',
      '192.0.2.256',
      '::g',
    ],
  ]
  for (const [what, ...addresses] of same) {
    it(`is the same for ${what}`, () => {
      expect(new Set(addresses.map(networkOf)).size, addresses.map(networkOf).join()).to.equal(1)
    })
  }

  const different: [what: string, ...addresses: string[]][] = [
    ['neighbors with IPv4', '192.0.2.7', '192.0.2.8'],
    ['neighboring /64', '2001:db8:1:2::1', '2001:db8:1:3::1', '2001:db8:1:102::1'],
    ['an IPv4 address and an IPv6 one with the same numbers', '192.0.2.7', '::c000:207', 'c000:207::'],
    ['this machine with IPv4 and with IPv6', '127.0.0.1', '::1'],
    ['what is no address, and one that is', '', '192.0.2.7', '::1'],
  ]
  for (const [what, ...addresses] of different) {
    it(`is another one for ${what}`, () => {
      expect(new Set(addresses.map(networkOf)).size, addresses.map(networkOf).join()).to.equal(addresses.length)
    })
  }

  it('is an address, or nothing for what is not one', () => {
    const given = ['192.0.2.7', '2001:db8::1', 'fe80::1%eth0', '', ' ', 'a b', '192.0.2.7 x']
    for (const address of given) expect(networkOf(address) ?? '', address).to.match(/^[0-9a-f.:/]*$/)
  })
})
