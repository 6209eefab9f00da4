import type { Express } from 'express'
import type { IncomingMessage } from 'node:http'
import { listMounted, type Mounted } from './router'

/** What Express leaves on a request. */
type Routed = IncomingMessage & { originalUrl?: string; route?: { path?: unknown } }

/** The pattern of the route of a request, as in `/api/users/:id`, and never what the client sent; nothing if no route matched. */
export type FindRoutePattern = (req: IncomingMessage) => string | undefined

/**
 * Makes a function that says which route a request was for. If a guard was the last one that it came to (it was refused,
 * or answered before), that is the route behind the guard, if there is one for its method and path, and else the guard's,
 * as in `/api/*`.
 */
export function createRouteFinder(app: Express): FindRoutePattern {
  let mounted: Mounted[] | undefined
  return (req: Routed) => {
    const own = lastOf(req.route?.path)
    if (!own?.includes('*')) return own
    mounted ??= listMounted(app).filter(({ route, urls }) => route && !urls.some((url) => url.includes('*')))
    const path = pathOf(req)
    const takes = (methods: string[]): boolean => methods.includes('*') || methods.includes(req.method ?? '')
    const behind = mounted.find((each) => takes(each.methods) && each.matches(path))
    return lastOf(behind?.urls) ?? own
  }
}

/** The path of a request as the client sent it, without the query string, and without a server's name or password. */
export function pathOf({ originalUrl, url = '' }: Routed): string {
  return (originalUrl ?? url).replace(/[?#][^]*$/, '').replace(/^[a-z][a-z\d+.-]*:\/\/[^/]*/i, '')
}

/** A route has one path, or a list. */
function lastOf(paths: unknown): string | undefined {
  const last = ([paths] as (string | RegExp | string[] | undefined)[]).flat().at(-1)
  return last === undefined ? undefined : String(last)
}
