import ipaddr from 'ipaddr.js'
import { parseAddress } from '../../context/http/network'

/** A network and the length of its prefix. */
export type Range = [network: ipaddr.IPv4 | ipaddr.IPv6, bits: number]

/**
 * Parses an IP address, or a range as in `10.0.0.0/8`.
 *
 * @returns nothing for anything else, short forms and IPv4-mapped ranges included: `10.1` would be read as 10.0.0.1
 */
export function parseRange(text: string): Range | undefined {
  const [address = '', bits] = text.split('/')
  if (!ipaddr.IPv4.isValidFourPartDecimal(address) && !ipaddr.IPv6.isValid(address)) return undefined
  const single = ipaddr.process(address)
  if (bits === undefined) return [single, single.toByteArray().length * 8]
  const range = ipaddr.isValidCIDR(text) ? ipaddr.parseCIDR(text) : undefined
  return range?.[0].kind() === single.kind() ? range : undefined
}

/** Whether an address is in one of the ranges. */
export function isWithin(address: string, ranges: Range[]): boolean {
  const parsed = parseAddress(address)
  return ranges.some(([network, bits]) => network.kind() === parsed?.kind() && parsed.match(network, bits))
}
