import type { Express } from 'express'
import { DnaError } from '../../context/cell'
import { listMounted, type Handler, type Mounted } from '../../context/http/router'
import type { Route } from './routes'

/** Stands for any number of segments, including none. */
const ANYTHING = '*'

/**
 * Refuses guards that come too late, because an index above, another folder or another organelle has already mounted something
 * below their URL. A guard of the root only guards its own folder.
 *
 * @param routes of a folder, in the order in which they are to be mounted
 * @throws {DnaError} that names the guard's file and what comes before it
 */
export function checkGuardOrder(app: Express, routes: Route[]): void {
  const mounted = listMounted(app)
  routes.forEach((guard, index) => {
    const guarded = segmentsOf(guard.url.replace(/\*.*/, ''))
    if (!guard.url.includes('*') || guarded.length === 0) return
    const earlier = routes
      .slice(0, index)
      .filter(({ file }) => file !== guard.file && isPrefix(file.segments, guard.file.segments))
      .find(({ url }) => isBelow(url.replace(/\*.*/, ''), guarded))
    if (earlier) {
      throw new DnaError(
        'path',
        `${earlier.file.name} has ${earlier.url}, which would be mounted before the guard in ${guard.file.name}: move it into a file there`,
      )
    }
    for (const each of mounted) checkMounted(each, guard.file.name, guarded)
  })
}

/**
 * Refuses what is mounted below the guard's URL and could answer in its place, unless it is marked with `passesOn`. Middleware
 * for all URLs (headers, sessions) is trusted, except for applications, whose routes cannot be seen.
 */
function checkMounted({ urls, handlers, route }: Mounted, guard: string, guarded: string[]): void {
  // Nobody can tell which URLs a regular expression matches.
  const expressions = ([route?.path].flat() as unknown[]).filter((path) => path instanceof RegExp).map(String)
  const open = urls
    .map((url) => expressions.reduce((shorter, source) => shorter.replace(source, '/*'), url))
    .find((url) => isBelow(url, guarded))
  if (open === undefined || handlers.every(({ passesOn }) => passesOn)) return
  const last: (Handler & { routeFile?: string }) | undefined = handlers.at(-1)
  const what = last?.routeFile ?? `something at ${open} (${last?.name || 'unnamed function'})`
  throw new DnaError(
    'reactOn',
    `${what} was mounted before ${guard}, which guards /${guarded.join('/')}: let its organelle react to the ready chemical of this one`,
  )
}

function isPrefix(segments: string[], longer: string[]): boolean {
  return segments.every((segment, depth) => segment === longer[depth])
}

/** The segments of a URL. From the first special character on, anything may match. */
function segmentsOf(url: string): string[] {
  const segments = url.split('/').filter((segment) => segment !== '')
  const special = segments.findIndex((segment) => /[*?+()[\]|]/.test(segment))
  return special < 0 ? segments : [...segments.slice(0, special), ANYTHING]
}

/** Whether a URL may be the guarded one or below it. */
function isBelow(url: string, guarded: string[]): boolean {
  const segments = segmentsOf(url)
  const wild = segments.indexOf(ANYTHING)
  return guarded.every((segment, index) => {
    if (segment === ANYTHING || (wild >= 0 && index >= wild)) return true
    const other = segments[index]
    if (other === undefined) return false
    return segment.startsWith(':') || other.startsWith(':') || segment.toLowerCase() === other.toLowerCase()
  })
}
