import ipaddr from 'ipaddr.js'
import { parseAddress } from '../../context/http/network'

/**
 * Whether an address is in one of the ranges.
 *
 * @param ranges addresses, and ranges as in `10.0.0.0/8`
 */
export function isWithin(address: string, ranges: string[]): boolean {
  const parsed = parseAddress(address)
  if (!parsed) return false
  return ranges.some((range) => {
    const [network, bits] = parseRange(range)
    return network.kind() === parsed.kind() && parsed.match(network, bits)
  })
}

/** Whether a string is an address or a range. Short forms are refused, because `10.1` would be read as 10.0.0.1. */
export function isRange(text: string): boolean {
  const [address = ''] = text.split('/')
  const isWhole = ipaddr.IPv4.isValidFourPartDecimal(address) || ipaddr.IPv6.isValid(address)
  return isWhole && (address === text || ipaddr.isValidCIDR(text))
}

/** IPv4-mapped IPv6 ranges become IPv4, as {@link parseAddress} does with addresses. */
function parseRange(range: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  const isSingle = !range.includes('/')
  const [network, bits] = isSingle ? [ipaddr.parse(range), undefined] : ipaddr.parseCIDR(range)
  const whole = network.kind() === 'ipv4' ? 32 : 128
  if (!(network instanceof ipaddr.IPv6) || !network.isIPv4MappedAddress() || (bits ?? whole) < 96)
    return [network, bits ?? whole]
  return [network.toIPv4Address(), (bits ?? whole) - 96]
}
