import { randomUUID } from 'node:crypto'
import { now } from '../cell/clock'
import { database, type OwnerRow } from '../sql'
import { canBeName, nameKeyOf, type OwnerKind, type Profile } from './kind'

/** The row of a new owner, who cannot log in with it yet: it has neither a password nor a trust point. */
export function newRow(kind: OwnerKind, { ownName, name, email }: Profile & { ownName: string }): Omit<OwnerRow, 'id'> {
  const time = now()
  return {
    kind: kind.kind,
    own_name: ownName,
    name_key: nameKeyOf(ownName),
    name: name ?? null,
    email: email ?? null,
    password_hash: null,
    trust_point: null,
    disabled_at: null,
    security_stamp: randomUUID(),
    created_at: time,
    updated_at: time,
  }
}

/** The row of the owner of this name, also where he is disabled. Nothing for what can be nobody's name. */
export async function findRowByName(kind: OwnerKind, name: unknown): Promise<OwnerRow | undefined> {
  if (!canBeName(name)) return undefined
  const rows = database()
    .selectFrom('owners')
    .selectAll()
    .where('kind', '=', kind.kind)
    .where('name_key', '=', nameKeyOf(name))
  return rows.executeTakeFirst()
}

/** The row of the owner of this id, also where he is disabled. */
export async function findRowById(kind: OwnerKind, id: string): Promise<OwnerRow | undefined> {
  if (id.includes('\0')) return undefined
  return database()
    .selectFrom('owners')
    .selectAll()
    .where('kind', '=', kind.kind)
    .where('id', '=', id)
    .executeTakeFirst()
}
