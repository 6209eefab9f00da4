import { RemoteInvalid, RemoteUnavailable, TooManyAttempts, refuseProto } from '../../context/cell'

/** What a trust point answered, unchecked. */
export interface TrustAnswer {
  /** Scheme, host and port of the trust point, for the log only. */
  origin: string
  status: number
  /** Its `Retry-After`, unchecked. */
  retryAfter?: unknown
  /** Absent for any status but 200, and if it was too large. */
  body?: ArrayBuffer | Uint8Array | undefined
}

/** Bounds of a `Retry-After`, in seconds. */
const SHORTEST_WAIT = 1
const LONGEST_WAIT = 3600
/** In place of one that is missing, or that is a date, which depends on the trust point's clock. In seconds. */
const DEFAULT_WAIT = 30

/**
 * Judges a trust point's answer to credentials, by the rules in docs/trust.md.
 *
 * @returns the owner's data as the trust point sent it, or nothing if no owner there has these credentials
 * @throws {RemoteInvalid} for an answer that is neither
 * @throws {RemoteUnavailable} if it is not available (503)
 * @throws {TooManyAttempts} if it has seen too many
 */
export function judgeAnswer({ origin, status, retryAfter, body }: TrustAnswer): Record<string, unknown> | undefined {
  if (status === 401 || status === 403 || status === 404) return undefined
  const cause = new Error(`${origin} answered with status ${status}`)
  const seconds = secondsOf(retryAfter)
  if (status === 429) throw new TooManyAttempts(seconds, { cause })
  if (status === 503)
    throw new RemoteUnavailable('The trust point is not available right now.', { cause, retryAfter: seconds })
  if (status !== 200) throw new RemoteInvalid('The trust point answered with an unexpected status.', { cause })
  if (body === undefined) throw invalidAnswer('is too large', origin)

  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body), refuseProto)
  } catch {
    // Without the parser's message, which may quote what could not be parsed.
    throw invalidAnswer('is not JSON', origin)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalidAnswer('is not an object', origin)
  return value as Record<string, unknown>
}

/**
 * Makes the error for an invalid answer.
 *
 * @param what as in `is not JSON`
 * @param origin for the log. Clients must not learn it (OWASP ASVS 16.5.1)
 */
export function invalidAnswer(what: string, origin: string, cause?: unknown): RemoteInvalid {
  return new RemoteInvalid(`The answer of the trust point ${what}.`, { cause: new Error(origin, { cause }) })
}

function secondsOf(retryAfter: unknown): number {
  if (typeof retryAfter !== 'string' || !/^\d+$/.test(retryAfter)) return DEFAULT_WAIT
  return Math.min(Math.max(Number(retryAfter), SHORTEST_WAIT), LONGEST_WAIT)
}
