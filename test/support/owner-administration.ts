import { OwnerAdministration } from '../../context/owners/administration'
import { createOwnerKind } from '../../context/owners/kind'
import type { Database } from '../../context/sql'
import { SqlStore } from '../../plasma/express-sessions/stores/sql'

/** An operator's work on the owners and sessions in a database, as the command line does it. */
export function administerOwners(database: Database, kind = createOwnerKind('user', 'username')): OwnerAdministration {
  const sessions = new SqlStore(database, { idle: 3_600_000, absolute: 3_600_000, touch: 0 })
  return new OwnerAdministration({ kind, database, sessions })
}
