import ipaddr from 'ipaddr.js'

/**
 * What one client has: an IPv4 address, or the network of an IPv6 address, in which every client has any number. One
 * network for all that is no address: a client who could choose it would have as many.
 */
export function networkOf(address: string): string {
  const parsed = parse(address)
  if (!parsed) return 'none'
  return parsed.kind() === 'ipv4' ? parsed.toString() : `${parsed.toByteArray().slice(0, 8).join('.')}/64`
}

/**
 * Whether an address is in one of the ranges.
 *
 * @param ranges addresses, and ranges as in `10.0.0.0/8`
 */
export function isWithin(address: string, ranges: string[]): boolean {
  const parsed = parse(address)
  if (!parsed) return false
  return ranges.some((range) => {
    const [network, bits] = parseRange(range)
    return network.kind() === parsed.kind() && parsed.match(network, bits)
  })
}

/** Some proxies add a port to an address. */
function parse(address: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  const bare = address.replace(/^([\d.]+):\d+$/, '$1').replace(/^\[(.*)\](:\d+)?$/, '$1')
  return ipaddr.isValid(bare) ? ipaddr.process(bare) : undefined
}

/** In IPv4 where it is an IPv4 range as IPv6 has it: addresses are compared so. */
function parseRange(range: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  const isSingle = !range.includes('/')
  const [network, bits] = isSingle ? [ipaddr.parse(range), undefined] : ipaddr.parseCIDR(range)
  const whole = network.kind() === 'ipv4' ? 32 : 128
  if (!(network instanceof ipaddr.IPv6) || !network.isIPv4MappedAddress() || (bits ?? whole) < 96) return [network, bits ?? whole]
  return [network.toIPv4Address(), (bits ?? whole) - 96]
}
