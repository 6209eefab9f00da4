import type { RequestHandler, Response } from 'express'
import type { IncomingHttpHeaders } from 'node:http'
import { Problem, emitEvent, clientOf } from '../cell'
import type { CorsDna } from './cors'

/** Methods that only read. */
export const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS', 'TRACE']

/**
 * Refuses state-changing requests from other origins' pages with 403, logins included (OWASP ASVS 3.5.1), and emits
 * `RequestRefused`.
 *
 * @param trustedOrigins other origins whose pages may post here, as in `https://app.example.org`
 * @param cors origins whose scripts may do so, without cookies unless it says so: they neither send nor get any
 */
export function refuseOtherOrigins(
  plasma: Organic.Plasma,
  trustedOrigins: string[],
  cors: CorsDna | false = false,
): RequestHandler {
  const { origins, credentials }: Pick<CorsDna, 'origins' | 'credentials'> = cors || { origins: [], credentials: false }
  const trusted = credentials ? [...trustedOrigins, ...origins] : trustedOrigins
  return function refuseOtherOrigins(req, res, next) {
    const { method, headers } = req
    const { origin = '', cookie } = headers
    if (SAFE_METHODS.includes(method) || isSameOrigin(headers) || trusted.includes(origin)) {
      next()
      return
    }
    if (cookie === undefined && origins.includes(origin)) {
      // A form of such a page could log its reader in as somebody else.
      withholdCookies(res)
      next()
      return
    }
    emitEvent(plasma, { type: 'RequestRefused', reason: 'CROSS_ORIGIN', ...clientOf(req) })
    next(new Problem(403, 'CROSS_ORIGIN', 'This request comes from a page of another site.'))
  }
}

function withholdCookies(res: Response): void {
  const writeHead = res.writeHead.bind(res) as (...values: unknown[]) => Response
  res.writeHead = ((...values: unknown[]) => {
    res.removeHeader('Set-Cookie')
    return writeHead(...values)
  }) as Response['writeHead']
}

/**
 * Whether a request comes from a page of its own host, or from a program: by `Sec-Fetch-Site`, or by `Origin` where a browser
 * sends no such header. Programs send neither.
 *
 * @example isSameOrigin({ host: 'cell.example:1337', origin: 'http://cell.example:1337' }) // true
 */
export function isSameOrigin({ host = '', origin, 'sec-fetch-site': site }: IncomingHttpHeaders): boolean {
  // `none`: the user typed the URL or opened a bookmark.
  if (site !== undefined) return site === 'same-origin' || site === 'none'
  return origin === undefined || isOriginOf(host, origin)
}

/** Ignores which of the two schemes it is: a proxy may change it. */
function isOriginOf(host: string, origin: string): boolean {
  const [scheme] = /^https?:\/\//i.exec(origin) ?? []
  if (scheme === undefined || !URL.canParse(scheme + host)) return false
  return new URL(scheme + host).origin === origin.toLowerCase()
}
