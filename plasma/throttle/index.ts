import type { Request, RequestHandler, Response } from 'express'
import { tell } from '../../context/chemicals'
import { clientOf } from '../../context/client'
import { cleanRegularly } from '../../context/database/cleaner'
import { Problem, checkDna, messageOf } from '../../context/errors'
import { nameKeyOf } from '../../context/models/owner-kind'
import { appOf, react } from '../../context/reaction'
import { isWithin, networkOf } from './address'
import { Attempts, type Attempt, type Outcome } from './attempts'
import { throttleDna, type ThrottleDna } from './dna'
import { deleteForgotten } from './sql-limiter'

/**
 * Slows down whoever tries passwords, whichever way: at one account from many addresses, or at many from one. Emits
 * `LoginThrottled`, with the seconds to wait, for each attempt that it refuses.
 */
function throttle(plasma: Organic.Plasma, dna: Organic.Dna): void {
  const checked = checkDna(throttleDna, dna)
  const attempts = new Attempts(checked)

  react(plasma, dna, (...chemicals) => {
    const app = appOf(chemicals)
    for (const [route, whose] of Object.entries(checked.routes)) {
      if (!whose) continue
      const handler = guard(plasma, attempts, checked, whose === 'owner' ? sessionOwner : namedAccounts(checked))
      // It stands before the routes' guard, and lets nobody past it.
      app.post(route, Object.assign(handler, { passesOn: true }))
    }
    cleanRegularly(plasma, checked.cleanupSeconds, 'throttles that are forgotten', deleteForgotten)
  })
}

function guard(plasma: Organic.Plasma, attempts: Attempts, { exempt }: ThrottleDna, accountsOf: (req: Request) => string[]): RequestHandler {
  return function throttle(req, res, next) {
    const { address = '' } = clientOf(req)
    if (isWithin(address, exempt)) {
      next()
      return
    }
    attempts.admit({ accounts: accountsOf(req), network: networkOf(address) }).then(
      (attempt) => {
        if (isOver(req, res)) {
          settle(attempt, 'undone')
          return
        }
        const { sessionID } = req
        whenOver(req, res, () => {
          // Another session is one that the password has opened.
          const [owner] = req.sessionID === sessionID ? [] : sessionOwner(req)
          settle(attempt, outcomeOf(res), owner)
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
      return typeof name === 'string' ? [`${field} ${nameKeyOf(name)}`] : []
    })
  }
}

/** The owner of the session, in a list, where there is one. */
function sessionOwner(req: Request): string[] {
  const { ownerId } = Object(req.session) as { ownerId?: unknown }
  return typeof ownerId === 'string' || typeof ownerId === 'number' ? [`id ${ownerId}`] : []
}

/** An answer that nobody has waited for is one that a guesser may know otherwise. */
function outcomeOf(res: Response): Outcome {
  if (!res.writableEnded || res.statusCode === 401 || res.statusCode === 403) return 'refused'
  if (/^REMOTE_/.test(res.problem?.code ?? '')) return 'unclear'
  return res.statusCode < 400 ? 'granted' : 'undone'
}

function isOver(req: Request, res: Response): boolean {
  return res.closed || req.socket.destroyed
}

/** Node closes only the first of the answers that a connection still owes when it breaks. */
function whenOver({ socket }: Request, res: Response, over: () => void): void {
  let isTold = false
  const once = (): void => {
    res.off('close', once)
    socket.off('close', once)
    // One of the two may be telling the other.
    if (!isTold) over()
    isTold = true
  }
  res.once('close', once)
  // As many as requests that are sent without waiting for answers.
  socket.setMaxListeners(0).once('close', once)
}

function settle(attempt: Attempt, outcome: Outcome, account?: string): void {
  attempt.settle(outcome, account).catch((error: unknown) => {
    process.emitWarning(`an attempt to log in could not be counted yet: ${messageOf(error)}`)
  })
}

export = throttle
