type Start = (callback: (...values: unknown[]) => void) => unknown

/**
 * Waits for a callback. Rejects where it runs before the call returned, or more than once.
 *
 * @param start makes the call, with the callback that it is given
 * @returns the arguments of the callback, as many as there were
 */
export function called(start: Start): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    let returned = false
    let calls = 0
    start((...values) => {
      calls += 1
      if (!returned) reject(new Error('the callback ran before the call returned'))
      if (calls > 1) reject(new Error('the callback ran more than once'))
      // Leaves time for a second call.
      setTimeout(() => {
        resolve(values)
      }, 5)
    })
    returned = true
  })
}

/** An error as a callback gets it. */
export type Refusal = Error & { status?: number; code?: string }

/** Waits for a callback that gets an error and nothing else. */
export async function refused(start: Start): Promise<Refusal> {
  const values = await called(start)
  const [error] = values
  if (values.length === 1 && error instanceof Error) return error
  throw new Error(`the callback got ${String(values.length)} values and no error`)
}
