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
    address: typeof req?.ip === 'string' ? req.ip.slice(0, LONGEST_ADDRESS) : undefined,
    agent: typeof agent === 'string' ? agent.slice(0, LONGEST_AGENT) : undefined,
  }
}

/**
 * What one client has: an IPv4 address, or the /64 of an IPv6 address, in which a client can have any number. Nothing
 * for what is no address.
 */
export function clientNetwork(address: unknown): string | undefined {
  if (typeof address !== 'string' || !ipaddr.isValid(address)) return undefined
  const parsed = ipaddr.process(address)
  if (parsed instanceof ipaddr.IPv4) return parsed.toString()
  return `${new ipaddr.IPv6([...parsed.toByteArray().slice(0, 8), 0, 0, 0, 0, 0, 0, 0, 0]).toString()}/64`
}
