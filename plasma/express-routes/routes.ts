import type { NextFunction, Request, RequestHandler, Response } from 'express'
import { METHODS } from 'node:http'
import { DnaError } from '../../context/cell'
import { shapeOf, type RouteFile } from './files'

/** What a route file exports. */
export type Builder = (plasma: Organic.Plasma, dna: Organic.Dna, helpers: object) => unknown

/** One route of a file. */
export interface Route {
  file: RouteFile
  /** `METHOD` or `METHOD path`, as written in the file. */
  key: string
  /** The method of an Express application that mounts it: `get`, `all`, … */
  verb: string
  /** As organic-express-routes writes it: mount, file and key in one. */
  url: string
  /** What it is mounted at. For `"* *"` of `/api`: `/api` and all below it, but not `/apiary`, which `/api*` matches too. */
  paths: string[]
  handlers: RequestHandler[]
}

const KEY = /^(\*|[A-Z-]+)(?: (\*|\/\S*))?$/

/**
 * Turns what a file's function has returned into routes.
 *
 * @param mount the prefix of the URLs
 * @throws {DnaError} for anything that would not be mounted, or would not guard
 */
export function buildRoutes(file: RouteFile, mount: string, built: unknown): Route[] {
  if (typeof built !== 'object' || built === null || built instanceof Promise || Array.isArray(built)) {
    throw new DnaError('path', `${file.name} does not return its routes: return an object as in { "GET": handler }`)
  }
  const base = mount + file.segments.map((segment) => `/${segment}`).join('')
  const first = file.segments.some((segment) => segment.startsWith(':')) ? [unlessAnswered] : []
  return Object.entries(built).map(([key, value]) => {
    const [, method = '', path = ''] = KEY.exec(key) ?? []
    const place = `${file.name}: "${key}"`
    if (method === '*' ? path === '' : !METHODS.includes(method)) {
      throw new DnaError('path', `${place} is no route: write as in "GET", "POST /inner/:id" or "* *"`)
    }
    const handlers = [value].flat() as unknown[]
    if (handlers.length === 0)
      throw new DnaError('path', `${place} has no handler: write function (req, res, next) { … }`)
    const guards = method === '*' || path.includes('*')
    const wrapped = handlers.map((handler, index) =>
      Object.assign(wrapHandler(place, handler, guards || index < handlers.length - 1), { routeFile: file.name }),
    )
    const url = base + path || '/'
    return {
      file,
      key,
      verb: method === '*' ? 'all' : method.toLowerCase(),
      url,
      paths: path === '*' && base !== '' ? [base, `${base}/*`] : [url],
      handlers: [...first, ...wrapped],
    }
  })
}

/** @throws {DnaError} for two files that answer the same URL */
export function checkTwins(routes: Route[]): void {
  const taken = new Map<string, RouteFile>()
  for (const { file, verb, url } of routes) {
    const id = `${verb === 'all' ? '*' : verb.toUpperCase()} ${shapeOf(url)}`
    const twin = taken.get(id)
    if (twin && twin !== file)
      throw new DnaError('path', `${twin.name} and ${file.name} both answer ${id}, keep one of them`)
    taken.set(id, file)
  }
}

/** If `/users/me` has set `res.response`, it has answered: `/users/:id`, which matches as well, must not answer too. */
const unlessAnswered: RequestHandler = function unlessAnswered(_req, res, next) {
  if (res.response === undefined) next()
  else next('route')
}

type AsyncHandler = (req: Request, res: Response) => Promise<unknown>
type PlainHandler = (req: Request, res: Response, next: NextFunction) => unknown

/** @param guards whether another handler runs after this one */
function wrapHandler(place: string, handler: unknown, guards: boolean): RequestHandler {
  if (typeof handler !== 'function') throw new DnaError('path', `${place} has a handler that is not a function`)
  const isAsync = handler.constructor.name === 'AsyncFunction'
  // One that takes `next` expects to decide when to go on, but would not get it.
  if (isAsync && (guards || handler.length > 2)) {
    throw new DnaError(
      'path',
      `${place} is guarded by an async function, which cannot hold a request back: write function (req, res, next) { … }`,
    )
  }
  return isAsync ? wrapAsync(place, handler as AsyncHandler) : wrapPlain(place, handler as PlainHandler)
}

/** organic-express-routes would take what an async handler returns for an error, and go on after it has answered. */
function wrapAsync(place: string, handler: AsyncHandler): RequestHandler {
  return function asyncHandler(req, res, next) {
    handler(req, res).then(
      (value) => {
        if (res.headersSent) return
        if (value === undefined) next()
        else next(new Error(`${place} returned a value: set res.response instead`))
      },
      (thrown: unknown) => next(asError(place, thrown)),
    )
  }
}

/** A handler that throws, or whose promise rejects, lets nobody through. */
function wrapPlain(place: string, handler: PlainHandler): RequestHandler {
  return function handle(req, res, next) {
    const fail = (thrown: unknown): void => {
      next(asError(place, thrown))
    }
    try {
      const returned = handler(req, res, next)
      if (returned instanceof Promise) returned.catch(fail)
    } catch (thrown) {
      fail(thrown)
    }
  }
}

/** Express takes falsy values, 'route' and 'router' for "go on". */
function asError(place: string, thrown: unknown): unknown {
  return typeof thrown === 'object' && thrown !== null ? thrown : new Error(`${place} failed with ${String(thrown)}`)
}
