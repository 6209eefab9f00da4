import type { Express, IRoute } from 'express'

/** A route of an Express application, as Express 4 keeps it. */
interface Layer {
  route?: IRoute & { methods: Record<string, boolean> }
  handle: { stack?: Layer[] }
  regexp: RegExp
  match(path: string): boolean
}

/** A route that answers posts. */
export interface MountedPost {
  route: IRoute
  /** Its URL, as in `/api/login`. Of one that has several, the first. */
  url: string
  matches(url: string): boolean
}

/** Whatever answers a POST, in the order in which Express asks. Guards, which stand before all of a folder, do not. */
export function mountedPosts(app: Express): MountedPost[] {
  return postsOf((app as unknown as { _router?: { stack: Layer[] } })._router?.stack ?? [], '')
}

function postsOf(stack: Layer[], prefix: string): MountedPost[] {
  return stack.flatMap((layer): MountedPost[] => {
    if (!layer.route) return postsOf(layer.handle.stack ?? [], prefix + prefixOf(layer))
    const { path, methods } = layer.route as { path: unknown; methods: Record<string, boolean> }
    const urls = [path].flat().map(String)
    const isGuard = Object.keys(methods).length > 1 && urls.some((url) => url.includes('*'))
    if (!methods['post'] || isGuard) return []
    const matches = (url: string): boolean => url.toLowerCase().startsWith(prefix.toLowerCase()) && layer.match(url.slice(prefix.length))
    return [{ route: layer.route, url: prefix + (urls[0] ?? ''), matches }]
  })
}

/** Where a router is mounted: Express keeps nothing but the expression. */
function prefixOf({ regexp }: Layer): string {
  return regexp.source.replace(/^\^|\\\/\?\(\?=\\\/\|\$\)$/g, '').replace(/\\(.)/g, '$1')
}
