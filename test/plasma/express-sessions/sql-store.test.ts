import { sql } from 'kysely'
import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { closeDatabase, database, openDatabase } from '../../../context/sql'
import { SqlStore } from '../../../plasma/express-sessions/sql-store'
import { openTestDatabase } from '../../support/test-database'
import { describeSessionEnd } from './end.contract'
import { describeInterleavings } from './interleavings.contract'
import { describeSessionLifetime } from './lifetime.contract'
import type { OpenSessionStore } from './opened-store'
import { describeOwnerSessions } from './owners.contract'
import { describeRememberedSessions } from './remember.contract'
import { describeSessionStore } from './store.contract'

/** On a SQLite file. */
async function openSqlStore(): Promise<OpenSessionStore> {
  const file = await openTestDatabase()
  const hashOf = (id: string): string => createHash('sha256').update(id).digest('base64url')
  return {
    make: (lifetimes) => new SqlStore(lifetimes),
    kept: (id) =>
      database()
        .selectFrom('sessions')
        .select(['owner_id', 'created_at', 'seen_at', 'expires_at'])
        .where('id_hash', '=', hashOf(id))
        .executeTakeFirst(),
    bytes: () => Buffer.concat(readdirSync(dirname(file)).map((name) => readFileSync(join(dirname(file), name)))),
    corrupt: async (id) => {
      await database()
        .updateTable('sessions')
        .set({ data: 'the-secret-note' })
        .where('id_hash', '=', hashOf(id))
        .execute()
    },
    fail: closeDatabase,
    recover: () => openDatabase(file),
    close: closeDatabase,
  }
}

describeSessionStore('the SQL store', openSqlStore)
describeSessionEnd('the SQL store', openSqlStore)
describeSessionLifetime('the SQL store', openSqlStore)
describeOwnerSessions('the SQL store', openSqlStore)
describeRememberedSessions('the SQL store', openSqlStore)
describeInterleavings('the SQL store', async () => {
  const opened = await openSqlStore()
  // Thousands of writes, none of which has to outlast a crash of the machine.
  await sql`pragma synchronous = off`.execute(database())
  return opened
})
