import { z } from 'zod'
import { DnaError, checkDna, messageOf, organelleDna } from '../../context/cell'
import { clockOf } from '../../context/cell/clock'
import { react } from '../../context/cell/reactions'
import { resolvePath } from '../../context/cell/root'
import { Database } from '../../context/sql'

const databaseDna = z.strictObject({
  source: organelleDna.source,
  emitReady: organelleDna.emitReady,
  /** The SQLite file, relative to the cell's root. Created on the first run, with its folder. */
  file: z.string('expected a path').min(1, 'must not be empty'),
})

/**
 * Opens the cell's database, brings its schema up to date, and closes it after everything else when the cell ends. Stores
 * `Database { data }` with the open {@link Database}.
 */
function databaseOrganelle(plasma: Organic.Plasma, dna: Organic.Dna): void {
  const { file, emitReady } = checkDna(databaseDna, dna)

  react(plasma, dna, async () => {
    const opening = Database.open(resolvePath(plasma, file), clockOf(plasma))
    plasma.on('killed', () =>
      opening.then(
        (database) => database.close(),
        () => undefined,
      ),
    )
    try {
      const database = await opening
      await advanceClock(database)
      // Owner models and session stores wait for this one, whatever DNA calls the ready chemical.
      if (emitReady !== 'Database') await plasma.store({ type: 'Database', data: database })
      return database
    } catch (cause) {
      throw new DnaError('file', messageOf(cause), { cause })
    }
  })
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
