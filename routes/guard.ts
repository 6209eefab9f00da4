import type { NextFunction, Request, Response } from 'express'
import { LoginRequired } from '../context/cell'
import { checkSessions } from './check-sessions'
import type { Handler } from './declarations'

/** A request behind a {@link guard}. */
export interface GuardedRequest extends Request {
  user: Organic.Owner
}

/**
 * The guard of a folder of routes: lets logged-in users through, as `req.user`, and answers 401 to everybody else.
 *
 * @throws {Error} if the cell has no `plasma.sessions` to ask
 * @example export = (plasma: Organic.Plasma): Routes => ({ '* *': guard(plasma) })
 */
export function guard(plasma: Organic.Plasma): Handler {
  checkSessions(plasma)
  return function (req, _res, next) {
    plasma.sessions(req.session).user(function (err, user) {
      if (err) return next(err)
      if (!user) return next(new LoginRequired())

      req.user = user
      next()
    })
  }
}

/**
 * A route behind a {@link guard}, whose `req.user` is always set. Without a guard before it, it answers 401 to everybody.
 *
 * @example 'GET /mine': guarded(async (req, res) => { res.response = await findNotes(req.user.id) })
 */
export function guarded(handler: (req: GuardedRequest, res: Response, next: NextFunction) => unknown): Handler[] {
  return [requireUser, handler as Handler]
}

function requireUser(req: Request, _res: Response, next: NextFunction): void {
  next(req.user ? undefined : new LoginRequired())
}
