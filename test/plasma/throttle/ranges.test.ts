import { expect } from 'chai'
import { isWithin, parseRange, type Range } from '../../../plasma/throttle/ranges'

function rangeOf(text: string): Range {
  return parseRange(text) ?? expect.fail(`not a range: ${text}`)
}

describe('an address', () => {
  const rows: [isWithin: boolean, ...addresses: [address: string, ...ranges: string[]][]][] = [
    [
      true,
      ['10.1.2.3', '10.1.2.3'],
      ['10.1.2.3', '192.0.2.0/24', '10.9.9.9/8'],
      ['10.1.2.3', '10.1.2.3/32'],
      ['10.1.2.3', '0.0.0.0/0'],
      ['10.1.2.3', '::ffff:10.1.2.3'],
      ['::ffff:10.1.2.3', '10.0.0.0/8'],
      ['10.1.2.3:40001', '10.0.0.0/8'],
      ['[2001:db8::7]:40001', '2001:db8::/32'],
      ['2001:DB8::7', '::1', '2001:db8::7'],
    ],
    [
      false,
      ['10.1.2.3'],
      ['10.1.2.3', '10.1.2.4', '10.1.2.30', '::/0'],
      ['11.0.0.0', '10.0.0.0/8'],
      ['2001:db9::7', '0.0.0.0/0', '2001:db8::/32'],
      ['2001:db8::8', '2001:db8::7'],
      ...['', 'unknown', '10.1.2.3, 10.0.0.1', '10.1.2.3 '].map((none): [string, string, string] => [
        none,
        '0.0.0.0/0',
        '::/0',
      ]),
    ],
  ]
  for (const [expected, ...addresses] of rows) {
    it(`is ${expected ? '' : 'not '}in ranges`, () => {
      for (const [address, ...ranges] of addresses)
        expect(isWithin(address, ranges.map(rangeOf)), `${address} in ${ranges.join()}`).to.equal(expected)
    })
  }
})
