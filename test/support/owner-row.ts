import type { OwnerRow } from '../../context/sql'

/** A user's row, as the database keeps it. */
export function ownerRow(id: string, name = id): OwnerRow {
  const none = {
    name: null,
    email: null,
    password_hash: null,
    trust_point: null,
    disabled_at: null,
    security_stamp: '',
  }
  return { id, kind: 'user', own_name: name, name_key: name, ...none, created_at: 1, updated_at: 1 }
}
