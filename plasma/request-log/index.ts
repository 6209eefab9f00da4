import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import pino from 'pino'
import { z } from 'zod'
import { checkDna, logOf, organelleDna, react, serversOf, type Level } from '../../context/cell'
import { createRouteFinder, type FindRoutePattern } from '../../context/http/route-pattern'
import { destinationDna, openDestination } from '../../context/cell/log-destination'
import { findRequestId, lineOf, toText } from './line'

const requestLogDna = z.strictObject({
  ...organelleDna,
  emitReady: organelleDna.emitReady.optional(),
  destination: destinationDna.describe(
    "Where a line for each request is written: stdout, stderr, or a file's path, which needs a slash.",
  ),
})

/**
 * Writes a line for every request, once it is answered, and gives it an id: `X-Request-Id`, as the client sent it or a new one.
 * Routes find it in `req.id`.
 *
 * pino alone, because pino-http creates two loggers per request, which costs five times as much as the line.
 *
 * @throws {DnaError}
 */
function requestLog(plasma: Organic.Plasma, dna: Organic.Dna): void {
  const { destination: named } = checkDna(requestLogDna, dna)
  const { level, format } = logOf(plasma)
  const destination = openDestination(plasma, named)
  plasma.on('killed', () => destination.end())
  const write = (line: string): void => destination.write(format === 'text' ? toText(line) : line)
  const logger = pino(
    {
      base: null,
      level,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write },
  )
  const logRequest = (findRoute: FindRoutePattern, req: IncomingMessage, res: ServerResponse): void => {
    const startedAt = performance.now()
    const request = findRequestId(req) ?? randomUUID()
    Object.assign(req, { id: request })
    res.setHeader('X-Request-Id', request)
    // Comes after every answer, complete or not.
    res.once('close', () => {
      const ms = Math.round(performance.now() - startedAt)
      logger[levelOf(req, res)]({ request, ...lineOf(req, res, findRoute(req), ms) })
    })
  }

  react(plasma, dna, (...chemicals) => {
    // Before everything else: whoever answers, the header is set.
    for (const { data: app, server } of serversOf(chemicals)) {
      const findRoute = createRouteFinder(app)
      server.prependListener('request', (req, res) => logRequest(findRoute, req, res))
    }
  })
}

function levelOf({ url }: IncomingMessage, { statusCode }: ServerResponse): Level {
  if (statusCode >= 500) return 'error'
  // Balancers probe every second.
  return url?.startsWith('/health/') ? 'debug' : 'info'
}

requestLog.dnaSchema = requestLogDna

export = requestLog
