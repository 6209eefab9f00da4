import type { Express, RequestHandler } from 'express'
import { METHODS } from 'node:http'
import { DnaError, messageOf } from '../../context/cell'
import { checkGuards, rememberLayer, type Place } from './mounted'
import { shapeOf, type RouteFile } from './route-files'
import { routesOf, type Route } from './route'

type Register = (url: string) => void

/**
 * Stands in for the Express application while organic-express-routes loads the files in whatever order it likes, and
 * mounts what it got on the real one in the files' own order.
 */
export class Collector {
  /** What organic-express-routes takes for the application. */
  readonly standIn: Record<string, Register>
  readonly #files: RouteFile[]
  readonly #prefix: string
  readonly #routes = new Map<RouteFile, Route[]>()
  /** Routes whose mounting is due next: a file's routes are mounted as soon as it is built. */
  #due: { file: RouteFile; route: Route }[] = []
  #failure: unknown

  constructor(files: RouteFile[], prefix: string) {
    this.#files = files
    this.#prefix = prefix
    const names = [...METHODS.map((method) => method.toLowerCase()), 'all']
    this.standIn = Object.fromEntries(
      names.map((name) => [
        name,
        (url) => {
          this.#collect(name, url)
        },
      ]),
    )
  }

  /**
   * Builds a file's routes, and expects them to be mounted.
   *
   * @returns what organic-express-routes mounts: the same keys
   */
  build(file: RouteFile, builder: () => unknown): object {
    try {
      const routes = routesOf(file.name, builder())
      this.#due.push(...routes.map((route) => ({ file, route })))
      this.#routes.set(file, routes)
      return Object.fromEntries(routes.map(({ key, handlers }) => [key, handlers]))
    } catch (error) {
      // It would be thrown into a stream, where nobody can catch it.
      this.#failure ??=
        error instanceof DnaError
          ? error
          : new DnaError('path', `${file.name} throws: ${messageOf(error)}`, { cause: error })
      return {}
    }
  }

  #collect(verb: string, url: string): void {
    const next = this.#due.shift()
    const expected = next && (this.#urlOf(next.file, next.route) || '/')
    if (next?.route.verb === verb && url === expected) return
    this.#failure ??= new DnaError(
      'path',
      next
        ? `${next.file.name}: "${next.route.key}" would be mounted as ${url}, write another path`
        : `${url} is mounted by a file that was not found before`,
    )
  }

  #urlOf(file: RouteFile, { path }: Route): string {
    return this.#prefix + file.segments.map((segment) => `/${segment}`).join('') + path
  }

  /**
   * Mounts everything that was collected.
   *
   * @throws what went wrong on the way, or {DnaError} for two files that answer the same URL
   */
  mountOn(app: Express): void {
    if (this.#failure !== undefined) throw this.#failure as Error
    const forgotten = this.#files.find((file) => !this.#routes.has(file)) ?? this.#due[0]?.file
    if (forgotten) throw new DnaError('path', `${forgotten.name} was not mounted`)
    this.#refuseTwins()
    checkGuards(
      app,
      this.#files.flatMap((file) => (this.#routes.get(file) ?? []).map((route) => this.#placeOf(file, route))),
    )

    for (const file of this.#files) {
      const first = file.segments.some((segment) => segment.startsWith(':')) ? [unlessAnswered] : []
      for (const route of this.#routes.get(file) ?? []) {
        app[route.verb](this.#pathsOf(file, route), ...first, ...route.handlers)
        rememberLayer(app, file.name)
      }
    }
  }

  #placeOf(file: RouteFile, route: Route): Place {
    const segments = this.#urlOf(file, route)
      .replace(/\/?\*.*/, '')
      .split('/')
      .slice(1)
    return { name: file.name, file: file.segments, segments, guards: route.path.includes('*') }
  }

  /** `"* *"` in a file for `/api` is for `/api` and all below it, and not for `/apiary`, which `/api*` is too. */
  #pathsOf(file: RouteFile, route: Route): string[] {
    const url = this.#urlOf(file, route) || '/'
    if (route.path !== '*' || url === '*') return [url]
    const base = url.slice(0, -1)
    return [base, `${base}/*`]
  }

  #refuseTwins(): void {
    const taken = new Map<string, RouteFile>()
    for (const [file, routes] of this.#routes) {
      for (const route of routes) {
        const id = `${route.method} ${shapeOf(this.#urlOf(file, route).split('/').slice(1))}`
        const twin = taken.get(id)
        if (twin && twin !== file) {
          throw new DnaError('path', `${twin.name} and ${file.name} both answer ${id}, keep one of them`)
        }
        taken.set(id, file)
      }
    }
  }
}

/** `/users/me` has answered when it has set `res.response`: `/users/:id`, which matches as well, must not answer too. */
const unlessAnswered: RequestHandler = function unlessAnswered(_req, res, next) {
  if (res.response === undefined) next()
  else next('route')
}
