import type { Express, IRoute, Request, RequestHandler, Response } from 'express'
import { tell } from '../../context/chemicals'
import { clientOf } from '../../context/client'
import { cleanRegularly } from '../../context/database/cleaner'
import { DnaError, Problem, checkDna, messageOf } from '../../context/errors'
import { nameKeyOf } from '../../context/models/owner-kind'
import { appOf, react } from '../../context/reaction'
import { isWithin, networkOf } from './address'
import { Attempts, type Outcome } from './attempts'
import { throttleDna, type Kind, type ThrottleDna } from './dna'
import { mountedPosts } from './mounted'
import { deleteExpired } from './points'

/** A longer name is nobody's, and takes too long to normalize. */
const LONGEST_NAME = 256
const LOGIN = /\/(log|sign)-?in\/?$/i

/**
 * Slows down whoever tries passwords or registers, by account and by address. Emits `LoginThrottled`, with the seconds
 * to wait, for each attempt that it refuses.
 */
function throttle(plasma: Organic.Plasma, dna: Organic.Dna): void {
  const checked = checkDna(throttleDna, dna)
  const attempts = new Attempts(checked)

  react(plasma, dna, (...chemicals) => {
    const app = appOf(chemicals)
    const guards = new Map<IRoute, string>()
    for (const [route, kind] of Object.entries(checked.routes)) {
      if (!kind) continue
      // It stands before the routes' guard, and lets nobody past it.
      const handler = Object.assign(guard(plasma, attempts, checked, kind), { passesOn: true })
      guards.set(app.route(checked.mount + route).post(handler), route)
    }
    cleanRegularly(plasma, checked.cleanupSeconds, 'expired throttles', deleteExpired)
    plasma.on('CellAssembled', () => {
      try {
        checkMounted(app, guards, checked.mount)
      } catch (error) {
        void plasma.emit({ type: 'CellFailed', dna, error })
      }
    })
  })
}

/** @throws {DnaError} for a route that guards nothing: a typo would leave a login open */
function checkMounted(app: Express, guards: Map<IRoute, string>, mount: string): void {
  const posts = mountedPosts(app)
  const isOwn = ({ route }: { route: IRoute }): boolean => guards.has(route)
  const others = posts.filter((post) => !isOwn(post))
  for (const [guard, route] of guards) {
    const behind = posts.slice(posts.findIndex((post) => post.route === guard)).filter((post) => !isOwn(post))
    if (behind.some((post) => post.matches(mount + route))) continue
    const found = others.map(({ url }) => url).join(', ') || 'nothing'
    throw new DnaError(`routes.${route}`, `no route answers POST ${mount}${route} (mounted for POST: ${found}): correct it, or set it to false`)
  }
  for (const login of others.filter(({ url }) => LOGIN.test(url))) {
    const isGuarded = posts.slice(0, posts.indexOf(login)).some((post) => isOwn(post) && post.matches(login.url))
    if (!isGuarded) process.emitWarning(`POST ${login.url} is not throttled: name it in routes of dna/plasma/throttle.json`)
  }
}

function guard(plasma: Organic.Plasma, attempts: Attempts, dna: ThrottleDna, kind: Kind): RequestHandler {
  const accountsOf = kind === 'owner' ? sessionOwner : namedAccounts(dna)
  return function throttle(req, res, next) {
    const { address = '' } = clientOf(req)
    if (isWithin(address, dna.exempt)) {
      next()
      return
    }
    attempts.admit({ kind, accounts: accountsOf(req), network: networkOf(address) }).then(
      (settle) => {
        const { sessionID } = req
        whenAnswered(res, () => {
          // Another session is one that the password has opened.
          const [owner] = req.sessionID === sessionID ? [] : sessionOwner(req)
          settle(outcomeOf(res, kind), owner).catch((error: unknown) => {
            process.emitWarning(`an attempt to log in stays counted as a wrong password: ${messageOf(error)}`)
          })
        })
        next()
      },
      (error: unknown) => {
        if (error instanceof Problem && error.status === 429) {
          tell(plasma, { type: 'LoginThrottled', retryAfter: error.retryAfter, ...clientOf(req) })
        }
        next(error)
      },
    )
  }
}

/** Whom a body claims to be, by each name that it has. */
function namedAccounts({ nameFields }: ThrottleDna): (req: Request) => string[] {
  const fields = Object.keys(nameFields).filter((field) => nameFields[field])
  return (req) => {
    const body = Object(req.body) as Record<string, unknown>
    return fields.flatMap((field) => {
      const name = Object.hasOwn(body, field) ? body[field] : undefined
      if (typeof name !== 'string') return []
      return [`${field} ${name.length > LONGEST_NAME ? name : nameKeyOf(name)}`]
    })
  }
}

/** The owner of the session, in a list, where there is one. */
function sessionOwner(req: Request): string[] {
  const { ownerId } = Object(req.session) as { ownerId?: unknown }
  return typeof ownerId === 'string' || typeof ownerId === 'number' ? [`id ${ownerId}`] : []
}

/**
 * Calls back once, when the request's work is done: as its answer is ended, before any of it is sent. Whether somebody
 * reads it, or is still there, makes no difference.
 */
function whenAnswered(res: Response, answered: () => void): void {
  const end = res.end.bind(res) as (...values: unknown[]) => Response
  res.end = ((...values: unknown[]) => {
    res.end = end as Response['end']
    answered()
    return end(...values)
  }) as Response['end']
}

function outcomeOf({ statusCode, problem }: Response, kind: Kind): Outcome {
  if (statusCode === 401 || statusCode === 403) return 'refused'
  // Somebody has learned whether the name is taken.
  if (statusCode === 409 && kind === 'registration') return 'refused'
  // A trust point that did not judge the password says nothing of what this cell has judged before it. An error that
  // nobody has named may have been a trust point's.
  if (statusCode === 429 || /^REMOTE_/.test(problem?.code ?? '') || (statusCode >= 500 && !problem)) return 'unclear'
  return statusCode < 400 ? 'granted' : 'undone'
}

throttle.dnaSchema = throttleDna

export = throttle
