import ipaddr from 'ipaddr.js'

/** Who a request came from, as lists of sessions and logs show it. */
export interface Client {
  /** Its IP address: the client's, or that of a proxy which DNA does not trust. */
  address?: string | undefined
  /** The browser or program, in its own words. At most 256 characters. */
  agent?: string | undefined
}

const LONGEST_AGENT = 256
const LONGEST_ADDRESS = 64

/** The client of an Express request, or nothing of it where there is no such request. */
export function clientOf(req: { ip?: unknown; headers?: unknown } | undefined): Client {
  const agent = (req?.headers as Record<string, unknown> | undefined)?.['user-agent']
  return {
    address: typeof req?.ip === 'string' ? withoutPort(req.ip).slice(0, LONGEST_ADDRESS) : undefined,
    agent: typeof agent === 'string' ? agent.slice(0, LONGEST_AGENT) : undefined,
  }
}

/**
 * Parses an address, with or without the port that some proxies add. IPv4-mapped IPv6 addresses become IPv4.
 *
 * @returns nothing if it is not an address
 */
export function parseAddress(address: unknown): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  if (typeof address !== 'string') return undefined
  const bare = withoutPort(address)
  return ipaddr.isValid(bare) ? ipaddr.process(bare) : undefined
}

/**
 * The network that one client controls: a single IPv4 address, or an IPv6 /64, in which it can use any number of addresses.
 *
 * @returns nothing if this is not an address
 */
export function networkOf(address: unknown): string | undefined {
  const parsed = parseAddress(address)
  if (!(parsed instanceof ipaddr.IPv6)) return parsed?.toString()
  return `${new ipaddr.IPv6([...parsed.toByteArray().slice(0, 8), 0, 0, 0, 0, 0, 0, 0, 0]).toString()}/64`
}

/** Some proxies add a port to an address. */
function withoutPort(address: string): string {
  return address.replace(/^([\d.]+):\d+$/, '$1').replace(/^\[(.*)\](:\d+)?$/, '$1')
}
