import { createHash } from 'node:crypto'
import { SqlStore } from '../../../../plasma/express-sessions/stores/sql'
import { newPostgresUrl } from '../../../support/postgres'
import { openReopenableDatabase } from '../../../support/reopenable-database'
import type { OpenStore } from './open-store'

/** The SQL store, on a PostgreSQL server. */
export async function openPostgresStore(): Promise<OpenStore> {
  const database = await openReopenableDatabase({ url: await newPostgresUrl() })
  return {
    create: (lifetimes) => new SqlStore(database, lifetimes),
    bytes: async () => Buffer.from(JSON.stringify(await database.query.selectFrom('sessions').selectAll().execute())),
    corrupt: async (id) => {
      const hash = createHash('sha256').update(id).digest('base64url')
      const change = database.query.updateTable('sessions').set({ data: '{ "note": the-secret-note' })
      await change.where('id_hash', '=', hash).execute()
    },
    disconnect: () => database.close(),
    reconnect: () => database.reopen(),
  }
}
