import type { Request, RequestHandler } from 'express'
import { emitEvent } from '../cell/chemicals'
import { clientOf } from '../cell/client'
import { Problem } from '../cell'

/** Methods that only read. */
export const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS', 'TRACE']

/**
 * Refuses requests that another site's page makes in the name of whoever looks at it, a login included (OWASP ASVS
 * 3.5.1): whatever may change something is judged by `Sec-Fetch-Site`, or by `Origin` where that is absent. Programs
 * send neither. Emits `RequestRefused`.
 *
 * @param trustedOrigins other origins whose pages may post here, as in `https://app.example.org`
 */
export function refuseOtherOrigins(plasma: Organic.Plasma, trustedOrigins: string[]): RequestHandler {
  return function refuseOtherOrigins(req, _res, next) {
    if (SAFE_METHODS.includes(req.method) || isSameOrigin(req) || trustedOrigins.includes(req.get('origin') ?? '')) {
      next()
      return
    }
    emitEvent(plasma, { type: 'RequestRefused', reason: 'CROSS_ORIGIN', ...clientOf(req) })
    next(new Problem(403, 'CROSS_ORIGIN', 'This request comes from a page of another site.'))
  }
}

function isSameOrigin(req: Request): boolean {
  const site = req.get('sec-fetch-site')
  // `none`: nobody but the user himself has made it.
  if (site !== undefined) return site === 'same-origin' || site === 'none'
  const origin = req.get('origin')
  return origin === undefined || isOf(origin, req.get('host'))
}

/** The scheme does not count: behind a proxy it is another one. */
function isOf(origin: string, host = ''): boolean {
  if (!URL.canParse(origin)) return false
  const { origin: written, protocol } = new URL(origin)
  const own = `${protocol}//${host}`
  return (
    /^https?:$/.test(protocol) &&
    written === origin.toLowerCase() &&
    URL.canParse(own) &&
    new URL(own).origin === written
  )
}
