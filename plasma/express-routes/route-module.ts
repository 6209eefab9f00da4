import type { RequestHandler } from 'express'
import { METHODS } from 'node:http'
import { DnaError } from '../../context/errors'
import type { Collector } from './collector'
import type { RouteFile } from './route-files'

type Handler = (...values: unknown[]) => unknown
type Builder = (plasma: Organic.Plasma, dna: Organic.Dna, helpers: Record<string, unknown>) => unknown

/** One route of a file: `METHOD path`, as its key says. */
export interface Route {
  key: string
  method: string
  /** Below the file's URL: empty, `*`, or beginning with a slash. */
  path: string
  handlers: RequestHandler[]
}

const KEY = /^(\*|[A-Z-]+)(?: (\*|\/\S*))?$/

/**
 * Puts a function of our own in the place of what each route file exports, until organic-express-routes has loaded
 * them all: it builds the file's routes, checks them, and tells the collector what to expect. organic-express-routes
 * loads files by `require`, and there is no other place between the two.
 *
 * @returns puts the files' own exports back
 * @throws {DnaError} for a file that does not load, or exports no function
 */
export function substituteModules(files: RouteFile[], collector: Collector): () => void {
  const originals = files.map((file) => [requireModule(file), builderOf(file)] as const)
  files.forEach((file, index) => {
    const [module, builder] = originals[index] ?? []
    if (!module || !builder) return
    module.exports = (plasma: Organic.Plasma, dna: Organic.Dna, helpers: Record<string, unknown>) =>
      collector.expect(file, () => routesOf(file, builder(plasma, dna, helpers)))
  })
  return () => {
    for (const [module, builder] of originals) module.exports = builder
  }
}

function requireModule({ file, name }: RouteFile): NodeJS.Module {
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- as organic-express-routes does
    require(file)
  } catch (cause) {
    throw new DnaError('path', `${name} does not load: ${(cause as Error).message}`, { cause })
  }
  const module = require.cache[file]
  if (!module) throw new DnaError('path', `${name} is not a CommonJS module`)
  return module
}

function builderOf({ file, name }: RouteFile): Builder {
  const exported: unknown = require.cache[file]?.exports
  if (typeof exported === 'function') return exported as Builder
  throw new DnaError('path', `${name} does not export a function: write export = function (plasma, dna, helpers) { … }`)
}

function routesOf(file: RouteFile, built: unknown): Route[] {
  if (typeof built !== 'object' || built === null || built instanceof Promise || Array.isArray(built)) {
    throw new DnaError('path', `${file.name} does not return its routes: return an object as in { "GET": handler }`)
  }
  return Object.entries(built).map(([key, value]) => {
    const [, method = '', path = ''] = KEY.exec(key) ?? []
    if (method === '*' ? path === '' : !METHODS.includes(method)) {
      throw new DnaError('path', `${file.name}: "${key}" is no route: write as in "GET", "POST /inner/:id" or "* *"`)
    }
    const handlers = [value].flat() as unknown[]
    return { key, method, path, handlers: handlers.map((handler, index) => asHandler(handler, index, handlers.length)) }

    function asHandler(handler: unknown, index: number, count: number): RequestHandler {
      if (typeof handler !== 'function') throw new DnaError('path', `${file.name}: a handler of "${key}" is not a function`)
      if (!isAsync(handler)) return handler as RequestHandler
      const guards = method === '*' || path.includes('*') || index < count - 1
      if (guards || handler.length > 2) {
        throw new DnaError(
          'path',
          `${file.name}: "${key}" is guarded by an async function, which cannot hold a request back: write function (req, res, next) { … }`,
        )
      }
      return afterwards(`${file.name}: "${key}"`, handler as Handler)
    }
  })
}

function isAsync(handler: object): boolean {
  return handler.constructor.name === 'AsyncFunction'
}

/**
 * An async handler, as a plain one. organic-express-routes would take what it returns for an error, and would go on
 * after it has answered.
 */
function afterwards(route: string, handler: Handler): RequestHandler {
  return function asyncHandler(req, res, next) {
    ;(handler(req, res) as Promise<unknown>).then((value) => {
      if (res.headersSent) return
      if (value === undefined) next()
      else next(new Error(`${route} returned a value: set res.response instead`))
    }, next)
  }
}
