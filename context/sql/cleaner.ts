import { setTimeout as wait } from 'node:timers/promises'
import { messageOf } from '../cell'

/** Small, because SQLite deletes on the event loop while requests wait. */
const BATCH = 20
/** The pause after a batch, as a multiple of the batch's duration: a slow database gets longer pauses. */
const PAUSE_FACTOR = 4

/**
 * Deletes expired rows at an interval until the cell ends, in batches with pauses, so that requests do not wait for it.
 *
 * @param seconds from the end of one clean-up to the next
 * @param what is deleted, for a warning
 * @param deleteExpired deletes at most `limit` rows and returns how many
 */
export function cleanRegularly(
  plasma: Organic.Plasma,
  seconds: number,
  what: string,
  deleteExpired: (limit: number) => Promise<number>,
): void {
  const end = new AbortController()
  plasma.on('kill', () => end.abort())
  const sleep = (milliseconds: number): Promise<void> =>
    wait(milliseconds, undefined, { signal: end.signal, ref: false })

  async function clean(): Promise<void> {
    for (let deleted = BATCH; deleted === BATCH;) {
      const startedAt = performance.now()
      deleted = await deleteExpired(BATCH)
      await sleep((performance.now() - startedAt) * PAUSE_FACTOR)
    }
  }

  async function run(): Promise<never> {
    for (;;) {
      await sleep(seconds * 1000)
      await clean().catch((error: unknown) => {
        if (!end.signal.aborted) process.emitWarning(`${what} could not be deleted: ${messageOf(error)}`)
      })
    }
  }
  // Only the end of the cell ends it.
  run().catch(() => undefined)
}
