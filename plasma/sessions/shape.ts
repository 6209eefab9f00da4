import { InvalidCredentialsShape } from '../../context/errors'

/** The longest value of a field, in characters. */
const LONGEST = 1024

/** Credentials that may be shown to owner models and trust points. */
export interface Credentials {
  /** The fields themselves: at least one, every value a string of at most 1024 characters. */
  fields: Record<string, string>
  /** The owner whom an application acts for. */
  ownerId?: string | number
  /** Whether the login asks for a longer session. That concerns the session alone: no model and no trust point sees it. */
  isRemembered: boolean
}

/**
 * Checks what somebody sent as credentials, before an owner model or a trust point sees any of it: a nested value, such
 * as `{ "$ne": null }`, is a query to a document database (OWASP ASVS 15.3.3).
 *
 * @param given as received
 * @returns a copy, so that what was checked cannot change
 * @throws {InvalidCredentialsShape} that repeats nothing of what was given
 */
export function readCredentials(given: unknown): Credentials {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new InvalidCredentialsShape('Credentials must be an object.')
  }
  const { ownerId, remember, ...fields } = Object.fromEntries(Object.entries(given)) as Record<string, unknown>
  const isRemembered = readRemember(remember)
  const checkedId = readOwnerId(ownerId)
  if (!areTexts(fields)) throw new InvalidCredentialsShape('Credentials must be texts.')
  return { fields, isRemembered, ...(checkedId !== undefined && { ownerId: checkedId }) }
}

function areTexts(fields: Record<string, unknown>): fields is Record<string, string> {
  const entries = Object.entries(fields)
  // A name with a $ is an operator of a document database: "$where" takes a text.
  const isPlainName = (name: string): boolean => name !== '__proto__' && !name.startsWith('$')
  const isText = (value: unknown): boolean => typeof value === 'string' && value.length <= LONGEST
  return entries.length > 0 && entries.every(([name, value]) => isPlainName(name) && isText(value))
}

function readOwnerId(ownerId: unknown): string | number | undefined {
  if (ownerId === undefined || Number.isSafeInteger(ownerId)) return ownerId as number | undefined
  if (typeof ownerId === 'string' && ownerId !== '' && ownerId.length <= LONGEST) return ownerId
  throw new InvalidCredentialsShape('ownerId must be a text or a safe integer.')
}

/** As JSON and as a form's checkbox have it. */
function readRemember(remember: unknown): boolean {
  if (remember === true || remember === 'true' || remember === 'on') return true
  if (remember === false || remember === 'false' || remember === undefined || remember === null) return false
  throw new InvalidCredentialsShape('remember must be true or false.')
}
