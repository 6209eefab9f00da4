import { distance } from 'fastest-levenshtein'
import { DnaError } from '../cell'

/**
 * Refuses a name in a team's folder that is nearly one of ours: it was meant to override ours, and would not.
 *
 * @param what the file, and the key in it if it has keys, for the message
 * @throws {DnaError}
 */
export function checkNearMiss(what: string, name: string, ours: readonly string[]): void {
  if (ours.includes(name)) return
  const near = ours.find((each) => distance(each.toLowerCase(), name.toLowerCase()) <= 2)
  if (near !== undefined) throw new DnaError('folder', `${what} overrides nothing, did you mean "${near}"?`)
}
