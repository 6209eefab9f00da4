import { now } from '../../context/cell/clock'

/** What a chemical says of whatever it tells of. */
export type Outcome = 'success' | 'failure' | 'denied'

/** The chemicals that are written. */
export const OUTCOMES: Record<string, Outcome> = {
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
}

/** What is taken of a chemical. Whatever else it has, now or one day, is not written (OWASP ASVS 16.2.5). */
const FACTS = ['ownerId', 'reason', 'session', 'address', 'agent', 'retryAfter']

const LONGEST = 256

/** A chemical as it is written: its time in ISO 8601 and UTC, its type, its outcome, and the facts that it has. */
export function lineOf(chemical: Organic.Chemical, outcome: Outcome): Record<string, string | number> {
  const line: Record<string, string | number> = { time: timeOf(chemical), event: chemical.type, outcome }
  for (const name of FACTS) add(name, chemical[name])
  add('actor', (Object(chemical['actor']) as { id?: unknown }).id)
  return line

  function add(name: string, value: unknown): void {
    if (value !== undefined && value !== null) line[name] = typeof value === 'number' ? value : textOf(value)
  }
}

/**
 * The line that says how many lines were left out.
 *
 * @param source their event and address, or nothing for many sources together
 */
export function omissionOf(
  source: { event: string; outcome: Outcome; address: string | undefined } | undefined,
  count: number,
): Record<string, string | number> {
  const { event, outcome, address } = source ?? {}
  const of = { ...(event && { omittedEvent: event }), ...(address && { address }) }
  return { time: new Date(now()).toISOString(), event: 'AuditLinesOmitted', outcome: outcome ?? 'denied', ...of, count }
}

function timeOf({ time }: Organic.Chemical): string {
  return new Date(typeof time === 'number' ? time : now()).toISOString()
}

/** In one line, on whatever screen (OWASP ASVS 16.4.1). */
function textOf(value: unknown): string {
  return String(value)
    .slice(0, LONGEST)
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '\ufffd')
}
