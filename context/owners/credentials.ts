import { randomUUID } from 'node:crypto'
import { now } from '../cell/clock'
import { database, type OwnerRow } from '../sql'
import { InvalidCredentialsShape, OwnerNotFound, Problem, messageOf } from '../cell'
import { hashPassword, isOutdated, verifyPassword } from './passwords'
import { parse, passwordChange, type OwnerKind } from './kind'
import { findRowByName } from './rows'

/**
 * The owner with this name and password, unless they are disabled. Whoever is not found costs the same (OWASP ASVS 6.3.8).
 *
 * @throws {InvalidCredentialsShape} for what are no credentials
 */
export async function findByPassword(kind: OwnerKind, credentials: unknown): Promise<OwnerRow | undefined> {
  if (areOfAnotherKind(kind, credentials)) return undefined
  const expected = `${kind.nameKey} and password`
  const given = parse(kind.credentials, credentials, expected, (detail) => new InvalidCredentialsShape(detail))
  const row = await findRowByName(kind, given.ownName)
  const matches = await verifyPassword(row?.password_hash, given.password)
  if (!row || !matches || row.disabled_at !== null) return undefined
  await renewHash(row, given.password)
  return row
}

/**
 * Gives an owner who knows the current password a new one (OWASP ASVS 6.2.3), and a new security stamp: all that
 * logged in before is over.
 *
 * @param change as received
 * @throws {Problem} 400 for what is no change, 401 where all their sessions were ended meanwhile, 403 for another password
 * than the current one, 409 where a trust point keeps it
 */
export async function changePassword(row: OwnerRow, change: unknown): Promise<OwnerRow> {
  const expected = 'currentPassword and newPassword'
  const given = parse(passwordChange, change, expected, (detail) => new Problem(400, 'INVALID_PASSWORD_CHANGE', detail))
  const { id, password_hash } = row
  if (password_hash === null)
    throw new Problem(409, 'PASSWORD_KEPT_ELSEWHERE', 'A trust point keeps this password: change it there.')
  const wrong = new Problem(403, 'CURRENT_PASSWORD_WRONG', 'This is not the current password.')
  if (!(await verifyPassword(password_hash, given.currentPassword))) throw wrong

  const changed = await newPasswordRow(given.newPassword)
  const { numUpdatedRows } = await database()
    .updateTable('owners')
    .set(changed)
    .where('id', '=', id)
    // Another password makes a new one, and so does whoever ends all sessions of an owner: the one that asks is one of them.
    .where('security_stamp', '=', row.security_stamp)
    .where('disabled_at', 'is', null)
    .executeTakeFirst()
  if (numUpdatedRows === 1n) return { ...row, ...changed }
  const current = await database().selectFrom('owners').select('password_hash').where('id', '=', id).executeTakeFirst()
  throw !current || current.password_hash === password_hash ? new OwnerNotFound() : wrong
}

/** What a new password changes of an owner. */
export async function newPasswordRow(
  password: string,
): Promise<Pick<OwnerRow, 'password_hash' | 'security_stamp' | 'updated_at'>> {
  return { password_hash: await hashPassword(password), security_stamp: randomUUID(), updated_at: now() }
}

/** A hash with older parameters is made anew while the password is at hand (OWASP ASVS 11.4.2). */
async function renewHash({ id, password_hash }: OwnerRow, password: string): Promise<void> {
  if (password_hash === null || !isOutdated(password_hash)) return
  try {
    const renewed = await hashPassword(password)
    await database()
      .updateTable('owners')
      .set({ password_hash: renewed })
      .where('id', '=', id)
      .where('password_hash', '=', password_hash)
      .execute()
  } catch (error) {
    // The owner is who they say: another time will do.
    process.emitWarning(`a password hash could not be renewed: ${messageOf(error)}`)
  }
}

/** Texts under other names than ours may be another model's credentials: a trust point's, who is asked next. */
function areOfAnotherKind({ nameKey }: OwnerKind, credentials: unknown): boolean {
  if (typeof credentials !== 'object' || credentials === null) return false
  if (Array.isArray(credentials) || nameKey in credentials) return false
  const isText = (value: unknown): boolean => typeof value === 'string' && value.length <= 256
  return Object.keys(credentials).some((key) => key !== 'password') && Object.values(credentials).every(isText)
}
