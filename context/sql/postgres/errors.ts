import { StoreUnavailable, messageOf, rootOf } from '../../cell'

/** SQLSTATEs of transactions that must be run again: serialization failure, deadlock. */
const CONFLICTS = ['40001', '40P01']
const UNIQUE_VIOLATION = '23505'
/** A server that is starting, stopping, full, or read-only after a failover. */
const TRANSIENT = /^(08|25006|40|53|57P)/
/** What ends a connection, or makes it unusable. */
const FATAL = /^(08|25006|57P0)/
/** Every error that the server sends has a SQLSTATE. */
const SQLSTATE = /^[0-9A-Z]{5}$/

/** An error of the driver as a {@link StoreUnavailable}, with a cause for the log. */
export function asUnavailable(error: unknown): StoreUnavailable {
  if (error instanceof StoreUnavailable) return error
  return new StoreUnavailable('The database cannot be used right now.', { cause: causeOf(error), retryAfter: 5 })
}

/** Whether a transaction that failed with this error may succeed when it is run again. */
export function isRepeatable(error: unknown, isSerializable = false): boolean {
  const code = codeOf(rootOf(error))
  // Two serializable transactions that both looked first may still insert the same row.
  return CONFLICTS.includes(code) || (isSerializable && code === UNIQUE_VIOLATION)
}

/** Whether a connection must be closed after this error of the driver. */
export function isFatal(error: unknown): boolean {
  const code = codeOf(error)
  return !SQLSTATE.test(code) || FATAL.test(code)
}

/** Whether the server is read-only: after a failover, another one is the primary. */
export function isReadOnly(error: unknown): boolean {
  return codeOf(error) === '25006'
}

/** Whether a prepared statement must be prepared again: columns have changed, or a connection pooler has dropped it. */
export function isOutdatedPlan(error: unknown): boolean {
  const { message } = Object(error) as { message?: unknown }
  return codeOf(error) === '26000' || (codeOf(error) === '0A000' && String(message).startsWith('cached plan'))
}

/** Whether waiting may help. It does not against a wrong password or certificate. */
export function isTransient(error: unknown): boolean {
  const root = rootOf(error)
  const code = codeOf(root)
  if (SQLSTATE.test(code)) return TRANSIENT.test(code)
  return 'syscall' in Object(root) || /terminated|timeout|aborted/i.test(messageOf(root))
}

/** A copy with message and code only: the driver's errors also contain rows and values, and the log prints all of an error. */
function causeOf(error: unknown): Error {
  const { code, syscall, errors } = Object(error) as { code?: unknown; syscall?: unknown; errors?: unknown }
  const [first] = Array.isArray(errors) ? (errors as unknown[]) : []
  // An AggregateError, for the addresses of one host, has no message of its own.
  if (first !== undefined) return causeOf(first)
  // Messages of class 22 (data exceptions) quote values.
  const message = /^22\w{3}$/.test(String(code)) ? 'invalid value' : messageOf(error)
  return Object.assign(new Error(message), code !== undefined && { code }, syscall !== undefined && { syscall })
}

function codeOf(error: unknown): string {
  const { code } = Object(error) as { code?: unknown }
  return typeof code === 'string' ? code : ''
}
