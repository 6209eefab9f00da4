import fold from 'organic-dna-fold'
import { DnaError } from '..'

/**
 * Folds changes over DNA with organic-dna-fold: objects key by key, lists item by item. `~key` replaces a value as a whole.
 *
 * @returns errors for changes that organic-dna-fold would silently drop; if there are any, nothing is folded
 */
export function foldOver(dna: object, changes: object): DnaError[] {
  const errors = findLost(dna as Branch, changes as Branch, [])
  // A null in a list crashes it.
  if (errors.length === 0) fold(dna, changes)
  return errors
}

type Branch = Record<string, unknown>

function findLost(dna: Branch, changes: Branch, path: string[]): DnaError[] {
  return Object.entries(changes).flatMap(([key, value]) => {
    const name = key.replace('~', '')
    const place = [...path, name]
    if (value === null)
      return [DnaError.at(place, 'null changes nothing: write the value, or false to switch an organelle off')]
    if (Array.isArray(value)) return value.includes(null) ? [DnaError.at(place, 'expected no null in a list')] : []
    const existing = dna[name]
    if (typeof value !== 'object' || key.startsWith('~') || !existing) return []
    if (typeof existing === 'object' && !Array.isArray(existing))
      return findLost(existing as Branch, value as Branch, place)
    return [DnaError.at(place, 'an object cannot be folded over a value that is no object: write both as objects')]
  })
}
