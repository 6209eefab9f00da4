/** Who sent a request, as session lists and logs show it. */
export interface Client {
  /** The client's IP address, or that of a proxy that DNA does not trust. At most 64 characters. */
  address?: string | undefined
  /** The `User-Agent` header. At most 256 characters. */
  agent?: string | undefined
}

const LONGEST_AGENT = 256
const LONGEST_ADDRESS = 64

/**
 * The client of an Express request. What is unknown is undefined.
 *
 * @example emitEvent(plasma, { type: 'InvoicePaid', ownerId: req.user.id, ...clientOf(req) })
 */
export function clientOf(req: { ip?: unknown; headers?: unknown } | undefined): Client {
  const agent = (req?.headers as Record<string, unknown> | undefined)?.['user-agent']
  return {
    address: typeof req?.ip === 'string' ? stripPort(req.ip).slice(0, LONGEST_ADDRESS) : undefined,
    agent: typeof agent === 'string' ? agent.slice(0, LONGEST_AGENT) : undefined,
  }
}

/** Removes the port that some proxies add to an address, and the brackets of an IPv6 address. */
export function stripPort(address: string): string {
  return address.replace(/^([\d.]+):\d+$/, '$1').replace(/^\[(.*)\](:\d+)?$/, '$1')
}
