/**
 * Does work that may throw where nobody can catch it, which would end a process.
 *
 * @returns the messages of what was thrown so until the work was done
 */
export async function uncaughtDuring(work: () => Promise<unknown>): Promise<string[]> {
  const listeners = process.listeners('uncaughtException')
  const uncaught: string[] = []
  process.removeAllListeners('uncaughtException')
  process.on('uncaughtException', (error) => uncaught.push(error.message))
  try {
    await work()
  } finally {
    process.removeAllListeners('uncaughtException')
    for (const listener of listeners) process.on('uncaughtException', listener)
  }
  return uncaught
}
