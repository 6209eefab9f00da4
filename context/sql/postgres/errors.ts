import { StoreUnavailable, messageOf } from '../../cell'

/** What the server says when a transaction must be run again: a serialization failure, a deadlock. */
const GOT_IN_THE_WAY = ['40001', '40P01']
const UNIQUE_VIOLATION = '23505'
/** A server that is starting, stopping or full, or that only reads because another one has taken over. */
const PASSING = /^(08|25006|40|53|57P)/
/** What ends a connection, or makes it useless. */
const FATAL = /^(08|25006|57P0)/
/** SQLSTATE, which every error of the server has. */
const SQLSTATE = /^[0-9A-Z]{5}$/

/** An error of the driver as a {@link StoreUnavailable}, with a cause for the log. */
export function asUnavailable(error: unknown): StoreUnavailable {
  if (error instanceof StoreUnavailable) return error
  return new StoreUnavailable('The database cannot be used right now.', { cause: causeOf(error), retryAfter: 5 })
}

/** Whether a transaction that failed with this error may succeed when it is run again. */
export function isRepeatable(error: unknown, isSerializable = false): boolean {
  const code = codeOf(rootOf(error))
  // Two transactions that have both looked first may still insert the same row.
  return GOT_IN_THE_WAY.includes(code) || (isSerializable && code === UNIQUE_VIOLATION)
}

/** Whether a connection is useless after an error of the driver. */
export function isFatal(error: unknown): boolean {
  const code = codeOf(error)
  return !SQLSTATE.test(code) || FATAL.test(code)
}

/** Whether this server only reads: another one has taken over. */
export function isReadOnly(error: unknown): boolean {
  return codeOf(error) === '25006'
}

/** Whether a prepared statement must be prepared again: the columns have changed, or a connection pooler has forgotten it. */
export function isOutdatedPlan(error: unknown): boolean {
  const { message } = Object(error) as { message?: unknown }
  return codeOf(error) === '26000' || (codeOf(error) === '0A000' && String(message).startsWith('cached plan'))
}

/** Whether a server that failed this way may be there in a moment, as a wrong password or certificate may not. */
export function isPassing(error: unknown): boolean {
  const root = rootOf(error)
  const code = codeOf(root)
  if (SQLSTATE.test(code)) return PASSING.test(code)
  return 'syscall' in Object(root) || /terminated|timeout|aborted/i.test(messageOf(root))
}

/** The message of an error's root cause. */
export function rootMessageOf(error: unknown): string {
  return messageOf(rootOf(error))
}

/**
 * The message and the code alone: the driver's error also has rows and values in it, and the log prints all of an error.
 */
function causeOf(error: unknown): Error {
  const { code, syscall, errors } = Object(error) as { code?: unknown; syscall?: unknown; errors?: unknown }
  const [first] = Array.isArray(errors) ? (errors as unknown[]) : []
  // The errors of several addresses of one host have no message of their own.
  if (first !== undefined) return causeOf(first)
  // Class 22 is about values, and quotes them.
  const message = /^22\w{3}$/.test(String(code)) ? 'invalid value' : messageOf(error)
  return Object.assign(new Error(message), code !== undefined && { code }, syscall !== undefined && { syscall })
}

function codeOf(error: unknown): string {
  const { code } = Object(error) as { code?: unknown }
  return typeof code === 'string' ? code : ''
}

function rootOf(error: unknown): unknown {
  let root = error
  while (root instanceof Error && root.cause) root = root.cause
  return root
}
