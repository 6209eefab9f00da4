import { setTimeout as wait } from 'node:timers/promises'
import { isRepeatable } from './errors'

const MOST_ATTEMPTS = 10
/** Longest wait after the first attempt, in ms. Doubles each time. */
const FIRST_WAIT = 5
const LONGEST_WAIT = 200

/** Runs work again, at most {@link MOST_ATTEMPTS} times in all, while others get in its way. Waits by chance, so that they part. */
export async function repeatWork<T>(work: () => Promise<T>, isSerializable = false): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work()
    } catch (error) {
      if (attempt === MOST_ATTEMPTS || !isRepeatable(error, isSerializable)) throw error
      await wait(Math.random() * Math.min(FIRST_WAIT * 2 ** (attempt - 1), LONGEST_WAIT))
    }
  }
}
