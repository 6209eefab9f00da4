import { InvalidCredentialsShape } from '../../context/cell'

/** The longest value of a field, in characters. */
const LONGEST = 1024

/** Checked credentials. */
export interface Credentials {
  /** What owner models and trust points see: at least one field, every value a string of at most 1024 characters. */
  fields: Record<string, string>
  /** The owner whom an application acts for. */
  ownerId?: string | number
  /** Whether the login asks for a longer session. Models and trust points do not see this. */
  isRemembered: boolean
}

/**
 * Checks credentials before an owner model or a trust point sees them. A document database would take a nested value, such as
 * `{ "$ne": null }`, for a query (OWASP ASVS 15.3.3).
 *
 * @param given as received
 * @returns a copy, which cannot change after the check
 * @throws {InvalidCredentialsShape} without any of the given values
 */
export function readCredentials(given: unknown): Credentials {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new InvalidCredentialsShape('Credentials must be an object.')
  }
  const { ownerId, remember, ...fields } = Object.fromEntries(Object.entries(given)) as Record<string, unknown>
  const isRemembered = readRemember(remember)
  const checkedId = readOwnerId(ownerId)
  if (!areStrings(fields)) throw new InvalidCredentialsShape('Credentials must be strings.')
  return { fields, isRemembered, ...(checkedId !== undefined && { ownerId: checkedId }) }
}

function areStrings(fields: Record<string, unknown>): fields is Record<string, string> {
  const entries = Object.entries(fields)
  // A $ begins an operator of a document database, and some, like "$where", take a string.
  const isPlainName = (name: string): boolean => name !== '__proto__' && !name.startsWith('$')
  const isShortString = (value: unknown): boolean => typeof value === 'string' && value.length <= LONGEST
  return entries.length > 0 && entries.every(([name, value]) => isPlainName(name) && isShortString(value))
}

function readOwnerId(ownerId: unknown): string | number | undefined {
  if (ownerId === undefined || Number.isSafeInteger(ownerId)) return ownerId as number | undefined
  if (typeof ownerId === 'string' && ownerId !== '' && ownerId.length <= LONGEST) return ownerId
  throw new InvalidCredentialsShape('ownerId must be a string or a safe integer.')
}

/** Reads a boolean as JSON or a form's checkbox sends it. */
function readRemember(remember: unknown): boolean {
  if (remember === true || remember === 'true' || remember === 'on') return true
  if (remember === false || remember === 'false' || remember === undefined || remember === null) return false
  throw new InvalidCredentialsShape('remember must be true or false.')
}
