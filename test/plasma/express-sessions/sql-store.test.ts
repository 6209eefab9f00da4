import { sql } from 'kysely'
import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { SqlStore } from '../../../plasma/express-sessions/stores/sql'
import { openReopenableDatabase, type ReopenableDatabase } from '../../support/reopenable-database'
import { describeSessionEnd } from './end.contract'
import { describeInterleavings } from './interleavings.contract'
import { describeSessionLifetime } from './lifetime.contract'
import type { OpenSessionStore } from './opened-store'
import { describeOwnerSessions } from './owners.contract'
import { describeRememberedSessions } from './remember.contract'
import { describeSessionStore } from './store.contract'

/** On a SQLite file. */
async function openSqlStore(): Promise<OpenSessionStore & { database: ReopenableDatabase }> {
  const database = await openReopenableDatabase()
  const { file } = database
  const hashOf = (id: string): string => createHash('sha256').update(id).digest('base64url')
  return {
    make: (lifetimes) => new SqlStore(database, lifetimes),
    kept: (id) =>
      database.query
        .selectFrom('sessions')
        .select(['owner_id', 'created_at', 'seen_at', 'expires_at'])
        .where('id_hash', '=', hashOf(id))
        .executeTakeFirst(),
    bytes: () => Buffer.concat(readdirSync(dirname(file)).map((name) => readFileSync(join(dirname(file), name)))),
    corrupt: async (id) => {
      await database.query
        .updateTable('sessions')
        .set({ data: 'the-secret-note' })
        .where('id_hash', '=', hashOf(id))
        .execute()
    },
    database,
    fail: () => database.close(),
    recover: () => database.reopen(),
    close: () => database.close(),
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
  await sql`pragma synchronous = off`.execute(opened.database.query)
  return opened
})
