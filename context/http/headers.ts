import type { RequestHandler } from 'express'
import helmet from 'helmet'
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { Problem } from '../cell'
import type { HeadersDna } from './headers-dna'

/** No scripts, no frames, styles, images and forms of this origin only. */
const POLICY = {
  defaultSrc: ["'none'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'"],
  formAction: ["'self'"],
  baseUri: ["'none'"],
  frameAncestors: ["'none'"],
}

/** Sets the security headers of every answer (OWASP ASVS 3.4.3, 3.4.6). */
export function setSecurityHeaders(dna: HeadersDna): RequestHandler {
  const setAlways = helmet({
    // With helmet's own `no-referrer`, browsers send `Origin: null` even with the cell's own forms.
    referrerPolicy: { policy: dna.referrerPolicy ?? 'same-origin' },
    xFrameOptions: dna.xFrameOptions !== false && { action: dna.xFrameOptions ?? 'deny' },
    contentSecurityPolicy: { useDefaults: false, directives: directivesOf(dna.contentSecurityPolicy) },
    strictTransportSecurity: false,
    ...policyOf('crossOriginEmbedderPolicy', dna.crossOriginEmbedderPolicy),
    ...policyOf('crossOriginOpenerPolicy', dna.crossOriginOpenerPolicy),
    ...policyOf('crossOriginResourcePolicy', dna.crossOriginResourcePolicy),
  })
  // Computed once: they do not depend on the request.
  const always = headersOf(setAlways)
  const hsts = dna.strictTransportSecurity
  const overHttps = hsts ? headersOf(helmet.strictTransportSecurity(hsts)) : []
  return function setSecurityHeaders(req, res, next) {
    for (const [name, value] of always) res.setHeader(name, value)
    // Never over plain HTTP (RFC 6797, section 7.2).
    if (req.secure) for (const [name, value] of overHttps) res.setHeader(name, value)
    next()
  }
}

/** The cell's directives, with those of DNA in their place. */
function directivesOf({
  upgradeInsecureRequests,
  ...given
}: HeadersDna['contentSecurityPolicy']): Record<string, Iterable<string>> {
  const all: Record<string, unknown> = {
    ...POLICY,
    ...given,
    ...(upgradeInsecureRequests && { upgradeInsecureRequests: [] }),
  }
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string[]] => Array.isArray(entry[1])))
}

/** One of helmet's options. Without a value in DNA, helmet's own default counts. */
function policyOf<Name extends string, Value extends string>(
  name: Name,
  value: Value | false | undefined,
): { [name in Name]?: false | { policy: Value } } {
  if (value === undefined) return {}
  return { [name]: value && { policy: value } } as { [name in Name]?: false | { policy: Value } }
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
