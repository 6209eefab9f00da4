import { randomUUID } from 'node:crypto'
import { now } from '../clock'
import type { OwnerRow } from '../database'
import { nameKeyOf, type OwnerKind, type Profile } from './owner-kind'

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
