import session from 'express-session'
import onHeaders from 'on-headers'
import type { CookieOptions, Request, Response } from 'express'
import { cleanRegularly } from '../../context/sql/cleaner'
import { DnaError, checkDna, messageOf } from '../../context/cell'
import { expressAppOf, react } from '../../context/cell/reactions'
import { resolvePath } from '../../context/cell/root'
import { expressSessionsDna } from './dna'
import { refuseInsecure } from './insecure'
import { keptSecret } from './secret'
import { SqlStore } from './sql-store'

/** Gives every request its session: express-session, with the sessions in the cell's database. */
function expressSessions(plasma: Organic.Plasma, dna: Organic.Dna): void {
  const { cookie, remember, ...checked } = checkDna(expressSessionsDna, dna)
  const secret = checked.secret ?? readSecret(resolvePath(plasma, checked.secretFile ?? ''))
  const store = new SqlStore({
    idle: checked.idleSeconds * 1000,
    absolute: checked.absoluteSeconds * 1000,
    touch: checked.touchSeconds * 1000,
    remember: remember ? { idle: remember.idleSeconds * 1000, absolute: remember.absoluteSeconds * 1000 } : undefined,
  })
  const { name, ...own } = cookie
  // The browser forgets the cookie when it closes, unless its owner is remembered; how long the session lasts, the
  // store decides.
  const attributes = { ...own, path: '/', httpOnly: true }
  const middleware = session({
    name,
    secret,
    store,
    cookie: attributes,
    resave: false,
    saveUninitialized: false,
    // A session that could not be read is unset as well, and must not be destroyed for it: a logout says so itself.
    unset: 'keep',
  })

  react(plasma, dna, (...chemicals) => {
    const app = expressAppOf(chemicals)
    if (attributes.secure) app.use(refuseInsecure())
    app.use((req, res, next) => {
      // What depends on a cookie belongs to nobody else (OWASP ASVS 14.2.2).
      res.set('Cache-Control', 'no-store')
      middleware(req, res, (error?: unknown) => {
        if (!error && hasCookie(req, name)) expireCookie(req, res, name, attributes)
        next(error)
      })
    })
    cleanRegularly(plasma, checked.cleanupSeconds, 'sessions that are over', (limit) => store.destroyExpired(limit))
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
  if ((req.session as unknown) === undefined) return
  onHeaders(res, () => {
    if ((req.session as unknown) === undefined && res.statusCode < 400) res.clearCookie(name, attributes)
  })
}

function readSecret(file: string): string {
  try {
    return keptSecret(file)
  } catch (cause) {
    throw new DnaError('secretFile', messageOf(cause), { cause })
  }
}

expressSessions.dnaSchema = expressSessionsDna

export = expressSessions
