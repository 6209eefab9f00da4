import { distance } from 'fastest-levenshtein'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
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
 * Lists a folder inside a team's folder, if it is there.
 *
 * @param folder absolute path of the team's folder, if DNA names one
 */
export function listFolder(folder: string | undefined, inner: string): string[] {
  return hasFile(folder, inner) ? blameKey('folder', () => readdirSync(join(folder, inner))) : []
}

/**
 * Reads a file of ours or of a team.
 *
 * @throws {DnaError} that names the file
 */
export function readFile(file: string): Buffer {
  return blameKey('folder', () => readFileSync(file), `${file}: `)
}

/** Whether a team's folder has this name in it. A link that leads nowhere counts: it was meant to override ours. */
export function hasFile(folder: string | undefined, name: string): folder is string {
  return folder !== undefined && readdirSync(folder).includes(name)
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
