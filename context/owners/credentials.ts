import { randomUUID } from 'node:crypto'
import { InvalidCredentialsShape, LoginRequired, Problem, messageOf } from '../cell'
import type { OwnerRow } from '../sql'
import { parseInput, passwordChange } from './input'
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

/**
 * Changes the password of an owner who knows the current one (OWASP ASVS 6.2.3). The new security stamp ends all their
 * logins.
 *
 * @param row the owner when the change was asked for
 * @param change as received
 * @throws {Problem} 400 for an invalid change, 401 if their logins have ended in the meantime, 403 if the current password is
 * wrong, 409 if a trust point keeps the password
 */
export async function changePassword(
  rows: OwnerRows,
  hasher: PasswordHasher,
  row: OwnerRow,
  change: unknown,
): Promise<OwnerRow> {
  const expected = 'currentPassword and newPassword'
  const given = parseInput(
    passwordChange,
    change,
    expected,
    (detail) => new Problem(400, 'INVALID_PASSWORD_CHANGE', detail),
  )
  const { id, password_hash } = row
  if (password_hash === null)
    throw new Problem(409, 'PASSWORD_KEPT_ELSEWHERE', 'A trust point keeps this password: change it there.')
  const wrong = new Problem(403, 'CURRENT_PASSWORD_WRONG', 'This is not the current password.')
  if (!(await hasher.verify(password_hash, given.currentPassword))) throw wrong

  const changed = await hashNewPassword(rows, hasher, given.newPassword)
  const { numUpdatedRows } = await rows.query
    .updateTable('owners')
    .set(changed)
    .where('id', '=', id)
    // Another stamp means that the login that asks for this has ended: by another password, an operator, or a disabling.
    .where('security_stamp', '=', row.security_stamp)
    .executeTakeFirst()
  if (numUpdatedRows === 1n) return { ...row, ...changed }
  const current = await rows.findById(id)
  throw !current || current.password_hash === password_hash ? new LoginRequired() : wrong
}

/** Hashes a new password. @returns the columns to change, with a new security stamp that ends all logins */
export async function hashNewPassword(
  rows: OwnerRows,
  hasher: PasswordHasher,
  password: string,
): Promise<Pick<OwnerRow, 'password_hash' | 'security_stamp' | 'updated_at'>> {
  return { password_hash: await hasher.hash(password), security_stamp: randomUUID(), updated_at: rows.now() }
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

/** Whether strings under other names may be credentials of another model, such as the trust point's, which is asked next. */
function areOfAnotherKind({ nameKey }: OwnerKind, credentials: unknown): boolean {
  if (typeof credentials !== 'object' || credentials === null) return false
  if (Array.isArray(credentials) || nameKey in credentials) return false
  const isShortString = (value: unknown): boolean => typeof value === 'string' && value.length <= 256
  return Object.keys(credentials).some((key) => key !== 'password') && Object.values(credentials).every(isShortString)
}
