import fold from 'organic-dna-fold'
import { isObject } from './branches'
import { DnaError } from './error'
import { didYouMean } from './wording'

/**
 * Folds the chosen modes over the rest, and removes all modes.
 *
 * @param mode as in `_test` or `_production+_trusting`
 * @returns errors for unknown modes and for values that folding would lose
 */
export function foldModes(dna: Branch, mode: string | undefined): DnaError[] {
  const modes = Object.keys(dna).filter((branch) => branch.startsWith('_'))
  const errors = (mode ? mode.split('+') : []).flatMap((name) => {
    if (!modes.includes(name)) {
      const guess = didYouMean(name, modes) || `, expected one of ${modes.sort().join(', ')}`
      return [new DnaError('', `CELL_MODE: unknown mode "${name}"${guess}`)]
    }
    const folded = dna[name]
    return isObject(folded) ? foldOver(dna, folded) : [DnaError.at([name], 'a mode must be an object, or a folder')]
  })
  for (const name of modes) Reflect.deleteProperty(dna, name)
  return errors
}

/**
 * Folds changes over DNA with organic-dna-fold: objects key by key, lists item by item. `~key` replaces a value as a whole.
 *
 * @returns errors for changes that organic-dna-fold would silently drop; if there are any, nothing is folded
 */
export function foldOver(dna: object, changes: object): DnaError[] {
  const errors = findLost(dna as Branch, changes as Branch, [])
  // The fold keeps references to the caller's lists, and variables are later read in place.
  if (errors.length === 0) fold(dna, copyPlain(changes))
  return errors
}

/** Copies plain objects and lists. Instances and functions, such as an `ownerModel`, stay the same. */
function copyPlain<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copyPlain) as T
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copyPlain(inner)])) as T
}

type Branch = Record<string, unknown>

function findLost(dna: Branch, changes: Branch, path: string[]): DnaError[] {
  return Object.entries(changes).flatMap(([key, value]) => {
    const name = key.replace('~', '')
    const place = [...path, name]
    if (value === null)
      return [DnaError.at(place, 'null changes nothing: write the value, or false to switch an organelle off')]
    // A null in a list crashes the fold.
    if (Array.isArray(value)) return value.includes(null) ? [DnaError.at(place, 'expected no null in a list')] : []
    const existing = dna[name]
    if (typeof value !== 'object' || key.startsWith('~') || !existing) return []
    if (typeof existing === 'object' && !Array.isArray(existing))
      return findLost(existing as Branch, value as Branch, place)
    return [DnaError.at(place, 'an object cannot be folded over a value that is no object: write both as objects')]
  })
}
