import { randomUUID } from 'node:crypto'
import { database, type SessionRow } from '../../context/sql'

/** Keeps a session that is not over in this process's database. @param owner_id whose it is */
export async function addSession(owner_id: string | null): Promise<void> {
  const times = { created_at: Date.now(), seen_at: Date.now(), expires_at: Date.now() + 3_600_000 }
  const id = randomUUID()
  const session = { id_hash: id, family: id, owner_id, data: '{}', address: null, agent: null, ...times }
  await database().insertInto('sessions').values(session).execute()
}

/** The sessions that this process's database has of an owner, or of nobody. */
export function sessionsOf(owner_id: string | null): Promise<SessionRow[]> {
  const all = database().selectFrom('sessions').selectAll()
  return (owner_id === null ? all.where('owner_id', 'is', null) : all.where('owner_id', '=', owner_id)).execute()
}
