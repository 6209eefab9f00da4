import session from 'express-session'
import { resolve } from 'node:path'
import { cleanRegularly } from '../../context/database/cleaner'
import { DnaError, checkDna, messageOf } from '../../context/errors'
import { appOf, react } from '../../context/reaction'
import { expressSessionsDna } from './dna'
import { keptSecret } from './secret'
import { SqlStore } from './sql-store'

/** Gives every request its session: express-session, with the sessions in the cell's database. */
function expressSessions(plasma: Organic.Plasma, dna: Organic.Dna): void {
  const { cookie, remember, ...checked } = checkDna(expressSessionsDna, dna)
  const secret = checked.secret ?? readSecret(checked.secretFile ?? '')
  const store = new SqlStore({
    idle: checked.idleSeconds * 1000,
    absolute: checked.absoluteSeconds * 1000,
    touch: checked.touchSeconds * 1000,
    remember: remember ? { idle: remember.idleSeconds * 1000, absolute: remember.absoluteSeconds * 1000 } : undefined,
  })
  const middleware = session({
    name: cookie.name,
    secret,
    store,
    // The browser forgets the cookie when it closes, unless its owner is remembered; how long the session lasts, the
    // store decides.
    cookie: { path: '/', httpOnly: true, secure: cookie.secure, sameSite: cookie.sameSite },
    resave: false,
    saveUninitialized: false,
    // A session that could not be read is unset as well, and must not be destroyed for it: a logout says so itself.
    unset: 'keep',
  })

  react(plasma, dna, (...chemicals) => {
    appOf(chemicals).use((req, res, next) => {
      // What depends on a cookie belongs to nobody else (OWASP ASVS 14.2.2).
      res.set('Cache-Control', 'no-store')
      middleware(req, res, next)
    })
    cleanRegularly(plasma, checked.cleanupSeconds, 'sessions that are over', (limit) => store.destroyExpired(limit))
  })
}

function readSecret(file: string): string {
  try {
    return keptSecret(resolve(file))
  } catch (cause) {
    throw new DnaError('secretFile', messageOf(cause), { cause })
  }
}

expressSessions.dnaSchema = expressSessionsDna

export = expressSessions
