import { DnaError } from '../../context/cell'
import { rejectionOf } from './rejection'
import { RouteApp } from './route-app'
import { PATIENCE } from './until'

/**
 * Mounts route files that are to be refused.
 *
 * @returns the error that the organelle stops the boot with
 */
export function refusal(files: Record<string, string>, dna: object = {}, folder?: string): Promise<DnaError> {
  const app = new RouteApp()
  const late = new Promise((_resolve, reject) => {
    setTimeout(reject, PATIENCE, new Error('neither mounted nor refused')).unref()
  })
  return rejectionOf(() => Promise.race([app.mount(files, dna, folder), late]), DnaError)
}
