import { RemoteInvalid } from '../../context/errors'

/** What came back from a trust point, unjudged. */
export interface TrustAnswer {
  /** Scheme, host and port of the trust point, for messages. */
  origin: string
  status: number
  /** Nothing when there was more of it than allowed. */
  body: Buffer | undefined
}

/**
 * Judges a trust point's answer to credentials (TRUST.md).
 *
 * @returns the owner's data as the trust point gave it, or nothing where it knows no such owner
 * @throws {RemoteInvalid} for an answer that is neither
 */
export function judge({ origin, status, body }: TrustAnswer): Record<string, unknown> | undefined {
  if (isRefusal(status)) return undefined
  if (status !== 200) throw new RemoteInvalid(`The trust point ${origin} answered with status ${status}.`)
  if (body === undefined) throw new RemoteInvalid(`The answer of the trust point ${origin} is too large.`)

  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body), refuseProto)
  } catch {
    // Without a cause: a parser's message may quote what it could not parse.
    throw new RemoteInvalid(`The answer of the trust point ${origin} is not JSON.`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new RemoteInvalid(`The answer of the trust point ${origin} is not an object.`)
  }
  return value as Record<string, unknown>
}

/** The statuses that say: no such owner. */
export function isRefusal(status: number): boolean {
  return status === 401 || status === 403 || status === 404
}

function refuseProto(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new SyntaxError(key)
  return value
}
