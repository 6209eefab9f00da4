import type { RequestHandler } from 'express'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { isAbsolute, relative } from 'node:path'
import { compileFunction } from 'node:vm'
import { DnaError, messageOf } from '../../context/cell'
import type { RouteFile } from './files'
import { buildRoutes, type Builder, type Route } from './routes'

/** The DNA of organic-express-routes, with absolute paths. */
export interface UpstreamDna {
  path: string
  pattern: string
  mount: string
  helpers: string | undefined
  log: boolean
}

/**
 * Has organic-express-routes find, load and name the routes of these files, on an application that only records them: it
 * mounts in an order of its own.
 *
 * @param build calls a file's function
 * @returns the routes in the order of the files; nothing is mounted yet
 * @throws {DnaError} for a file or helper that does not load, a file that fails or does not return routes, and for whatever
 * organic-express-routes would skip or mount at another URL
 */
export async function loadRoutes(
  files: RouteFile[],
  { path, helpers, ...settings }: UpstreamDna,
  build: (builder: Builder, helpers: object) => unknown,
): Promise<Route[]> {
  const loaded = new Map<RouteFile, Route[]>()
  /** The recorded method and URL of each route, by its last handler. */
  const recorded = new Map<RequestHandler | undefined, string>()
  let failure: DnaError | undefined

  const app = new Proxy(
    {},
    {
      get: (_app, verb: string) => (url: string, handlers: RequestHandler[]) =>
        recorded.set(handlers.at(-1), `${verb} ${url}`),
    },
  )
  await new Promise<void>((resolve) => {
    const plasma = {
      on: (_type: string, reaction: (chemical: object) => void) => reaction({ data: app }),
      emit: resolve,
    }
    // It joins paths to the working directory, absolute ones too.
    const paths = { path: relative('', path) || '.', helpers: helpers && (relative('', helpers) || '.') }
    const organelle = compileUpstream(load)
    organelle(plasma as unknown as Organic.Plasma, { ...settings, ...paths, emitReady: 'RoutesRecorded' })
  })
  if (failure) throw failure as Error
  const missing = files.find((file) => !loaded.has(file))
  if (missing) throw new DnaError('path', `${missing.name} was not mounted`)
  const routes = files.flatMap((file) => loaded.get(file) ?? [])
  for (const { file, key, verb, url, handlers } of routes) {
    const found = recorded.get(handlers.at(-1))
    if (found === `${verb} ${url}`) continue
    throw new DnaError('path', `${file.name}: "${key}" would be mounted as ${found ?? 'nothing'}, write another path`)
  }
  return routes

  /** Loads a file of the folder, or a helper, in place of organic-express-routes's `require`. */
  function load(path: string): unknown {
    const file = files.find((each) => each.file === path)
    if (!file) return attempt('helpers', `${relative(helpers ?? '', path)} does not load`, () => requireAny(path))
    const builder = attempt('path', `${file.name} does not load`, () => requireBuilder(file))
    return (_plasma: unknown, _dna: unknown, modules: object) =>
      builder &&
      attempt('path', `${file.name} throws`, () => {
        const routes = buildRoutes(file, settings.mount, build(builder, modules))
        loaded.set(file, routes)
        return Object.fromEntries(routes.map(({ key, handlers }) => [key, handlers]))
      })
  }

  /** Keeps the first failure: thrown into the streams of organic-express-routes, it would crash the process. */
  function attempt<T>(key: string, failed: string, work: () => T): T | undefined {
    try {
      return work()
    } catch (cause) {
      failure ??= cause instanceof DnaError ? cause : new DnaError(key, `${failed}: ${messageOf(cause)}`, { cause })
      return undefined
    }
  }
}

type Run = (require: (id: string) => unknown, module: { exports: unknown }) => void

function requireBuilder({ file, name }: RouteFile): Builder {
  const exported = requireAny(file)
  if (typeof exported === 'function') return exported as Builder
  throw new DnaError('path', `${name} does not export a function: write export = function (plasma, dna, helpers) { … }`)
}

function requireAny(path: string): unknown {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- which files there are, only the folder knows
  return require(path)
}

/**
 * A copy of organic-express-routes whose `require` loads absolute paths through `load`. It offers no other way to check what a
 * file exports, or to catch what it throws; replacing modules in `require.cache` would replace them for other cells too.
 */
function compileUpstream(load: (path: string) => unknown): Organic.Organelle {
  const file = require.resolve('organic-express-routes')
  const requireUpstream = createRequire(file)
  const upstream = { exports: {} }
  const run = compileFunction(readFileSync(file, 'utf8'), ['require', 'module'], { filename: file }) as Run
  run((id) => (isAbsolute(id) ? load(id) : requireUpstream(id)), upstream)
  return upstream.exports as Organic.Organelle
}
