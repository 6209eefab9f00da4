import { setTimeout as wait } from 'node:timers/promises'
import { isRepeatable } from './errors'

const MOST_ATTEMPTS = 10
/** Upper limit of the first wait, in ms. Doubles each time. */
const FIRST_WAIT = 5
const LONGEST_WAIT = 200

/**
 * Runs work again while it fails because of other transactions, at most {@link MOST_ATTEMPTS} times in all. The waits are
 * random, so that the same two do not collide again.
 */
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
