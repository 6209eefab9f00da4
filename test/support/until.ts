/** How long tests wait for something to happen, in milliseconds. Far longer than it takes on the busiest machine. */
export const PATIENCE = 60_000

/**
 * Waits until a condition is true. Checks it every few milliseconds.
 *
 * @param isTrue checks the condition once
 * @param tell makes the message for when it never becomes true
 * @throws {Error} after {@link PATIENCE}
 */
export async function until(
  isTrue: () => boolean | Promise<boolean>,
  tell: () => string = () => isTrue.toString(),
): Promise<void> {
  for (
    const deadline = Date.now() + PATIENCE;
    !(await isTrue());
    await new Promise((resolve) => setTimeout(resolve, 10))
  ) {
    if (Date.now() > deadline) throw new Error(`not true after ${PATIENCE / 1000} s: ${tell()}`)
  }
}
