import { DnaError } from '../../context/errors'
import { RouteApp } from './route-app'

/**
 * How work ends: "mounted", or the message of its error. An error that is thrown where the work cannot catch it, and
 * that would end a process, says so.
 */
export async function outcomeOf(work: () => Promise<unknown>): Promise<string> {
  const listeners = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  try {
    const uncaught = new Promise<string>((resolve) => {
      process.once('uncaughtException', (error) => {
        resolve(`nobody could catch: ${error.message}`)
      })
    })
    const ended = work().then(() => 'mounted', (error: unknown) => (error as Error).message)
    return await Promise.race([uncaught, ended])
  } finally {
    process.removeAllListeners('uncaughtException')
    for (const listener of listeners) process.on('uncaughtException', listener)
  }
}

/**
 * Mounts route files that are to be refused.
 *
 * @returns the error that the organelle stops the boot with
 */
export async function refusal(files: Record<string, string>, dna: object = {}, folder?: string): Promise<DnaError> {
  const app = new RouteApp()
  const mounted = app.mount(files, dna, folder).then(() => undefined, (error: unknown) => error)
  const late = new Promise((resolve) => setTimeout(resolve, 5000, new Error('neither mounted nor refused')).unref())
  const error = await Promise.race([mounted, late])
  if (error instanceof DnaError) return error
  throw error instanceof Error ? error : new Error('nothing was refused')
}
