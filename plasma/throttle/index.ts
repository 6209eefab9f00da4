import type { IRoute, Request, RequestHandler, Response } from 'express'
import {
  checkDna,
  isProblem,
  messageOf,
  emitEvent,
  type RequestFacts,
  clientOf,
  expressAppOf,
  react,
} from '../../context/cell'
import { networkOf } from '../../context/http/network'
import { onEnd } from '../../context/http/on-end'
import { nameKeyOf } from '../../context/owners/name-key'
import { databaseOf } from '../../context/sql'
import { cleanRegularly } from '../../context/sql/cleaner'
import { Attempts, type Outcome } from './attempts'
import type { Counts } from './counts'
import { throttleDna, type Kind, type ThrottleDna } from './dna'
import { checkPosts } from './posts'
import { isWithin } from './ranges'
import { SqlCounts } from './sql-counts'

/** What the organelle puts on the plasma, for routes that take passwords. */
interface Throttle {
  /**
   * Limits the posts to a URL like those in DNA, with the same counts. Call it while the routes are built, so that it is mounted
   * before them.
   */
  limitPosts(url: string, kind: Kind): void
}

declare global {
  /* eslint-disable @typescript-eslint/no-namespace -- how chemicals and the plasma are typed */
  namespace Organic {
    interface Chemicals {
      /** An attempt was refused. `retryAfter` is in seconds. */
      LoginThrottled: RequestFacts & { retryAfter: number | undefined }
    }
    interface Plasma {
      /** Nothing if the organelle is switched off. */
      throttle?: Throttle
    }
  }
  /* eslint-enable @typescript-eslint/no-namespace */
}

/** Clients without a valid address share one count: otherwise each forged address would be a fresh one. */
const NO_ADDRESS = 'none'

/**
 * Limits guesses at passwords, by account and by address, and registrations, by address. Emits `LoginThrottled` for
 * each attempt that it refuses.
 */
function throttle(plasma: Organic.Plasma, dna: Organic.Dna): void {
  const checked = checkDna(throttleDna, dna)
  const sqlCounts = checked.counts === 'sql' ? new SqlCounts(databaseOf(plasma)) : undefined
  const attempts = new Attempts(sqlCounts ?? openRedisCounts(plasma), checked)

  const limited = new Map<string, Kind>()
  for (const [route, kind] of Object.entries(checked.routes)) if (kind) limited.set(checked.mount + route, kind)
  let mount: ((url: string, kind: Kind) => void) | undefined
  plasma.throttle = {
    limitPosts(url, kind) {
      if (limited.has(url)) return
      limited.set(url, kind)
      mount?.(url, kind)
    },
  }

  react(plasma, dna, (...chemicals) => {
    const app = expressAppOf(chemicals)
    const limiters = new Map<IRoute, string>()
    mount = (url, kind) => {
      limiters.set(app.route(url).post(createLimiter(plasma, attempts, checked, kind)), url)
    }
    for (const [url, kind] of limited) mount(url, kind)
    if (sqlCounts) {
      cleanRegularly(plasma, checked.cleanupSeconds, 'expired throttles', (limit) => sqlCounts.deleteExpired(limit))
    }
    plasma.on('CellAssembled', () => {
      try {
        checkPosts(app, limiters, checked)
        checkNames(plasma, checked)
      } catch (error) {
        void plasma.emit({ type: 'CellFailed', dna, error })
      }
    })
  })
}

function openRedisCounts(plasma: Organic.Plasma): Counts {
  // Most cells have no Redis.
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- only if DNA asks for it
  const { createRedisCounts } = require('./redis-counts') as typeof import('./redis-counts')
  return createRedisCounts(plasma)
}

/** Warns if `nameFields` lacks the field by which the owner model names its owners. */
function checkNames(plasma: Organic.Plasma, { nameFields }: ThrottleDna): void {
  const { sessions } = plasma as { sessions?: { ownerModel?: { kind?: { nameKey?: string } } } }
  const { nameKey = 'username' } = sessions?.ownerModel?.kind ?? {}
  if (!sessions || nameFields[nameKey]) return
  process.emitWarning(
    `logins are not throttled by account: set "${nameKey}" to true in nameFields of dna/plasma/throttle.json`,
  )
}

function createLimiter(plasma: Organic.Plasma, attempts: Attempts, dna: ThrottleDna, kind: Kind): RequestHandler {
  const accountsOf = kind === 'owner' ? readSessionOwner : createAccountReader(dna)
  const limiter: RequestHandler = (req, res, next) => {
    const { address = '' } = clientOf(req)
    if (isWithin(address, dna.exempt)) {
      next()
      return
    }
    attempts.admit({ kind, accounts: accountsOf(req), network: networkOf(address) ?? NO_ADDRESS }).then(
      (settle) => {
        const { sessionID } = req
        let isSettled = false
        const settleOnce = (outcome: Outcome, owner?: string): void => {
          if (isSettled) return
          isSettled = true
          settle(outcome, owner).catch((error: unknown) =>
            process.emitWarning(`an attempt to log in stays counted as a wrong password: ${messageOf(error)}`),
          )
        }
        onEnd(res, () => {
          // A new session id means that the password opened the session.
          const [owner] = req.sessionID === sessionID ? [] : readSessionOwner(req)
          settleOnce(outcomeOf(res, kind), owner)
        })
        // A route that fails halfway through its answer never ends it. If nothing was sent, it still will.
        res.once('close', () => {
          if (res.headersSent) settleOnce('refused')
        })
        next()
      },
      (error: unknown) => {
        if (isProblem(error) && error.status === 429) {
          emitEvent(plasma, { type: 'LoginThrottled', retryAfter: error.retryAfter, ...clientOf(req) })
        }
        next(error)
      },
    )
  }
  // Mounted before the API's guard, but never answers in its place.
  return Object.assign(limiter, { passesOn: true })
}

/** The accounts that a body names: one for each field that names an account. */
function createAccountReader({ nameFields }: ThrottleDna): (req: Request) => string[] {
  const fields = Object.keys(nameFields).filter((field) => nameFields[field])
  return (req) => {
    const body = Object(req.body) as Record<string, unknown>
    return fields.flatMap((field) => {
      const name = body[field]
      return typeof name === 'string' ? [`${field} ${nameKeyOf(name)}`] : []
    })
  }
}

/** The owner of the session as a list of one account, or an empty list. */
function readSessionOwner(req: Request): string[] {
  const { ownerId } = Object(req.session) as { ownerId?: unknown }
  return typeof ownerId === 'string' || typeof ownerId === 'number' ? [`id ${ownerId}`] : []
}

function outcomeOf({ statusCode, problem }: Response, kind: Kind): Outcome {
  // A trust point that throttles this client, or gave a bad answer, was sent what the client sent: this cell may have
  // judged the password before.
  if ([401, 403, 429].includes(statusCode) || problem?.code === 'REMOTE_INVALID') return 'refused'
  // The client has learned that the name is taken.
  if (statusCode === 409 && kind === 'registration') return 'refused'
  // The trust point is down, but this cell may have judged the password. An error without a problem may mean that too.
  if (problem?.code === 'REMOTE_UNAVAILABLE' || (statusCode >= 500 && !problem)) return 'unclear'
  return statusCode < 400 ? 'granted' : 'undone'
}

throttle.dnaSchema = throttleDna

export = throttle
