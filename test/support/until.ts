/** Milliseconds that a test waits for something to happen: far longer than it takes on the busiest machine. */
export const PATIENCE = 60_000

/**
 * Waits until something holds. It looks every few milliseconds, and returns as soon as it does.
 *
 * @param isTrue looks once
 * @param tell what to say when it never comes true
 * @throws {Error} after {@link PATIENCE}
 */
export async function until(isTrue: () => boolean | Promise<boolean>, tell: () => string = () => isTrue.toString()): Promise<void> {
  for (const deadline = Date.now() + PATIENCE; !(await isTrue()); await new Promise((resolve) => setTimeout(resolve, 10))) {
    if (Date.now() > deadline) throw new Error(`not true after ${PATIENCE / 1000} s: ${tell()}`)
  }
}
