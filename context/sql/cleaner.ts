import { messageOf } from '../cell'

const BATCH = 500

/**
 * Deletes what is over, again and again until the cell ends. In batches, so that requests come in between.
 *
 * @param what is deleted, for a warning
 * @param destroy deletes at most so many, and says how many it were
 */
export function cleanRegularly(
  plasma: Organic.Plasma,
  seconds: number,
  what: string,
  destroy: (limit: number) => Promise<number>,
): void {
  const cleaner = setInterval(() => {
    clean(destroy).catch((error: unknown) => {
      process.emitWarning(`${what} could not be deleted: ${messageOf(error)}`)
    })
  }, seconds * 1000)
  cleaner.unref()
  plasma.on('kill', () => {
    clearInterval(cleaner)
  })
}

async function clean(destroy: (limit: number) => Promise<number>): Promise<void> {
  while ((await destroy(BATCH)) === BATCH) await new Promise(setImmediate)
}
