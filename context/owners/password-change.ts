import { randomUUID } from 'node:crypto'
import { LoginRequired, Problem } from '../cell'
import type { OwnerRow } from '../sql'
import { parseInput, passwordChange, type Refusal } from './input'
import type { PasswordHasher } from './passwords'
import type { OwnerRows } from './rows'

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
  const refuse: Refusal = (detail, at) => new Problem(400, 'INVALID_PASSWORD_CHANGE', detail, at)
  const given = parseInput(passwordChange, change, expected, refuse)
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
