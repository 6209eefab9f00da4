import type { Request, RequestHandler } from 'express'
import { Problem, type Log } from '../../context/cell'
import { SAFE_METHODS } from '../../context/http/same-origin'

/**
 * Refuses state-changing requests over plain HTTP, for cells whose cookie is `Secure`: express-session would silently send
 * no cookie, and a login would seem to succeed. The setup is wrong (500), so the log says what to set, once per cause.
 * Reads are allowed, because health checks come without a proxy.
 */
export function refuseInsecure(log: Log): RequestHandler {
  const logged = new Set<string>()
  return function refuseInsecure(req, _res, next) {
    if (req.secure || SAFE_METHODS.includes(req.method)) {
      next()
      return
    }
    const cause = causeOf(req)
    if (!logged.has(cause))
      log.error(
        `express-sessions: ${req.method} requests are refused: the cookie is only sent over HTTPS (cookie.secure), and ${cause}`,
      )
    logged.add(cause)
    next(new Problem(500, 'INSECURE_REQUEST', 'This cell can only be used over HTTPS.'))
  }
}

function causeOf(req: Request): string {
  const proto = req.headers['x-forwarded-proto']
  if (proto === undefined)
    return 'they have no X-Forwarded-Proto: let the proxy that speaks HTTPS set "X-Forwarded-Proto: https"'
  const isTrusted = req.app.get('trust proxy fn') as (address: string | undefined, hop: number) => boolean
  if (isTrusted(req.socket.remoteAddress, 0)) return 'their X-Forwarded-Proto is not "https": let clients use HTTPS'
  return 'their X-Forwarded-Proto comes from an address that is not trusted: name the proxy in trustProxy of dna/plasma/express-server.json'
}
