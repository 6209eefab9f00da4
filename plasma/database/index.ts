import { readFileSync } from 'node:fs'
import { z } from 'zod'
import {
  DnaError,
  blameKey,
  checkDna,
  clockOf,
  isDnaError,
  messageOf,
  organelleDna,
  react,
  resolvePath,
} from '../../context/cell'
import { Database, loadMigrations } from '../../context/sql'
import { parseServer } from '../../context/sql/postgres/server'

const databaseDna = z
  .strictObject({
    source: organelleDna.source,
    emitReady: organelleDna.emitReady,
    file: z
      .string('expected a path')
      .min(1, 'must not be empty')
      .optional()
      .describe('The SQLite file. Created on the first run, with its folder.'),
    url: z
      .string('expected a URL')
      .superRefine(checkUrl)
      .optional()
      .describe(
        'A database on a PostgreSQL server, which any number of cells may share, instead of file: postgres://user:password@host:5432/database. Connections to other machines are encrypted and certificates verified, unless it ends with ?sslmode=disable. A Unix socket: postgres://user@/database?host=/var/run/postgresql',
      ),
    caFile: z
      .string('expected a path')
      .min(1, 'must not be empty')
      .optional()
      .describe('PEM file of the certificate authority of the PostgreSQL server.'),
    poolSize: z
      .int()
      .min(2)
      .max(1000)
      .default(10)
      .describe(
        'The most connections of this cell to the PostgreSQL server. Half of them are for the reads that every request makes.',
      ),
    statementSeconds: z
      .int()
      .min(1)
      .max(3600)
      .default(5)
      .describe(
        "How many seconds the PostgreSQL server may take for a query, and how long a query waits for a connection, at most 10. Then the request gets 503. The operator's commands wait for an hour.",
      ),
    waitSeconds: z
      .int()
      .min(0)
      .max(3600)
      .default(30)
      .describe(
        'How many seconds the boot waits for a PostgreSQL server that is not there yet; no longer than bootSeconds of the cell.',
      ),
    migrations: z
      .record(
        z
          .string()
          .regex(/^[a-z][a-z0-9_]{0,39}$/, 'expected a name as in "notes": lowercase letters, digits and _')
          // That is where the cell's own are counted.
          .refine((name) => name !== 'kysely', 'expected another name than "kysely"'),
        z.string('expected a folder').min(1, 'must not be empty'),
      )
      .default({})
      .describe('Folders of migrations for tables of your own, by names.'),
  })
  .refine(({ file, url }) => file !== undefined || url !== undefined, {
    path: ['file'],
    error: 'expected the path of a SQLite file, or the url of a PostgreSQL server',
  })

/**
 * Opens the cell's database, brings its schema up to date, and closes it after everything else when the cell ends. Stores
 * `Database { data }` with the open {@link Database}.
 */
function databaseOrganelle(plasma: Organic.Plasma, dna: Organic.Dna): void {
  const { file = '', url, caFile, emitReady, migrations, ...server } = checkDna(databaseDna, dna)
  const ending = new AbortController()

  react(plasma, dna, async () => {
    const ca = url && caFile && blameKey('caFile', () => readFileSync(resolvePath(plasma, caFile), 'utf8'))
    const place = url === undefined ? resolvePath(plasma, file) : { ...server, url, ca, signal: ending.signal }
    const folders = Object.entries(migrations).map(([name, folder]) =>
      loadMigrations(name, resolvePath(plasma, folder), resolvePath(plasma, '')),
    )
    const opening = Database.open(place, clockOf(plasma), folders)
    plasma.on('kill', () => ending.abort())
    plasma.on('killed', () => {
      ending.abort()
      return opening.then(
        (database) => database.close(),
        () => undefined,
      )
    })
    try {
      const database = await opening
      await advanceClock(database)
      // Owner models and session stores wait for this one, whatever DNA calls the ready chemical.
      if (emitReady !== 'Database') await plasma.store({ type: 'Database', data: database })
      return database
    } catch (cause) {
      if (isDnaError(cause)) throw cause
      throw new DnaError(url === undefined ? 'file' : 'url', messageOf(cause), { cause })
    }
  })
}

function checkUrl(url: string, context: z.RefinementCtx): void {
  try {
    parseServer(url)
  } catch (error) {
    context.addIssue(messageOf(error))
  }
}

/** Sessions that have expired must stay so if the machine's clock was set back while the cell was stopped. */
async function advanceClock({ query, clock }: Database): Promise<void> {
  const { seen } = await query
    .selectFrom('sessions')
    .select(({ fn }) => fn.max<number | null>('seen_at').as('seen'))
    .executeTakeFirstOrThrow()
  const seconds = Math.ceil(clock.advanceTo(seen ?? 0) / 1000)
  // The clocks of two machines that share a database differ by less.
  if (seconds > 60) {
    process.emitWarning(`the clock is ${seconds} s behind the last session in the database: time goes on from there`)
  }
}

databaseOrganelle.dnaSchema = databaseDna

export = databaseOrganelle
