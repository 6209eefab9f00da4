import ipaddr from 'ipaddr.js'

/** What one client has: an IPv4 address, or the network of an IPv6 address, in which every client has any number. */
export function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address
  const parsed = ipaddr.process(address)
  if (parsed.kind() === 'ipv4') return parsed.toString()
  return `${parsed.toByteArray().slice(0, 8).join('.')}/64`
}

/**
 * Whether an address is in one of the ranges.
 *
 * @param ranges addresses, and ranges as in `10.0.0.0/8`
 */
export function isWithin(address: string, ranges: string[]): boolean {
  if (!ipaddr.isValid(address)) return false
  const parsed = ipaddr.process(address)
  return ranges.some((range) => {
    const [network, bits] = ipaddr.isValidCIDR(range) ? ipaddr.parseCIDR(range) : single(range)
    return network.kind() === parsed.kind() && parsed.match(network, bits)
  })
}

function single(address: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  const parsed = ipaddr.process(address)
  return [parsed, parsed.kind() === 'ipv4' ? 32 : 128]
}
