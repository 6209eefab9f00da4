import type { NextFunction, Request, RequestHandler, Response } from 'express'
import { METHODS } from 'node:http'
import { DnaError } from '../../context/cell'

/** One route of a file. */
export interface Route {
  /** `METHOD` or `METHOD path`, as the file has it. */
  key: string
  /** In capitals; `*` for any. */
  method: string
  /** The function of an Express application that mounts it. */
  verb: 'all'
  /** Below the file's URL: empty, `*`, or beginning with a slash. */
  path: string
  handlers: RequestHandler[]
}

const KEY = /^(\*|[A-Z-]+)(?: (\*|\/\S*))?$/

/**
 * The routes that a file's function has returned.
 *
 * @param name of the file, for messages
 * @throws {DnaError} for whatever would not be mounted, or would not guard
 */
export function routesOf(name: string, built: unknown): Route[] {
  if (typeof built !== 'object' || built === null || built instanceof Promise || Array.isArray(built)) {
    throw new DnaError('path', `${name} does not return its routes: return an object as in { "GET": handler }`)
  }
  return Object.entries(built).map(([key, value]) => {
    const [, method = '', path = ''] = KEY.exec(key) ?? []
    if (method === '*' ? path === '' : !METHODS.includes(method)) {
      throw new DnaError('path', `${name}: "${key}" is no route: write as in "GET", "POST /inner/:id" or "* *"`)
    }
    const handlers = [value].flat() as unknown[]
    if (handlers.length === 0)
      throw new DnaError('path', `${name}: "${key}" has no handler: write function (req, res, next) { … }`)
    const guards = method === '*' || path.includes('*')
    const checked = handlers.map((handler, index) => {
      return checkHandler(`${name}: "${key}"`, handler, guards || index < handlers.length - 1)
    })
    // Every method is called alike; `all` stands for them.
    const verb = (method === '*' ? 'all' : method.toLowerCase()) as 'all'
    return { key, method, verb, path, handlers: checked }
  })
}

function checkHandler(route: string, handler: unknown, guards: boolean): RequestHandler {
  if (typeof handler !== 'function') throw new DnaError('path', `${route} has a handler that is not a function`)
  const isAsync = handler.constructor.name === 'AsyncFunction'
  // One that takes `next` expects to decide, and would not get it.
  if (isAsync && (guards || handler.length > 2)) {
    throw new DnaError(
      'path',
      `${route} is guarded by an async function, which cannot hold a request back: write function (req, res, next) { … }`,
    )
  }
  return isAsync ? answering(route, handler as Answer) : deciding(route, handler as Decide)
}

type Answer = (req: Request, res: Response) => Promise<unknown>
type Decide = (req: Request, res: Response, next: NextFunction) => unknown

/**
 * An async handler, as a plain one. organic-express-routes would take what it returns for an error, and would go on
 * after it has answered.
 */
function answering(route: string, handler: Answer): RequestHandler {
  return function asyncHandler(req, res, next) {
    handler(req, res).then(
      (value) => {
        if (res.headersSent) return
        if (value === undefined) next()
        else next(new Error(`${route} returned a value: set res.response instead`))
      },
      (thrown: unknown) => {
        next(errorOf(route, thrown))
      },
    )
  }
}

/** A plain handler that fails, by whatever it throws or in a promise that it returns, has not said "go on". */
function deciding(route: string, handler: Decide): RequestHandler {
  return function handle(req, res, next) {
    const fail = (thrown: unknown): void => {
      next(errorOf(route, thrown))
    }
    try {
      const returned = handler(req, res, next)
      if (returned instanceof Promise) returned.catch(fail)
    } catch (thrown) {
      fail(thrown)
    }
  }
}

/** Express takes nothing, 'route' and 'router' for "go on". */
function errorOf(route: string, thrown: unknown): unknown {
  return typeof thrown === 'object' && thrown !== null ? thrown : new Error(`${route} failed with ${String(thrown)}`)
}
