import ipaddr from 'ipaddr.js'
import { stripPort } from '../cell'

/**
 * Parses an IP address, with or without the port that some proxies add. IPv4-mapped IPv6 addresses become IPv4.
 *
 * @returns nothing if it is not an address
 */
export function parseAddress(address: unknown): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  if (typeof address !== 'string') return undefined
  const bare = stripPort(address)
  return ipaddr.isValid(bare) ? ipaddr.process(bare) : undefined
}

/**
 * Finds the network that one client controls: a single IPv4 address, or an IPv6 /64, in which it can use any number of addresses.
 *
 * @example networkOf('2001:db8:1:2::7') // '2001:db8:1:2::/64'
 * @returns nothing if it is not an address
 */
export function networkOf(address: unknown): string | undefined {
  const parsed = parseAddress(address)
  if (!(parsed instanceof ipaddr.IPv6)) return parsed?.toString()
  return `${new ipaddr.IPv6([...parsed.toByteArray().slice(0, 8), 0, 0, 0, 0, 0, 0, 0, 0]).toString()}/64`
}
