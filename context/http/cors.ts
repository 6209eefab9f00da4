import type { RequestHandler } from 'express'
import { z } from 'zod'

/** Methods of routes. No page may use TRACE or CONNECT. */
const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE'
const headerName = z.string().regex(/^[a-z][a-z0-9-]*$/, 'expected a header\'s name in lowercase, as in "x-request-id"')

/** DNA of the origins whose pages may use the cell from scripts. */
export const corsDna = z.strictObject({
  origins: z
    .array(
      z.string().refine(isSafeOrigin, 'expected an origin as in "https://app.example.org", http: only for localhost'),
    )
    .min(1)
    .describe('Exact origins, as in https://app.example.org.'),
  credentials: z.boolean().default(false).describe('Whether their requests may carry cookies.'),
  headers: z.array(headerName).default(['content-type']).describe('Headers that they may send.'),
  exposedHeaders: z
    .array(headerName)
    .default([])
    .describe('Headers of answers that they may read, besides the few that every page may.'),
  maxAgeSeconds: z
    .int('expected whole seconds')
    .min(0)
    .max(86_400)
    .default(600)
    .describe('How long a browser may remember the permission.'),
})

/** Checked DNA of these origins. */
export type CorsDna = z.output<typeof corsDna>

/**
 * Lets pages of these origins read answers, and answers the requests by which browsers ask for permission (preflights).
 *
 * @returns no handler without DNA
 */
export function allowOrigins(dna: CorsDna | false): RequestHandler[] {
  if (!dna) return []
  const { origins, credentials, headers, exposedHeaders, maxAgeSeconds } = dna
  const always = Object.entries({
    ...(credentials && { 'Access-Control-Allow-Credentials': 'true' }),
    ...(exposedHeaders.length > 0 && { 'Access-Control-Expose-Headers': exposedHeaders.join(', ') }),
  })
  const forPreflight = Object.entries({
    'Access-Control-Allow-Methods': METHODS,
    'Access-Control-Allow-Headers': headers.join(', '),
    'Access-Control-Max-Age': String(maxAgeSeconds),
  })
  return [
    function allowOrigins(req, res, next) {
      // On every answer: a cache must not serve one origin's answer to another.
      res.setHeader('Vary', 'Origin')
      const { origin } = req.headers
      if (origin === undefined || !origins.includes(origin)) {
        next()
        return
      }
      res.setHeader('Access-Control-Allow-Origin', origin)
      for (const [name, value] of always) res.setHeader(name, value)
      const isPreflight = req.method === 'OPTIONS' && req.headers['access-control-request-method'] !== undefined
      if (!isPreflight) {
        next()
        return
      }
      for (const [name, value] of forPreflight) res.setHeader(name, value)
      res.status(204).end()
    },
  ]
}

/** Anybody on the way can replace an `http:` page of another machine. */
function isSafeOrigin(value: string): boolean {
  if (!URL.canParse(value) || value.includes('*')) return false
  const { origin, protocol, hostname } = new URL(value)
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
  return origin === value && (protocol === 'https:' || (protocol === 'http:' && isLocal))
}
