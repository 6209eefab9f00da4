import { sql } from 'kysely'
import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { SqlStore } from '../../../../plasma/express-sessions/stores/sql'
import { openReopenableDatabase } from '../../../support/reopenable-database'
import type { Database } from '../../../../context/sql'
import type { OpenStore } from './open-store'

/** The SQL store, on a SQLite file. */
export async function openSqlStore(): Promise<OpenStore & { database: Database }> {
  const database = await openReopenableDatabase()
  // Checkpoints need not wait for the disk: nothing here has to survive a crash of the machine.
  await sql`pragma synchronous = off`.execute(database.query)
  const folder = dirname(database.file)
  return {
    database,
    create: (lifetimes) => new SqlStore(database, lifetimes),
    bytes: () => Promise.resolve(Buffer.concat(readdirSync(folder).map((name) => readFileSync(join(folder, name))))),
    corrupt: async (id) => {
      const hash = createHash('sha256').update(id).digest('base64url')
      const change = database.query.updateTable('sessions').set({ data: '{ "note": the-secret-note' })
      await change.where('id_hash', '=', hash).execute()
    },
    disconnect: () => database.close(),
    reconnect: () => database.reopen(),
  }
}
