import { sql, SqliteAdapter, type RawBuilder } from 'kysely'
import type { Database } from '../../context/sql'
import { SqlStore } from '../../plasma/express-sessions/stores/sql'
import { LIFETIMES, type Copy, type OpenBackend, type Template } from './backend'

/** Opens a backend that has owners and sessions in one database. */
export function openSqlBackend(database: Database, settle: () => Promise<void>): OpenBackend {
  return {
    database,
    sessions: new SqlStore(database, LIFETIMES),
    copy: async (template, copies) => {
      await copyOwners(database, template, copies)
      await copyRows(database, template, copies)
    },
    settle,
    close: () => database.close(),
  }
}

/** Copies an owner. */
export async function copyOwners(database: Database, { ownerId }: Template, copies: Copy[]): Promise<void> {
  await sql`
    insert into owners (id, kind, own_name, name_key, name, email, password_hash, trust_point, disabled_at,
      security_stamp, created_at, updated_at)
    select copy.owner_id, kind, copy.own_name, copy.own_name, name, email, password_hash, trust_point, disabled_at,
      security_stamp, created_at, updated_at
    from owners one, ${asTable(database, copies)} copy where one.id = ${ownerId}`.execute(database.query)
}

async function copyRows(database: Database, { idHash }: Template, copies: Copy[]): Promise<void> {
  await sql`
    insert into sessions (id_hash, family, owner_id, data, address, agent, created_at, seen_at, expires_at)
    select copy.id_hash, copy.id_hash, copy.owner_id, replace(data, one.owner_id, copy.owner_id), address, agent,
      created_at - age, seen_at - age, expires_at - age
    from sessions one, ${asTable(database, copies)} copy where one.id_hash = ${idHash}`.execute(database.query)
}

/** One parameter, however many copies. */
function asTable({ query }: Database, copies: Copy[]): RawBuilder<unknown> {
  const list = JSON.stringify(copies.map(({ idHash, ownerId, name, age }) => [idHash, ownerId, name, age]))
  const isSqlite = query.getExecutor().adapter instanceof SqliteAdapter
  const rows = isSqlite ? sql`json_each(${list})` : sql`json_array_elements(${list}::json)`
  const age = isSqlite ? sql`integer` : sql`bigint`
  return sql`(select value->>0 as id_hash, value->>1 as owner_id, value->>2 as own_name, cast(value->>3 as ${age}) as age
    from ${rows})`
}
