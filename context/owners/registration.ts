import { randomUUID } from 'node:crypto'
import { database, type OwnerRow } from '../sql'
import { Problem } from '../cell'
import { hashPassword } from './passwords'
import { parse, type OwnerKind } from './kind'
import { newRow } from './rows'

/**
 * Creates an owner with a password. A model lets strangers do this by having `register`.
 *
 * @param registration the name, a password, and optionally a profile (`name`, `email`), unchecked
 * @throws {Problem} 400 for an invalid registration, 409 if the name is taken
 */
export async function registerOwner(kind: OwnerKind, registration: unknown): Promise<OwnerRow> {
  const { nameKey } = kind
  const given = parse(
    kind.registration,
    registration,
    `${nameKey} and password`,
    (detail) => new Problem(400, 'INVALID_REGISTRATION', detail),
  )
  const row = { ...newRow(kind, given), id: randomUUID(), password_hash: await hashPassword(given.password) }
  const inserted = await database()
    .insertInto('owners')
    .values(row)
    .onConflict((conflict) => conflict.columns(['kind', 'name_key']).doNothing())
    .executeTakeFirst()
  if (inserted.numInsertedOrUpdatedRows !== 1n)
    throw new Problem(409, `${nameKey.toUpperCase()}_TAKEN`, `This ${nameKey} is taken.`)
  return row
}
