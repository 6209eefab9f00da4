import { expect } from 'chai'
import { isWithin, parseRange } from '../../../plasma/throttle/ranges'

describe('an address within ranges', () => {
  const within: [address: string, ...ranges: string[]][] = [
    ['10.1.2.3', '10.1.2.3'],
    ['10.1.2.3', '192.0.2.0/24', '10.0.0.0/8'],
    ['::ffff:10.1.2.3', '10.0.0.0/8'],
    ['10.1.2.3', '::ffff:10.1.2.3'],
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
      expect(
        isWithin(
          address,
          ranges.flatMap((range) => {
            const p = parseRange(range)
            return p ? [p] : []
          }),
        ),
      ).to.equal(true)
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
      expect(
        isWithin(
          address,
          ranges.flatMap((range) => {
            const p = parseRange(range)
            return p ? [p] : []
          }),
        ),
      ).to.equal(false)
    })
  }
})
