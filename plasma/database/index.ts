import { resolve } from 'node:path'
import { z } from 'zod'
import { goOnFrom } from '../../context/cell/clock'
import { closeDatabase, database, openDatabase } from '../../context/sql'
import { DnaError, checkDna, messageOf, organelleDna } from '../../context/cell'
import { react } from '../../context/cell/reactions'

const databaseDna = z.strictObject({
  source: organelleDna.source,
  emitReady: organelleDna.emitReady,
  /** The SQLite file, relative to the working directory. Made on the first run, with its folder. */
  file: z.string('expected a path').min(1, 'must not be empty'),
})

/** Opens the cell's database, brings its schema up to date, and closes it when the cell ends. */
function databaseOrganelle(plasma: Organic.Plasma, dna: Organic.Dna): void {
  const { file } = checkDna(databaseDna, dna)

  react(plasma, dna, async () => {
    const opening = openDatabase(resolve(file))
    // One that did not open may be another cell's.
    plasma.on('killed', () => opening.then(closeDatabase, () => undefined))
    try {
      await opening
      await goOn()
    } catch (cause) {
      throw new DnaError('file', messageOf(cause), { cause })
    }
  })
}

/** A session that is over must not come alive again because the clock was set back while the cell did not run. */
async function goOn(): Promise<void> {
  const { seen } = await database()
    .selectFrom('sessions')
    .select(({ fn }) => fn.max<number | null>('seen_at').as('seen'))
    .executeTakeFirstOrThrow()
  // Less than this are two machines' clocks.
  const seconds = Math.ceil(goOnFrom(seen ?? 0) / 1000)
  if (seconds > 60)
    process.emitWarning(`the clock is ${seconds} s behind the last session in the database: time goes on from there`)
}

databaseOrganelle.dnaSchema = databaseDna

export = databaseOrganelle
