import type { RequestHandler } from 'express'
import helmet from 'helmet'
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { Problem } from '../cell'

/**
 * Sets the security headers of every answer: no scripts, no frames, styles, images and forms of this origin only
 * (OWASP ASVS 3.4.3, 3.4.6).
 */
export function setSecurityHeaders(): RequestHandler {
  const setAlways = helmet({
    // With helmet's own `no-referrer`, browsers send `Origin: null` even with the cell's own forms.
    referrerPolicy: { policy: 'same-origin' },
    xFrameOptions: { action: 'deny' },
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: false,
  })
  // Computed once: they do not depend on the request.
  const always = headersOf(setAlways)
  const overHttps = headersOf(helmet.strictTransportSecurity())
  return function setSecurityHeaders(req, res, next) {
    for (const [name, value] of always) res.setHeader(name, value)
    // Never over plain HTTP (RFC 6797, section 7.2).
    if (req.secure) for (const [name, value] of overHttps) res.setHeader(name, value)
    next()
  }
}

/** Headers that a helmet middleware sets, read from a dummy response. */
function headersOf(middleware: ReturnType<typeof helmet>): [name: string, value: string][] {
  const req = new IncomingMessage(new Socket())
  const res = new ServerResponse(req)
  middleware(req, res, () => undefined)
  return Object.entries(res.getHeaders()).map(([name, value]) => [name, String(value)])
}

/** Headers that this cell or Express parses. Some of the parsers take quadratic time. */
const PARSED_HEADERS = [
  'accept',
  'accept-charset',
  'accept-encoding',
  'accept-language',
  'cache-control',
  'content-encoding',
  'content-type',
  'host',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'origin',
  'range',
  'sec-fetch-site',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
]
/** Characters per header. */
const MAX_PARSED_LENGTH = 1024

/** Answers 431 before anything parses a header that is too long. */
export const refuseLongHeaders: RequestHandler = function refuseLongHeaders(req, _res, next) {
  const long = PARSED_HEADERS.filter((name) => (req.headers[name]?.length ?? 0) > MAX_PARSED_LENGTH)
  if (long.length === 0) {
    next()
    return
  }
  // The error's answer must not parse them either.
  for (const name of long) Reflect.deleteProperty(req.headers, name)
  const detail = `These headers are longer than ${MAX_PARSED_LENGTH} characters: ${long.join(', ')}.`
  next(new Problem(431, 'HEADER_TOO_LARGE', detail))
}
