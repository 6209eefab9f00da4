import session from 'express-session'
import type { CookieOptions, Express, Request, Response } from 'express'
import { cleanRegularly } from '../../context/sql/cleaner'
import {
  blameKey,
  checkDna,
  expressAppOf,
  logOf,
  react,
  resolvePath,
  type Log,
  type SessionStore,
} from '../../context/cell'
import { onEnd } from '../../context/http/on-end'
import { expressSessionsDna, type ExpressSessionsDna } from './dna'
import { refuseInsecure } from './insecure'
import type { Lifetimes } from './lifetime'
import { readOrCreateSecret } from './secret'
import { stores } from './stores'

/**
 * Gives every request its session: express-session on the store that DNA names. Stores `SessionStore { data }` as soon as
 * the store can be used, also on a plasma without a server.
 */
function expressSessions(plasma: Organic.Plasma, dna: Organic.Dna): void {
  const checked = checkDna(expressSessionsDna, dna)
  stores[checked.store].create(plasma, lifetimesOf(checked), (store) =>
    plasma.store({ type: 'SessionStore', data: store }),
  )

  react(plasma, dna, (...chemicals) => {
    const app = expressAppOf(chemicals)
    const file = resolvePath(plasma, checked.secretFile ?? '')
    const secret = checked.secret ?? blameKey('secretFile', () => readOrCreateSecret(file))
    return new Promise<void>((resolve) => {
      plasma.once('SessionStore', ({ data: store }) => {
        mountSessions(app, { store, secret, cookie: checked.cookie, log: logOf(plasma) })
        cleanRegularly(plasma, checked.cleanupSeconds, 'expired sessions', (limit) => store.deleteExpired(limit))
        resolve()
      })
    })
  })
}

function lifetimesOf({ remember, ...dna }: ExpressSessionsDna): Lifetimes {
  return {
    idle: dna.idleSeconds * 1000,
    absolute: dna.absoluteSeconds * 1000,
    touch: dna.touchSeconds * 1000,
    remember: remember ? { idle: remember.idleSeconds * 1000, absolute: remember.absoluteSeconds * 1000 } : undefined,
  }
}

interface SessionOptions {
  store: SessionStore
  secret: string | string[]
  cookie: ExpressSessionsDna['cookie']
  log: Log
}

function mountSessions(app: Express, { store, secret, cookie: { name, ...options }, log }: SessionOptions): void {
  // No lifetime: the browser forgets the cookie when it closes, unless the owner asked to be remembered.
  const attributes = { ...options, path: '/', httpOnly: true }
  const middleware = session({
    name,
    secret,
    store,
    cookie: attributes,
    resave: false,
    saveUninitialized: false,
    // A session that could not be read is unset, too, and must not be destroyed for that. A logout destroys it explicitly.
    unset: 'keep',
  })
  if (attributes.secure) app.use(refuseInsecure(log))
  app.use((req, res, next) => {
    // A response that depends on a cookie is for one client only (OWASP ASVS 14.2.2).
    res.set('Cache-Control', 'no-store')
    middleware(req, res, (error?: unknown) => {
      if (!error && hasCookie(req, name)) expireCookie(req, res, name, attributes)
      next(error)
    })
  })
}

function hasCookie(req: Request, name: string): boolean {
  return (req.headers.cookie ?? '').split(';').some((pair) => pair.trimStart().startsWith(`${name}=`))
}

/**
 * Expires the cookie if this request ended its session and succeeded. The cookie of a session that ended elsewhere stays:
 * otherwise a slow request could expire the cookie of a later login.
 */
function expireCookie(req: Request, res: Response, name: string, attributes: CookieOptions): void {
  // Without a session from the start, the store is away.
  if ((req.session as unknown) === undefined) return
  onEnd(res, () => {
    const hasEnded = (req.session as unknown) === undefined && res.statusCode < 400
    if (hasEnded && !res.headersSent) res.clearCookie(name, attributes)
  })
}

expressSessions.dnaSchema = expressSessionsDna

export = expressSessions
