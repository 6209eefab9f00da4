/** What the work fails with, thrown or rejected. Fails itself when the work does not. */
export async function rejectionOf<E extends Error = Error>(work: () => unknown): Promise<E> {
  let result: unknown
  try {
    result = await work()
  } catch (error) {
    return error as E
  }
  throw new Error(`expected a failure, got ${JSON.stringify(result)}`)
}
