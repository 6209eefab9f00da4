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
    /** The SQLite file, relative to the cell's root. Created on the first run, with its folder. */
    file: z.string('expected a path').min(1, 'must not be empty').optional(),
    /** A database on a PostgreSQL server, instead of the file. */
    url: z.string('expected a URL').superRefine(checkUrl).optional(),
    /** PEM file of the certificate authority of the server. */
    caFile: z.string('expected a path').min(1, 'must not be empty').optional(),
    /** The most connections to the server. */
    poolSize: z.int().min(2).max(1000).default(10),
    /** How long the server may take for a query, and how long to wait for a connection, at most 10 s. */
    statementSeconds: z.int().min(1).max(3600).default(5),
    /** How long the boot waits for the server. */
    waitSeconds: z.int().min(0).max(3600).default(30),
    /** Folders of migrations for tables of your own, by name. */
    migrations: z
      .record(
        z
          .string()
          .regex(/^[a-z][a-z0-9_]{0,39}$/, 'expected a name as in "notes": small letters, digits and _')
          // That is where the cell's own are counted.
          .refine((name) => name !== 'kysely', 'expected another name than "kysely"'),
        z.string('expected a folder').min(1, 'must not be empty'),
      )
      .default({}),
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
