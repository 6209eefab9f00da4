import { startTestCell, type TestCell } from './cell'
import { Client, type Answer } from './client'

/** A client at an address, which a trusted proxy adds in `X-Forwarded-For`. */
export class ClientAt extends Client {
  constructor(
    address: string,
    readonly from: string,
  ) {
    super(address)
  }

  override send(method: string, path: string, body?: string, headers: Record<string, string> = {}): Promise<Answer> {
    return super.send(method, path, body, { 'x-forwarded-for': this.from, ...headers })
  }

  /** @returns the status of a login */
  async logIn(credentials: object): Promise<number> {
    return (await this.post('/api/login', credentials)).status
  }
}

/** A cell in this process, with the test as its trusted proxy. */
export interface ThrottledCell extends TestCell {
  at(from: string): ClientAt
  /** A client whose address the cell has never seen. */
  stranger(): ClientAt
}

/** Failures per account and per address before clients have to wait. */
export const FREE = { account: 3, address: 8 }

/** Limits that tests reach soon. The waits are 60, 120 and 240 seconds. */
export const LIMITS = {
  account: { failures: FREE.account, firstWaitSeconds: 60, longestWaitSeconds: 240, forgetSeconds: 3600 },
  address: { failures: FREE.address, firstWaitSeconds: 60, longestWaitSeconds: 240, forgetSeconds: 3600, underWay: 20 },
  registration: { failures: 1000, firstWaitSeconds: 60, longestWaitSeconds: 240, forgetSeconds: 3600 },
  knownSeconds: 7200,
}

/**
 * @param throttle changes to the DNA of the throttle organelle
 * @param plasma changes to the DNA of other organelles
 */
export async function startThrottledCell(throttle: object, plasma: object): Promise<ThrottledCell> {
  const server = { 'express-server': { trustProxy: 'loopback' } }
  const cell = await startTestCell({ plasma: { throttle: { ...LIMITS, ...throttle }, ...server, ...plasma } })
  const at = (from: string): ClientAt => new ClientAt(cell.address ?? '', from)
  return { ...cell, at, stranger: () => at(newAddress()) }
}

let addresses = 0

/** An address that no other test in this process uses. */
export function newAddress(): string {
  addresses += 1
  return `198.18.${Math.floor(addresses / 250)}.${(addresses % 250) + 1}`
}
