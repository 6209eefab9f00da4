import { printable } from '../../context/cell'

/** How the action that a chemical reports has ended. */
export type Outcome = 'success' | 'failure' | 'denied'

/** The chemicals that are logged, with their outcomes. */
export const OUTCOMES = {
  OwnerRegistered: 'success',
  SessionLogin: 'success',
  SessionLoginFailed: 'failure',
  SessionLogout: 'success',
  SessionDenied: 'denied',
  PasswordChanged: 'success',
  PasswordChangeFailed: 'failure',
  PasswordReset: 'success',
  OwnerDisabled: 'success',
  OwnerEnabled: 'success',
  OwnerDeleted: 'success',
  SessionsEnded: 'success',
  LoginThrottled: 'denied',
  RequestRefused: 'denied',
} as const satisfies Partial<Record<keyof Organic.Chemicals, Outcome>>

/** The type of a chemical that is logged. */
export type AuditedEvent = keyof typeof OUTCOMES

/** What is taken from a chemical. Whatever else it has, now or in future, is not written (OWASP ASVS 16.2.5). */
const FACTS = ['ownerId', 'reason', 'session', 'address', 'agent', 'retryAfter']

/** One line of the log, before it becomes JSON. */
export type Line = Record<string, string | number>

/**
 * Makes the line of a chemical: its time in ISO 8601 and UTC, its type, its outcome, and its facts.
 *
 * @param time milliseconds since 1970
 */
export function lineOf(event: AuditedEvent, chemical: object, time: number): Line {
  const line: Line = { time: new Date(time).toISOString(), event, outcome: OUTCOMES[event] }
  const facts = chemical as Record<string, unknown>
  for (const name of FACTS) add(name, facts[name])
  add('actor', (Object(facts['actor']) as { id?: unknown }).id)
  return line

  function add(name: string, value: unknown): void {
    if (value !== undefined && value !== null) line[name] = typeof value === 'number' ? value : printable(value)
  }
}

/** An event from one address. */
export interface Source {
  event: AuditedEvent
  /** An IPv4 address or an IPv6 /64. Nothing if the client had disconnected before its address was read. */
  address: string | undefined
}

/**
 * Makes the line that counts lines that were left out.
 *
 * @param source their event and address, or nothing for many sources together
 * @param time milliseconds since 1970
 */
export function omissionOf(source: Source | undefined, count: number, time: number): Line {
  const { event, address } = source ?? {}
  const outcome = event ? OUTCOMES[event] : 'denied'
  const of = { ...(event && { omittedEvent: event }), ...(address && { address }) }
  return { time: new Date(time).toISOString(), event: 'AuditLinesOmitted', outcome, ...of, count }
}
