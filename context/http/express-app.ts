import express, { type Express, type RequestHandler, type Response } from 'express'
import { DnaError, Problem, blameKey, checkDna, onceAll, patternsOf, refuseProto } from '../cell'
import { createBoundedServer } from './connections'
import { allowOrigins } from './cors'
import { expressServerDna, type ExpressServerDna } from './express-server-dna'
import { refuseLongHeaders, setSecurityHeaders } from './headers'
import { createMessageClasses } from './message-classes'
import { refuseOtherOrigins } from './same-origin'
import { findStartingHandler } from './starting'
import { mountStaticFiles } from './static-files'

/**
 * The init script of organic-express-server: makes the Express app with everything that comes before sessions and routes.
 *
 * @param next gets the app once the cell is built, so that no organelle can miss `ExpressServer`
 * @throws {DnaError}
 */
function expressApp(plasma: Organic.Plasma, dna: Organic.Dna, next: (error: unknown, app: Express) => void): void {
  const checked = checkDna(expressServerDna, dna)
  const app = express()
  app.disable('x-powered-by')
  // Without express-response, Express itself answers errors. In any other env it shows their stacks.
  app.set('env', 'production')
  // Responses are `no-store`, so there is nothing to revalidate.
  app.set('etag', false)
  // The default parser, for nested objects, takes quadratic time.
  app.set('query parser', 'simple')
  blameKey('trustProxy', () => app.set('trust proxy', checked.trustProxy))
  app.use(setSecurityHeaders(checked.headers), holdUntilReady(plasma), refuseLongHeaders, ...allowOrigins(checked.cors))
  if (checked.staticFiles) mountStaticFiles(app, plasma, checked.staticFiles)
  app.use(refuseOtherOrigins(plasma, checked.trustedOrigins, checked.cors), readBody(checked.bodyLimit))
  app.listen = listenWith(plasma, dna, checked, app)

  onceAll(plasma, patternsOf(checked.reactOn), () => {
    // If the boot has failed in the meantime, no port may open.
    if (!plasma.has({ type: 'CellEnding' })) next(null, app)
  })
}

/** The gate: the port opens before the routes and their guards are mounted, so requests wait until the cell is ready. */
function holdUntilReady(plasma: Organic.Plasma): RequestHandler {
  let isReady = false
  const waiting: { res: Response; next: () => void }[] = []
  plasma.once('CellReady', () => {
    isReady = true
    for (const { next } of waiting.splice(0)) next()
  })
  // A cell whose boot fails cannot answer them, and must not wait for them.
  plasma.once('kill', () => {
    for (const { res } of waiting.splice(0)) res.destroy()
  })
  return function holdUntilReady(req, res, next) {
    if (isReady) next()
    else {
      const hold = (): void => void waiting.push({ res, next })
      const answer = findStartingHandler(req.app as Express)
      if (answer) answer(req, res, hold)
      else hold()
    }
  }
}

/** Reads JSON and forms, and accepts nothing else (OWASP ASVS 4.1.1). */
function readBody(limit: ExpressServerDna['bodyLimit']): RequestHandler {
  const readJson: RequestHandler = express.json({ limit, reviver: refuseProto })
  const readForm: RequestHandler = express.urlencoded({ limit, extended: false })
  return function readBody(req, res, next) {
    const { 'transfer-encoding': encoding, 'content-length': length } = req.headers
    const isEmpty = encoding === undefined && (length === undefined || length === '0')
    if (isEmpty && req.headers['content-type'] === undefined) {
      req.body = {}
      next()
    } else if (req.is('json')) readJson(req, res, next)
    else if (req.is('urlencoded') || isEmpty) readForm(req, res, next)
    else next(new Problem(415, 'UNSUPPORTED_MEDIA_TYPE', 'Send application/json or application/x-www-form-urlencoded.'))
  }
}

/**
 * Express's `listen`, with what organic-express-server leaves out: if the port cannot be opened, the boot stops with a clear
 * message; connections end in bounded time; and only requests in flight delay the shutdown.
 */
function listenWith(
  plasma: Organic.Plasma,
  dna: Organic.Dna,
  checked: ExpressServerDna,
  app: Express,
): Express['listen'] {
  return ((...values: Parameters<Express['listen']>) => {
    const { server, drainConnections, endConnections } = createBoundedServer(app, checked, createMessageClasses(app))
    server.on('error', (error: NodeJS.ErrnoException) => {
      void plasma.emit({ type: 'CellFailed', dna, error: explainListenError(error, checked) })
    })
    plasma.on('CellDraining', drainConnections)
    plasma.on(checked.closeOn ?? 'kill', () => endConnections())
    return server.listen(...values)
  }) as Express['listen']
}

function explainListenError(cause: NodeJS.ErrnoException, { host = '*', port }: ExpressServerDna): DnaError {
  const address = `${host}:${port}`
  if (cause.code === 'EADDRINUSE') return new DnaError('port', `${address} is in use by another program`, { cause })
  if (cause.code === 'EACCES') return new DnaError('port', `this user may not open ${address}`, { cause })
  const why = cause.code ?? cause.message
  return new DnaError('host', `${address} is not an address of this machine (${why})`, { cause })
}

export = expressApp
