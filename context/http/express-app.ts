import express, { type Express, type RequestHandler, type Response } from 'express'
import helmet from 'helmet'
import { createBoundedServer } from './connections'
import { DnaError, Problem, checkDna, messageOf } from '../cell'
import { expressServerDna, type ExpressServerDna } from './express-server-dna'
import { patternsOf, onceAll } from '../cell/reactions'
import { refuseOtherOrigins } from './same-origin'

/**
 * The init script of organic-express-server: makes the application with what comes before sessions and routes. Calls
 * `next` once the cell is built, so that no organelle can miss `ExpressServer`.
 */
function expressApp(plasma: Organic.Plasma, dna: Organic.Dna, next: (error: unknown, app: Express) => void): void {
  const checked = checkDna(expressServerDna, dna)
  const app = express()
  app.disable('x-powered-by')
  // If express-response is switched off, Express answers errors, and in any other env it shows their stacks.
  app.set('env', 'production')
  // The default parser, for nested objects, takes quadratic time.
  app.set('query parser', 'simple')
  setTrustProxy(app, checked.trustProxy)
  app.use(
    gate(plasma),
    headers(),
    refuseLongHeaders,
    refuseOtherOrigins(plasma, checked.trustedOrigins),
    refuseOtherBodies,
  )
  app.use(express.json({ limit: checked.bodyLimit, reviver: refuseProto }))
  app.use(express.urlencoded({ limit: checked.bodyLimit, extended: false }))
  app.listen = listen(plasma, dna, checked, app)

  onceAll(plasma, patternsOf(checked.reactOn), () => {
    // A boot that failed in the meantime must not open a port.
    if (!plasma.has({ type: 'CellEnding' })) next(null, app)
  })
}

function setTrustProxy(app: Express, trustProxy: string | number | false): void {
  try {
    app.set('trust proxy', trustProxy)
  } catch (cause) {
    throw new DnaError('trustProxy', messageOf(cause), { cause })
  }
}

/** Holds requests back until the cell is ready: the port is open before the routes and their guards are there. */
function gate(plasma: Organic.Plasma): RequestHandler {
  let ready = false
  const waiting: { res: Response; next: () => void }[] = []
  plasma.once('CellReady', () => {
    ready = true
    for (const { next } of waiting.splice(0)) next()
  })
  // A cell that fails to boot has nothing to answer them, and must not wait for them.
  plasma.once('kill', () => {
    for (const { res } of waiting.splice(0)) res.destroy()
  })
  return function gate(_req, res, next) {
    if (ready) next()
    else waiting.push({ res, next })
  }
}

function headers(): RequestHandler {
  const always = helmet({
    // Under helmet's own, browsers say of a page's own forms that they come from nowhere (`Origin: null`).
    referrerPolicy: { policy: 'same-origin' },
    xFrameOptions: { action: 'deny' },
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: false,
  })
  const overHttps = helmet.strictTransportSecurity()
  return function headers(req, res, next) {
    // Over plain HTTP the header must not be sent (RFC 6797, section 7.2).
    if (req.secure) overHttps(req, res, () => undefined)
    always(req, res, next)
  }
}

/** Headers that this cell or Express parses. Some parsers take quadratic time. */
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
const refuseLongHeaders: RequestHandler = function refuseLongHeaders(req, _res, next) {
  const long = PARSED_HEADERS.filter((name) => (req.headers[name]?.length ?? 0) > MAX_PARSED_LENGTH)
  if (long.length === 0) {
    next()
    return
  }
  // The answer's own code must not parse them either.
  for (const name of long) Reflect.deleteProperty(req.headers, name)
  next(
    new Problem(
      431,
      'HEADER_TOO_LARGE',
      `These headers are longer than ${MAX_PARSED_LENGTH} characters: ${long.join(', ')}.`,
    ),
  )
}

/** JSON and forms, and nothing else (OWASP ASVS 4.1.1). */
const refuseOtherBodies: RequestHandler = function refuseOtherBodies(req, _res, next) {
  const isEmpty = req.headers['content-length'] === '0'
  // `null`: the request has no body at all.
  if (isEmpty || req.is(['json', 'urlencoded']) !== false) next()
  else next(new Problem(415, 'UNSUPPORTED_MEDIA_TYPE', 'Send application/json or application/x-www-form-urlencoded.'))
}

function refuseProto(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new SyntaxError('__proto__')
  return value
}

/**
 * Express's `listen`, with what organic-express-server leaves to others: a port that cannot be had stops the boot
 * with a clear line, connections end in bounded time, and only requests in flight hold back the end.
 */
function listen(plasma: Organic.Plasma, dna: Organic.Dna, checked: ExpressServerDna, app: Express): Express['listen'] {
  return ((...values: Parameters<Express['listen']>) => {
    const { server, endConnections } = createBoundedServer(app, checked)
    server.on('error', (error: NodeJS.ErrnoException) => {
      void plasma.emit({ type: 'CellFailed', dna, error: explain(error, checked) })
    })
    plasma.on(checked.closeOn ?? 'kill', () => {
      endConnections()
    })
    return server.listen(...values)
  }) as Express['listen']
}

function explain(error: NodeJS.ErrnoException, { host = '*', port }: ExpressServerDna): DnaError {
  const address = `${host}:${port}`
  switch (error.code) {
    case 'EADDRINUSE':
      return new DnaError('port', `${address} is in use by another program`, { cause: error })
    case 'EACCES':
      return new DnaError('port', `${address} may not be opened by this user`, { cause: error })
    default:
      return new DnaError('host', `${address} is not an address of this machine (${error.code ?? error.message})`, {
        cause: error,
      })
  }
}

export = expressApp
