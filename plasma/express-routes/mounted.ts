import type { Express, RequestHandler } from 'express'
import { DnaError } from '../../context/cell'

/** A route or a guard, and its URL. */
export interface Place {
  /** Its file. */
  name: string
  /** The segments of its URL, `:id` for a parameter. */
  segments: string[]
  /** The segments of its file's URL. */
  file: string[]
  guards: boolean
}

/** An entry of an Express 4 router. */
interface Layer {
  handle: RequestHandler & { stack?: Layer[]; passesOn?: boolean }
  regexp: RegExp & { fast_slash?: boolean }
  /** Set by `get`, `post`, `all` and the like; not by `use`. */
  route?: { path: unknown; stack: Layer[] }
}

/** Any number of segments, including none. */
const ANYTHING = '*'

const mounted = new WeakMap<Layer, string>()

/**
 * Refuses guards that come too late: an index above, another folder, or another organelle has already mounted something below
 * their URL. Called before anything of the folder is mounted. A guard of the root only guards the pages of its own folder.
 *
 * @param places of the folder, in the order in which they are to be mounted
 * @throws {DnaError} that names the guard's file and what comes before it
 */
export function checkGuards(app: Express, places: Place[]): void {
  places.forEach((guard, index) => {
    if (!guard.guards || guard.segments.length === 0) return
    const above = places
      .slice(0, index)
      .filter(({ name, file }) => name !== guard.name && file.every((segment, depth) => segment === guard.file[depth]))
    const earlier = above.find(({ segments }) => isBelow(segments, guard.segments))
    if (earlier) {
      const url = `/${earlier.segments.join('/')}`
      throw new DnaError(
        'path',
        `${earlier.name} has ${url}, which would be mounted before the guard in ${guard.name}: move it into a file there`,
      )
    }
    checkBefore(guard, layersOf(app), [])
  })
}

/** Remembers which file the application's last layer came from. */
export function rememberLayer(app: Express, file: string): void {
  const last = layersOf(app).at(-1)
  if (last) mounted.set(last, file)
}

/**
 * Checks what is mounted before the guard. Anything below the guard's URL could answer in its place, unless the handler is
 * marked with `passesOn`. Middleware for all URLs (headers, sessions) is trusted, except for applications, whose routes
 * cannot be seen. The routes of routers are checked one by one.
 */
function checkBefore(guard: Place, layers: Layer[], prefix: string[]): void {
  for (const layer of layers) {
    const { handle, route } = layer
    const urls = (route ? pathsOf(route.path) : prefixesOf(layer.regexp)).map((segments) => [...prefix, ...segments])
    // A router below the guard's URL may still get routes later.
    if (!route && handle.stack && !urls.some((url) => isBelow(url, guard.segments))) {
      for (const url of urls) checkBefore(guard, handle.stack, url)
      continue
    }
    const isApplication = handle.name === 'mounted_app'
    const isHarmless = route ? route.stack.every((inner) => inner.handle.passesOn) : handle.passesOn
    const open = urls.find((url) => isBelow(isApplication ? [...url, ANYTHING] : url, guard.segments))
    if (!open || isHarmless) continue
    const what = mounted.get(layer) ?? `something at /${open.join('/')} (${nameOf(layer)})`
    const instead = 'let its organelle react to the ready chemical of this one'
    throw new DnaError(
      'reactOn',
      `${what} was mounted before ${guard.name}, which guards /${guard.segments.join('/')}: ${instead}`,
    )
  }
}

function nameOf({ handle, route }: Layer): string {
  return (route ? route.stack.at(-1)?.handle : handle)?.name ?? 'a function without a name'
}

function layersOf(app: Express): Layer[] {
  return (app as unknown as { _router?: { stack: Layer[] } })._router?.stack ?? []
}

/** The segments of the paths that a route is for. */
function pathsOf(path: unknown): string[][] {
  return [path].flat().map((one) => (typeof one === 'string' ? segmentsOf(one) : [ANYTHING]))
}

/** The segments of a middleware's paths, of which Express keeps only a regular expression. */
function prefixesOf({ source, fast_slash: isEverywhere }: Layer['regexp']): string[][] {
  if (isEverywhere) return [[]]
  // Express joins the expressions of several paths.
  return source.split('|^').map((one) => {
    const path = /^\^?(.*)\\\/\?\(\?=\\\/\|\$\)$/.exec(one)?.[1]?.replaceAll('(?:\\/([^\\/]+?))', '/:')
    const isPlain = path !== undefined && !/[()|^]/.test(path.replace(/\\./g, ''))
    return isPlain ? segmentsOf(path.replace(/\\(.)/g, '$1')) : [ANYTHING]
  })
}

function segmentsOf(path: string): string[] {
  const segments = path.split('/').filter((segment) => segment !== '')
  // From the first special character on, anything may match.
  const special = segments.findIndex((segment) => /[*?+()[\]|]/.test(segment))
  return special < 0 ? segments : [...segments.slice(0, special), ANYTHING]
}

function isBelow(segments: string[], guarded: string[]): boolean {
  const wild = segments.indexOf(ANYTHING)
  return guarded.every((segment, index) => {
    if (wild >= 0 && index >= wild) return true
    const other = segments[index]
    if (other === undefined) return false
    return segment.startsWith(':') || other.startsWith(':') || segment.toLowerCase() === other.toLowerCase()
  })
}
