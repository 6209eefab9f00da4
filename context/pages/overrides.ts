import { distance } from 'fastest-levenshtein'
import { readdirSync } from 'node:fs'
import { DnaError, blameKey } from '../cell'

/** What the folder of a team may have instead of ours. Other files in it are the team's own. */
const ENTRIES = ['templates', 'texts', 'style.css', 'mark.svg']

/**
 * Checks the names in a team's folder.
 *
 * @param folder absolute path
 * @throws {DnaError} if there is no such folder, or a name in it is nearly one of those that count
 */
export function checkTeamFolder(folder: string): void {
  for (const name of blameKey('folder', () => readdirSync(folder))) checkNearMiss(name, name, ENTRIES)
}

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
