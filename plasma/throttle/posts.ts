import type { Express, IRoute } from 'express'
import { DnaError } from '../../context/cell'
import type { ThrottleDna } from './dna'

/** URLs that look like a login. */
const LOGIN = /\/(log|sign)-?in\/?$/i

/** An entry of an Express 4 router. */
interface Layer {
  route?: IRoute & { methods: Record<string, boolean> }
  handle: { stack?: Layer[] }
  regexp: RegExp
  match(path: string): boolean
}

/** A route that answers POST requests. */
interface MountedPost {
  route: IRoute
  /** Its URL, as in `/api/login`. The first, if it has several. */
  url: string
  matches(url: string): boolean
}

/**
 * Checks that every throttled route is answered, and warns about logins that are not throttled.
 *
 * @param guards the throttle's own routes on the application, with their paths below `mount`
 * @throws {DnaError} for a throttled route that nothing answers: a typo would leave a login open
 */
export function checkPosts(app: Express, guards: Map<IRoute, string>, { mount, routes }: ThrottleDna): void {
  for (const [route, kind] of Object.entries(routes)) {
    if (!kind || kind === 'credentials' || !LOGIN.test(route)) continue
    throw new DnaError(
      `routes.${route}`,
      'expected "credentials": nothing would be counted at the accounts that a login names',
    )
  }
  const posts = mountedPosts(app)
  const isOwn = ({ route }: MountedPost): boolean => guards.has(route)
  const others = posts.filter((post) => !isOwn(post))
  for (const [guard, route] of guards) {
    const behind = posts.slice(posts.findIndex((post) => post.route === guard)).filter((post) => !isOwn(post))
    if (behind.some((post) => post.matches(mount + route))) continue
    const found = others.map(({ url }) => url).join(', ') || 'nothing'
    throw new DnaError(
      `routes.${route}`,
      `no route answers POST ${mount}${route} (mounted for POST: ${found}): correct it, or set it to false`,
    )
  }
  for (const login of others.filter(({ url }) => LOGIN.test(url))) {
    const isGuarded = posts.slice(0, posts.indexOf(login)).some((post) => isOwn(post) && post.matches(login.url))
    if (!isGuarded)
      process.emitWarning(`POST ${login.url} is not throttled: add it to routes in dna/plasma/throttle.json`)
  }
}

/** Everything that answers POST requests, in the order in which Express asks. Guards of whole folders do not count. */
function mountedPosts(app: Express): MountedPost[] {
  return postsOf((app as unknown as { _router?: { stack: Layer[] } })._router?.stack ?? [], '')
}

function postsOf(stack: Layer[], prefix: string): MountedPost[] {
  return stack.flatMap((layer): MountedPost[] => {
    if (!layer.route) return postsOf(layer.handle.stack ?? [], prefix + prefixOf(layer))
    const { path, methods } = layer.route as { path: unknown; methods: Record<string, boolean> }
    const urls = [path].flat().map(String)
    const isGuard = Object.keys(methods).length > 1 && urls.some((url) => url.includes('*'))
    if (!methods['post'] || isGuard) return []
    const matches = (url: string): boolean =>
      url.toLowerCase().startsWith(prefix.toLowerCase()) && layer.match(url.slice(prefix.length))
    return [{ route: layer.route, url: prefix + (urls[0] ?? ''), matches }]
  })
}

/** The path at which a router is mounted. Express keeps only its regular expression. */
function prefixOf({ regexp }: Layer): string {
  return regexp.source.replace(/^\^|\\\/\?\(\?=\\\/\|\$\)$/g, '').replace(/\\(.)/g, '$1')
}
