import { join } from 'node:path'
import type { PostgresOptions } from '../../context/sql'
import { hasPostgres, newPostgresUrl } from './postgres'
import { temporaryFolder } from './temporary-folder'

/** Where a database is, as `Database.open` takes it. */
export type Place = string | PostgresOptions

/** What makes a new, empty database, of each kind that there is. */
const KINDS: Record<string, () => Promise<Place>> = {
  SQLite: () => Promise.resolve(newFile()),
  PostgreSQL: async () => ({ url: await newPostgresUrl() }),
}

/** A SQLite file that does not exist yet. */
export function newFile(): string {
  return join(temporaryFolder(), 'cell.db')
}

/**
 * Describes the same on every kind of database.
 *
 * @param describeTests gets what makes a new, empty database
 */
export function onEachDatabase(
  title: string,
  describeTests: (newPlace: () => Promise<Place>, kind: string) => void,
): void {
  for (const [kind, newPlace] of Object.entries(KINDS)) {
    describe(kind === 'PostgreSQL' ? 'on PostgreSQL (pending without it)' : `on ${kind}`, () => {
      before(function () {
        if (kind === 'PostgreSQL' && !hasPostgres()) this.skip()
      })
      // Nested, so that the hooks of pending tests do not run.
      describe(title, () => describeTests(newPlace, kind))
    })
  }
}
