/**
 * What the work fails with, thrown or rejected. Fails itself when the work does not, or with an error of another kind.
 *
 * @param kind the class that the error must be of
 */
export async function rejectionOf<E extends Error = Error>(
  work: () => unknown,
  kind: abstract new (...values: never[]) => Error = Error,
): Promise<E> {
  let result: unknown
  try {
    result = await work()
  } catch (error) {
    if (error instanceof kind) return error as E
    throw new Error(`expected a failure that is of ${kind.name}`, { cause: error })
  }
  throw new Error(`expected a failure, got ${JSON.stringify(result)}`)
}
