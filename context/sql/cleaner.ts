import { messageOf } from '../cell'

const BATCH = 500

/**
 * Deletes expired rows at an interval until the cell ends, in batches that do not hold up requests.
 *
 * @param what is deleted, for a warning
 * @param deleteExpired deletes at most `limit` rows and returns how many
 */
export function cleanRegularly(
  plasma: Organic.Plasma,
  seconds: number,
  what: string,
  deleteExpired: (limit: number) => Promise<number>,
): void {
  const cleaner = setInterval(() => {
    clean(deleteExpired).catch((error: unknown) => {
      process.emitWarning(`${what} could not be deleted: ${messageOf(error)}`)
    })
  }, seconds * 1000)
  cleaner.unref()
  plasma.on('kill', () => {
    clearInterval(cleaner)
  })
}

async function clean(deleteExpired: (limit: number) => Promise<number>): Promise<void> {
  while ((await deleteExpired(BATCH)) === BATCH) await new Promise(setImmediate)
}
