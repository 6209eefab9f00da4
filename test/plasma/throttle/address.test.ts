import { expect } from 'chai'
import { isWithin, networkOf } from '../../../plasma/throttle/address'

describe('the network of an address', () => {
  const same: [what: string, ...addresses: string[]][] = [
    ['an IPv4 address in whatever way a socket says it', '192.0.2.7', '::ffff:192.0.2.7', '::FFFF:c000:207', '0:0:0:0:0:ffff:192.0.2.7'],
    ['an IPv6 address in whatever way it is written', '2001:db8::1', '2001:DB8:0:0:0:0:0:1', '2001:0db8:0000::0001'],
    ['all addresses of a /64', '2001:db8:1:2::', '2001:db8:1:2::1', '2001:db8:1:2:ffff:ffff:ffff:ffff', '2001:db8:1:2:abcd::'],
    ['an address of a link, on whatever link', 'fe80::1%eth0', 'fe80::2'],
    ['an address, with whatever port a proxy writes behind it', '192.0.2.7', '192.0.2.7:40001', '192.0.2.7:40002'],
    ['an IPv6 address, with whatever port a proxy writes behind it', '2001:db8:1:2::1', '[2001:db8:1:2::1]', '[2001:db8:1:2::7]:40001'],
    ['all that is no address: nobody has as many as he likes', '', 'unknown', 'unknown:1', '_hidden', '192.0.2.7, 192.0.2.8', '192.0.2.256', '::g'],
  ]
  for (const [what, ...addresses] of same) {
    it(`is the same for ${what}`, () => {
      expect(new Set(addresses.map(networkOf)).size, addresses.map(networkOf).join()).to.equal(1)
    })
  }

  const different: [what: string, ...addresses: string[]][] = [
    ['neighbours with IPv4', '192.0.2.7', '192.0.2.8'],
    ['neighbouring /64', '2001:db8:1:2::1', '2001:db8:1:3::1', '2001:db8:1:102::1'],
    ['an IPv4 address and an IPv6 one with the same numbers', '192.0.2.7', '::c000:207', 'c000:207::'],
    ['this machine with IPv4 and with IPv6', '127.0.0.1', '::1'],
    ['what is no address, and one that is', '', '192.0.2.7', '::1'],
  ]
  for (const [what, ...addresses] of different) {
    it(`is another one for ${what}`, () => {
      expect(new Set(addresses.map(networkOf)).size, addresses.map(networkOf).join()).to.equal(addresses.length)
    })
  }

  it('is no address of anybody: a name or a space in it would be another key', () => {
    const given = ['192.0.2.7', '2001:db8::1', 'fe80::1%eth0', '', ' ', 'a b', '192.0.2.7 x']
    for (const address of given) expect(networkOf(address), address).to.match(/^[0-9a-z./]+$/)
  })
})

describe('an address within ranges', () => {
  const within: [address: string, ...ranges: string[]][] = [
    ['10.1.2.3', '10.1.2.3'],
    ['10.1.2.3', '192.0.2.0/24', '10.0.0.0/8'],
    ['::ffff:10.1.2.3', '10.0.0.0/8'],
    ['10.1.2.3', '::ffff:10.1.2.3'],
    ['10.1.2.3', '::ffff:10.0.0.0/104'],
    ['10.1.2.3', '10.1.2.3/32'],
    ['10.1.2.3', '10.9.9.9/8'],
    ['10.1.2.3', '0.0.0.0/0'],
    ['10.1.2.3:40001', '10.0.0.0/8'],
    ['[2001:db8::7]:40001', '2001:db8::/32'],
    ['2001:db8::7', '2001:db8::/32'],
    ['2001:DB8::7', '2001:db8::7'],
    ['::1', '127.0.0.1', '::1'],
  ]
  for (const [address, ...ranges] of within) {
    it(`is one of them: ${address} in ${ranges.join(', ')}`, () => {
      expect(isWithin(address, ranges)).to.equal(true)
    })
  }

  const outside: [address: string, ...ranges: string[]][] = [
    ['10.1.2.3'],
    ['10.1.2.3', '10.1.2.4'],
    ['10.1.2.3', '10.1.2.30'],
    ['11.0.0.0', '10.0.0.0/8'],
    ['10.1.2.3', '::/0'],
    ['2001:db8::7', '0.0.0.0/0'],
    ['2001:db9::7', '2001:db8::/32'],
    ['2001:db8::8', '2001:db8::7'],
    ['', '0.0.0.0/0', '::/0'],
    ['unknown', '0.0.0.0/0', '::/0'],
    ['10.1.2.3, 10.0.0.1', '10.0.0.0/8'],
    ['10.1.2.3 ', '10.1.2.3'],
  ]
  for (const [address, ...ranges] of outside) {
    it(`is none of them: "${address}" in ${ranges.join(', ') || 'none'}`, () => {
      expect(isWithin(address, ranges)).to.equal(false)
    })
  }
})
