import { randomUUID } from 'node:crypto'
import { Problem } from '../cell'
import type { OwnerRow } from '../sql'
import { parseInput, type Refusal } from './input'
import type { PasswordHasher } from './passwords'
import type { OwnerRows } from './rows'

/**
 * Creates an owner with a password.
 *
 * @param registration the name, a password, and optionally a profile (`name`, `email`), unchecked
 * @throws {Problem} 400 for an invalid registration, 409 if the name is taken
 */
export async function registerOwner(rows: OwnerRows, hasher: PasswordHasher, registration: unknown): Promise<OwnerRow> {
  const { nameKey, registration: shape } = rows.kind
  const expected = `${nameKey} and password`
  const refuse: Refusal = (detail, at) => new Problem(400, 'INVALID_REGISTRATION', detail, at)
  const given = parseInput(shape, registration, expected, refuse)
  const row = { ...rows.newRow(given), id: randomUUID(), password_hash: await hasher.hash(given.password) }
  const inserted = await rows.query
    .insertInto('owners')
    .values(row)
    .onConflict((conflict) => conflict.columns(['kind', 'name_key']).doNothing())
    .executeTakeFirst()
  if (inserted.numInsertedOrUpdatedRows !== 1n)
    throw new Problem(409, `${nameKey.toUpperCase()}_TAKEN`, `This ${nameKey} is taken.`)
  return row
}
