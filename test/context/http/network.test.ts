import { expect } from 'chai'
import { networkOf, parseAddress } from '../../../context/http/network'

describe('networkOf', () => {
  const networks: [network: string | undefined, ...addresses: unknown[]][] = [
    ['192.0.2.7', '192.0.2.7', '::ffff:192.0.2.7', '::FFFF:c000:207', '192.0.2.7:40001', '[192.0.2.7]'],
    ['192.0.2.8', '192.0.2.8'],
    ['2001:db8:1:2::/64', '2001:db8:1:2::1', '2001:DB8:1:2:ffff:ffff:ffff:ffff', '[2001:db8:1:2::7]:40001'],
    ['2001:db8:1:3::/64', '2001:db8:1:3::1'],
    ['fe80::/64', 'fe80::1%eth0', 'fe80::2'],
    // The same bits as 192.0.2.7, and yet no IPv4 address.
    ['::/64', '::c000:207', '::1'],
    [undefined, '', ' ', 'unknown', 'unknown:1', '192.0.2.7, 192.0.2.8', '192.0.2.256', '192.0.2.7 x', '::g', 7, null],
  ]
  for (const [network, ...addresses] of networks) {
    it(`is ${String(network)} for ${addresses.map(String).join(' | ')}`, () => {
      for (const address of addresses) expect(networkOf(address), String(address)).to.equal(network)
    })
  }
})

describe('parseAddress', () => {
  it('parses IPv4-mapped addresses as IPv4', () => {
    expect(parseAddress('[::ffff:192.0.2.7]:80')?.kind()).to.equal('ipv4')
  })
})
