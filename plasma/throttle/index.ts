import type { Request, RequestHandler, Response } from 'express'
import { tell } from '../../context/chemicals'
import { clientOf } from '../../context/client'
import { cleanRegularly } from '../../context/database/cleaner'
import { Problem, checkDna, messageOf } from '../../context/errors'
import { nameKeyOf } from '../../context/models/owner-kind'
import { appOf, react } from '../../context/reaction'
import { isWithin, networkOf } from './address'
import { Attempts, type Attempt, type Claimant, type Outcome } from './attempts'
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
    appOf(chemicals).post(checked.routes, guard(plasma, attempts, checked))
    cleanRegularly(plasma, checked.cleanupSeconds, 'throttles that are forgotten', deleteForgotten)
  })
}

function guard(plasma: Organic.Plasma, attempts: Attempts, dna: ThrottleDna): RequestHandler {
  return function throttle(req, res, next) {
    const { address = '' } = clientOf(req)
    if (isWithin(address, dna.exempt)) {
      next()
      return
    }
    attempts.admit(claimantOf(req, address, dna)).then(
      (attempt) => {
        if (res.closed) settle(attempt, 'undone')
        else {
          res.once('close', () => {
            settle(attempt, outcomeOf(res))
          })
          next()
        }
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

/** Whom the request claims to be: by name, or as the owner of its session, who is to prove it once more. */
function claimantOf(req: Request, address: string, { nameFields }: ThrottleDna): Claimant {
  const body = Object(req.body) as Record<string, unknown>
  const names = nameFields.flatMap((field) => {
    const name = Object.hasOwn(body, field) ? body[field] : undefined
    return typeof name === 'string' ? [`${field} ${nameKeyOf(name)}`] : []
  })
  const { ownerId } = Object(req.session) as { ownerId?: unknown }
  const isOwner = names.length === 0 && (typeof ownerId === 'string' || typeof ownerId === 'number')
  return { accounts: isOwner ? [`id ${ownerId}`] : names, network: networkOf(address) }
}

/** An answer that nobody has waited for is one that a guesser may know otherwise. */
function outcomeOf(res: Response): Outcome {
  if (!res.writableEnded || res.statusCode === 401 || res.statusCode === 403) return 'refused'
  return res.statusCode < 400 ? 'granted' : 'undone'
}

function settle(attempt: Attempt, outcome: Outcome): void {
  attempt.settle(outcome).catch((error: unknown) => {
    process.emitWarning(`an attempt to log in was not counted: ${messageOf(error)}`)
  })
}

export = throttle
