import type { Express, RequestHandler } from 'express'
import { DnaError } from '../../context/cell'
import type { Route } from './routes'

/** An entry of an Express 4 router. */
interface Layer {
  handle: RequestHandler & {
    stack?: Layer[]
    /** Set by middleware that never answers in a route's place. */
    passesOn?: boolean
    /** Set by {@link buildRoutes}. */
    routeFile?: string
  }
  regexp: RegExp & { fast_slash?: boolean }
  /** Set by `get`, `post`, `all` and the like; not by `use`. */
  route?: { path: unknown; stack: Layer[] }
}

/** Any number of segments, including none. */
const ANYTHING = '*'

/**
 * Refuses guards that come too late, because an index above, another folder or another organelle has already mounted something
 * below their URL. A guard of the root only guards its own folder.
 *
 * @param routes of a folder, in the order in which they are to be mounted
 * @throws {DnaError} that names the guard's file and what comes before it
 */
export function checkGuards(app: Express, routes: Route[]): void {
  routes.forEach((guard, index) => {
    const guarded = segmentsOf(guard.url.replace(/\*.*/, ''))
    if (!guard.url.includes('*') || guarded.length === 0) return
    const earlier = routes
      .slice(0, index)
      .filter(({ file }) => file !== guard.file && isPrefix(file.segments, guard.file.segments))
      .find(({ url }) => isBelow(segmentsOf(url.replace(/\*.*/, '')), guarded))
    if (earlier) {
      throw new DnaError(
        'path',
        `${earlier.file.name} has ${earlier.url}, which would be mounted before the guard in ${guard.file.name}: move it into a file there`,
      )
    }
    checkBefore(guard.file.name, guarded, layersOf(app), [])
  })
}

function isPrefix(segments: string[], longer: string[]): boolean {
  return segments.every((segment, depth) => segment === longer[depth])
}

/**
 * Checks what is mounted before the guard. Anything below the guard's URL could answer in its place, unless the handler is
 * marked with `passesOn`. Middleware for all URLs (headers, sessions) is trusted, except for applications, whose routes
 * cannot be seen. The routes of routers are checked one by one.
 */
function checkBefore(guard: string, guarded: string[], layers: Layer[], prefix: string[]): void {
  for (const layer of layers) {
    const { handle, route } = layer
    const urls = (route ? pathsOf(route.path) : prefixesOf(layer.regexp)).map((segments) => [...prefix, ...segments])
    // A router below the guard's URL may still get routes later.
    if (!route && handle.stack && !urls.some((url) => isBelow(url, guarded))) {
      for (const url of urls) checkBefore(guard, guarded, handle.stack, url)
      continue
    }
    const isApplication = handle.name === 'mounted_app'
    const isHarmless = route ? route.stack.every((inner) => inner.handle.passesOn) : handle.passesOn
    const open = urls.find((url) => isBelow(isApplication ? [...url, ANYTHING] : url, guarded))
    if (!open || isHarmless) continue
    const { routeFile, name } = route?.stack.at(-1)?.handle ?? handle
    const what = routeFile ?? `something at /${open.join('/')} (${name || 'a function without a name'})`
    throw new DnaError(
      'reactOn',
      `${what} was mounted before ${guard}, which guards /${guarded.join('/')}: let its organelle react to the ready chemical of this one`,
    )
  }
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

/** Whether a URL with these segments is the guarded one or below it, as far as can be told. */
function isBelow(segments: string[], guarded: string[]): boolean {
  const wild = segments.indexOf(ANYTHING)
  return guarded.every((segment, index) => {
    if (segment === ANYTHING || (wild >= 0 && index >= wild)) return true
    const other = segments[index]
    if (other === undefined) return false
    return segment.startsWith(':') || other.startsWith(':') || segment.toLowerCase() === other.toLowerCase()
  })
}
