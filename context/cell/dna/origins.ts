import type { DnaFile } from './files'
import { findReferences } from './references'

/** Where a value of the DNA is written. */
export interface Origin {
  /** The file whose value counts, or all files with items of a list; then the files of what they refer to. */
  files: string[]
  /** The dotted names that lead to it. */
  references: string[]
}

/**
 * Finds the files that a value comes from.
 *
 * @param files those in use, in the order of folding
 * @param path the value's place in the whole DNA
 */
export function findOrigin(files: readonly DnaFile[], path: readonly string[]): Origin {
  const origin: Origin = { files: [], references: [] }
  follow(path)
  return { files: [...new Set(origin.files)], references: origin.references }

  function follow(place: readonly string[]): void {
    for (let depth = place.length; depth > 0; depth -= 1) {
      const above = place.slice(0, depth)
      const writers = files.filter((file) => writtenIn(file, above) !== undefined)
      const last = writers.at(-1)
      if (!last) continue
      const written = writtenIn(last, above)
      origin.files.push(...(Array.isArray(written) ? writers : [last]).map(({ name }) => name))
      const rest = place.slice(depth)
      for (const name of namesIn(written, rest.length > 0)) {
        // References are checked, but a list can name the same value twice.
        if (origin.references.includes(name)) continue
        origin.references.push(name)
        follow([...name.split('.'), ...rest])
      }
      return
    }
  }
}

/** The references in a value as it is written; of an object, only those that bring its other keys. */
function namesIn(written: unknown, isAbove: boolean): string[] {
  if (!isAbove || typeof written !== 'object' || written === null) return findReferences(written)
  return Object.entries(written).flatMap(([key, value]) => (/^!?@$/.test(key) ? [String(value)] : []))
}

/** The value that a file writes at a place, which may be a part of it. */
export function writtenIn({ branch, content }: DnaFile, path: readonly string[]): unknown {
  if (!branch.every((name, index) => index >= path.length || name === path[index])) return undefined
  if (branch.length > path.length) return {}
  let value = content
  for (const key of path.slice(branch.length)) {
    if (typeof value !== 'object' || value === null) return undefined
    const holder = value as Record<string, unknown>
    value = Object.hasOwn(holder, key) ? holder[key] : Object.hasOwn(holder, `~${key}`) ? holder[`~${key}`] : undefined
  }
  return value
}
