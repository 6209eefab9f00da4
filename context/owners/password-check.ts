import { InvalidCredentialsShape, messageOf } from '../cell'
import type { OwnerRow } from '../sql'
import { parseInput } from './input'
import type { OwnerKind } from './kind'
import { isOutdated, type PasswordHasher } from './passwords'
import type { OwnerRows } from './rows'

/**
 * Finds the owner with this name and password, unless they are disabled. Unknown, wrong and disabled take equally long
 * (OWASP ASVS 6.3.8).
 *
 * @param credentials as received
 * @throws {InvalidCredentialsShape} if they have the wrong shape
 */
export async function findOwnerByCredentials(
  rows: OwnerRows,
  hasher: PasswordHasher,
  credentials: unknown,
): Promise<OwnerRow | undefined> {
  const { kind } = rows
  if (areOfAnotherKind(kind, credentials)) return undefined
  const expected = `${kind.nameKey} and password`
  const given = parseInput(kind.credentials, credentials, expected, (detail) => new InvalidCredentialsShape(detail))
  const row = await rows.findByName(given.ownName)
  const matches = await hasher.verify(row?.password_hash, given.password)
  if (!row || !matches || row.disabled_at !== null) return undefined
  await renewHash(rows, hasher, row, given.password)
  return row
}

/** Renews a hash with outdated parameters, which only a login can do: it has the password (OWASP ASVS 11.4.2). */
async function renewHash(
  rows: OwnerRows,
  hasher: PasswordHasher,
  { id, password_hash }: OwnerRow,
  password: string,
): Promise<void> {
  if (password_hash === null || !isOutdated(password_hash)) return
  try {
    const renewed = await hasher.hash(password)
    await rows.query
      .updateTable('owners')
      .set({ password_hash: renewed })
      .where('id', '=', id)
      // The password may have been changed in the meantime.
      .where('password_hash', '=', password_hash)
      .execute()
  } catch (error) {
    // The login succeeds anyway; the next one tries again.
    process.emitWarning(`a password hash could not be renewed: ${messageOf(error)}`)
  }
}

/** Whether another model may know these: strings, none under this kind's name. The trust point is asked next. */
function areOfAnotherKind({ nameKey }: OwnerKind, credentials: unknown): boolean {
  if (typeof credentials !== 'object' || credentials === null) return false
  if (Array.isArray(credentials) || nameKey in credentials) return false
  const isShortString = (value: unknown): boolean => typeof value === 'string' && value.length <= 256
  return Object.keys(credentials).some((key) => key !== 'password') && Object.values(credentials).every(isShortString)
}
