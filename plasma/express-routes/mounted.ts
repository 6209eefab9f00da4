import type { Express } from 'express'
import { DnaError } from '../../context/errors'

/** Something that answers, or guards, from a URL on. */
export interface Place {
  /** The file that it stands in. */
  name: string
  /** The segments of its URL, `:id` for a parameter. */
  segments: string[]
}

const mounted = new WeakMap<Express, Place[]>()

/**
 * Remembers what a folder of routes mounts on an application, and refuses a guard that comes too late: after what
 * another folder has mounted below its URL. Folders are mounted in the order of their organelles' `reactOn`. A guard of
 * the root is for the pages of its own folder.
 *
 * @throws {DnaError} that names both files
 */
export function mount(app: Express, guards: Place[], routes: Place[]): void {
  const before = mounted.get(app) ?? []
  for (const guard of guards.filter(({ segments }) => segments.length > 0)) {
    const open = before.find((place) => isBelow(place.segments, guard.segments))
    if (open) {
      throw new DnaError('reactOn', `${open.name} was mounted before ${guard.name}, which guards it: make its organelle wait for this one`)
    }
  }
  mounted.set(app, [...before, ...routes])
}

function isBelow(segments: string[], guarded: string[]): boolean {
  return guarded.every((segment, index) => {
    const other = segments[index]
    if (other === undefined) return false
    return segment.startsWith(':') || other.startsWith(':') || segment.toLowerCase() === other.toLowerCase()
  })
}
