/** Called once: with an error, with `null` and a value, or without arguments if there is no value. */
export type Callback<T> = (error?: unknown, value?: T) => void

/**
 * Calls back once with a promise's outcome, outside the promise: an error that the callback throws is uncaught, and never
 * becomes a second call.
 *
 * @returns the promise itself if there is no callback. Otherwise one that never rejects
 * @example findById(id, callback) { return callBack(this.#find(id), callback) }
 */
export function callBack<T>(
  outcome: Promise<T | undefined>,
  callback: Callback<T> | undefined,
): Promise<T | undefined> {
  if (!callback) return outcome
  return outcome.then(
    (value) => {
      if (value === undefined) process.nextTick(callback)
      else process.nextTick(callback, null, value)
      return value
    },
    (error: unknown) => {
      process.nextTick(callback, error)
      return undefined
    },
  )
}
