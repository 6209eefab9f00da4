import type { Express, IRoute, RequestHandler } from 'express'
import { METHODS } from 'node:http'

/** A handler on an Express application. */
export type Handler = RequestHandler & {
  /** Set by handlers that never answer: guards mounted after them still guard. */
  passesOn?: boolean
}

/** Something that is mounted on an Express application: a route, or a middleware. */
export interface Mounted {
  /**
   * Its URLs, including those of the routers that it is in, as in `/api/users/:id`. Regular expressions are written as in
   * code, parameters of a middleware as `/:`. `*` stands for anything. A middleware also gets everything below its URLs.
   */
  urls: string[]
  /** The methods of a route, in capitals, or `*` for all. Empty for a middleware. */
  methods: string[]
  handlers: Handler[]
  /** What `app.route` has returned. Nothing for a middleware. */
  route: IRoute | undefined
  /** Whether this is a router. What it contains follows it in the list, and more may be added later. */
  isRouter: boolean
  /** Whether Express would run it for this path. */
  matches(path: string): boolean
}

/** An entry of an Express 4 router. */
interface Layer {
  handle: Handler & { stack?: Layer[] }
  regexp: RegExp & { fast_slash?: boolean }
  /** Set by `get`, `post`, `all` and the like; not by `use`. */
  route?: IRoute & { path: unknown; methods: Record<string, boolean>; stack: Layer[] }
}

/** The part of a path that a router passes on to what it contains, or nothing if it does not match. */
type Rest = (path: string) => string | undefined

/**
 * Lists what is mounted on an Express 4 application, in the order in which Express runs it.
 *
 * @example listMounted(app).filter(({ matches }) => matches('/api/login'))
 */
export function listMounted(app: Express): Mounted[] {
  const { _router: router } = app as unknown as { _router?: { stack: Layer[] } }
  return listLayers(router?.stack ?? [], [''], (path) => path)
}

function listLayers(layers: Layer[], prefixes: string[], restAbove: Rest): Mounted[] {
  return layers.flatMap((layer) => {
    const { handle, regexp, route } = layer
    const own = route ? [route.path].flat().map(String) : prefixesOf(layer)
    const urls = prefixes.flatMap((prefix) => own.map((url) => prefix + url))
    const rest: Rest = (path) => {
      const above = restAbove(path)
      const matched = above === undefined ? undefined : regexp.exec(above)?.[0]
      return matched === undefined ? undefined : above?.slice(matched.length) || '/'
    }
    const contained = route ? undefined : handle.stack
    const mounted: Mounted = {
      urls,
      methods: route ? methodsOf(route.methods) : [],
      handlers: route ? route.stack.map((inner) => inner.handle) : [handle],
      route,
      isRouter: contained !== undefined,
      matches: (path) => rest(path) !== undefined,
    }
    return [mounted, ...listLayers(contained ?? [], urls, rest)]
  })
}

function methodsOf(methods: Record<string, boolean>): string[] {
  const names = Object.keys(methods).map((name) => name.toUpperCase())
  return names.includes('_ALL') || METHODS.every((name) => names.includes(name)) ? ['*'] : names
}

/** A parameter in such an expression. Its name is lost. */
const PARAMETER = /\(\?:\\\/\(\[\^\\?\/\]\+\?\)\)/g

/** The URLs of a middleware, of which Express keeps only a regular expression. */
function prefixesOf({ handle, regexp: { source, fast_slash: isEverywhere } }: Layer): string[] {
  // The routes of an application on another one cannot be seen.
  const end = handle.name === 'mounted_app' ? '/*' : ''
  if (isEverywhere) return [end]
  // Express joins the expressions of several paths.
  return source.split('|^').map((one) => {
    const path = /^\^?(.*)\\\/\?\(\?=\\\/\|\$\)$/.exec(one)?.[1]?.replace(PARAMETER, '/:')
    const isPlain = path !== undefined && !/[()|^]/.test(path.replace(/\\./g, ''))
    return isPlain ? path.replace(/\\(.)/g, '$1') + end : '/*'
  })
}
