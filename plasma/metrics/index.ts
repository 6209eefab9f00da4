import express, { type Express } from 'express'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Registry } from 'prom-client'
import { z } from 'zod'
import { DnaError, checkDna, organelleDna, react, serversOf } from '../../context/cell'
import { createBoundedServer } from '../../context/http/connections'
import { portNumber } from '../../context/http/port'
import { createRouteFinder, type FindRoutePattern } from '../../context/http/route-pattern'
import { createMeasurements } from './measurements'

const metricsDna = z.strictObject({
  ...organelleDna,
  port: portNumber.describe('0 for any free port.'),
  host: z
    .string('expected an address')
    .min(1, 'must not be empty')
    .default('127.0.0.1')
    .describe('The interface that the port is opened on. Whoever reaches it can read the metrics.'),
})

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- how chemicals are typed
  namespace Organic {
    interface Chemicals {
      /** The metrics' own port is open. `reactOn` of other organelles may name it, to serve something there. Stored. */
      MetricsServer: { data: Express; server: Server }
    }
  }
}

/** Methods with a label of their own. Clients may use any. */
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** Milliseconds. */
const TIMEOUTS = { requestTimeout: 10_000, answerTimeout: 10_000, stopTimeout: 1000 }

/**
 * Measures the cell, and serves the metrics to Prometheus: `GET /metrics` on a port of its own, never on the one of clients.
 *
 * @throws {DnaError}
 */
function metrics(plasma: Organic.Plasma, dna: Organic.Dna): void {
  const { host, port } = checkDna(metricsDna, dna)
  // At once: what is stored before all organelles are ready is seen as well.
  const { registry, observeRequest } = createMeasurements(plasma)
  const observe = (findRoute: FindRoutePattern, req: IncomingMessage, res: ServerResponse): void => {
    const startedAt = performance.now()
    res.once('close', () => {
      const method = METHODS.includes(req.method ?? '') ? String(req.method) : 'other'
      const status = res.headersSent ? String(res.statusCode) : 'none'
      const route = findRoute(req) ?? 'unknown'
      observeRequest({ method, route, status }, (performance.now() - startedAt) / 1000)
    })
  }

  react(plasma, dna, async (...chemicals) => {
    for (const { data: app, server } of serversOf(chemicals)) {
      const findRoute = createRouteFinder(app)
      server.prependListener('request', (req, res) => observe(findRoute, req, res))
    }
    const app = createApp(registry)
    const { server, endConnections } = createBoundedServer(app, TIMEOUTS)
    await listen(server, port, host)
    plasma.on('kill', () => {
      server.close()
      endConnections()
    })
    await plasma.store({ type: 'MetricsServer', data: app, server })
  })
}

function createApp(registry: Registry): Express {
  const app = express()
  app.disable('x-powered-by').set('env', 'production').set('etag', false)
  app.get('/metrics', (_req, res, next) => {
    registry.metrics().then((text) => {
      res.set({ 'Content-Type': registry.contentType, 'Cache-Control': 'no-store' }).send(text)
    }, next)
  })
  return app
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(new DnaError('port', `${host}:${port} cannot be opened (${cause.code ?? cause.message})`, { cause }))
    })
    server.listen(port, host, resolve)
  })
}

metrics.dnaSchema = metricsDna

export = metrics
