import type { IRoute, Request, RequestHandler, Response } from 'express'
import { emitEvent } from '../../context/cell/chemicals'
import { clientOf } from '../../context/cell/client'
import { networkOf } from '../../context/http/network'
import { cleanRegularly } from '../../context/sql/cleaner'
import { Problem, checkDna, messageOf } from '../../context/cell'
import { nameKeyOf } from '../../context/owners/kind'
import { expressAppOf, react } from '../../context/cell/reactions'
import { Attempts, type Outcome } from './attempts'
import { throttleDna, type Kind, type ThrottleDna } from './dna'
import { deleteExpired } from './points'
import { checkPosts } from './posts'
import { isWithin } from './ranges'

/** Longer names belong to nobody, and take too long to normalize. */
const LONGEST_NAME = 256
/** Shared by all clients without a valid address: one that could choose its network would have any number. */
const NO_ADDRESS = 'none'

/**
 * Limits guesses at passwords, by account and by address, and registrations, by address. Emits `LoginThrottled` for
 * each attempt that it refuses, with the seconds to wait.
 */
function throttle(plasma: Organic.Plasma, dna: Organic.Dna): void {
  const checked = checkDna(throttleDna, dna)
  const attempts = new Attempts(checked)

  react(plasma, dna, (...chemicals) => {
    const app = expressAppOf(chemicals)
    const guards = new Map<IRoute, string>()
    for (const [route, kind] of Object.entries(checked.routes)) {
      if (!kind) continue
      // Mounted before the API's guard, but never answers in its place.
      const handler = Object.assign(guard(plasma, attempts, checked, kind), { passesOn: true })
      guards.set(app.route(checked.mount + route).post(handler), route)
    }
    cleanRegularly(plasma, checked.cleanupSeconds, 'expired throttles', deleteExpired)
    plasma.on('CellAssembled', () => {
      try {
        checkPosts(app, guards, checked)
        checkNames(plasma, checked)
      } catch (error) {
        void plasma.emit({ type: 'CellFailed', dna, error })
      }
    })
  })
}

/** Warns if no field that names an account is the one that the pages and the command line know the owner model's owners by. */
function checkNames(plasma: Organic.Plasma, { nameFields }: ThrottleDna): void {
  const { sessions } = plasma as { sessions?: { ownerModel?: { kind?: { nameKey?: string } } } }
  const { nameKey = 'username' } = sessions?.ownerModel?.kind ?? {}
  if (!sessions || nameFields[nameKey]) return
  process.emitWarning(
    `logins are not throttled by account: set "${nameKey}" to true in nameFields of dna/plasma/throttle.json`,
  )
}

function guard(plasma: Organic.Plasma, attempts: Attempts, dna: ThrottleDna, kind: Kind): RequestHandler {
  const accountsOf = kind === 'owner' ? sessionOwner : namedAccounts(dna)
  return function throttle(req, res, next) {
    const { address = '' } = clientOf(req)
    if (isWithin(address, dna.exempt)) {
      next()
      return
    }
    attempts.admit({ kind, accounts: accountsOf(req), network: networkOf(address) ?? NO_ADDRESS }).then(
      (settle) => {
        const { sessionID } = req
        whenAnswered(res, () => {
          // A new session id means that the password opened the session.
          const [owner] = req.sessionID === sessionID ? [] : sessionOwner(req)
          settle(outcomeOf(res, kind), owner).catch((error: unknown) => {
            process.emitWarning(`an attempt to log in stays counted as a wrong password: ${messageOf(error)}`)
          })
        })
        next()
      },
      (error: unknown) => {
        if (error instanceof Problem && error.status === 429) {
          emitEvent(plasma, { type: 'LoginThrottled', retryAfter: error.retryAfter, ...clientOf(req) })
        }
        next(error)
      },
    )
  }
}

/** The accounts that a body names: one for each field that names an account. */
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

/** The owner of the session as a list of one account, or an empty list. */
function sessionOwner(req: Request): string[] {
  const { ownerId } = Object(req.session) as { ownerId?: unknown }
  return typeof ownerId === 'string' || typeof ownerId === 'number' ? [`id ${ownerId}`] : []
}

/** Calls back once, when the route ends its answer. Whether the client is still there to read it does not matter. */
function whenAnswered(res: Response, answered: () => void): void {
  const end = res.end.bind(res) as (...values: unknown[]) => Response
  res.end = ((...values: unknown[]) => {
    res.end = end as Response['end']
    answered()
    return end(...values)
  }) as Response['end']
}

function outcomeOf({ statusCode, problem }: Response, kind: Kind): Outcome {
  // A trust point that throttles this client, or that gave a bad answer, answered what the client sent: this cell may
  // have judged the password before.
  if ([401, 403, 429].includes(statusCode) || problem?.code === 'REMOTE_INVALID') return 'refused'
  // The client has learned that the name is taken.
  if (statusCode === 409 && kind === 'registration') return 'refused'
  // The trust point is down, but this cell may have judged the password. An error without a problem may also be that.
  if (problem?.code === 'REMOTE_UNAVAILABLE' || (statusCode >= 500 && !problem)) return 'unclear'
  return statusCode < 400 ? 'granted' : 'undone'
}

throttle.dnaSchema = throttleDna

export = throttle
