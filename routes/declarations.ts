import type { NextFunction, Request, Response } from 'express'
// Adds `session` to Request.
import type {} from 'express-session'
import type { User } from '../context/models/user'
import type { Sessions } from '../plasma/sessions/session-api'

/** The credentials of a {@link User}. */
export interface Credentials {
  username: string
  password: string
}

/** Answers a request or guards what follows. Only one that answers may be async, and then it gets no `next`. */
type Handler = (req: Request, res: Response, next: NextFunction) => unknown

/**
 * What the function of a route file returns: handlers by `METHOD` or `METHOD path`.
 *
 * @example export = function (): Routes { return { 'GET /time': (_req, res) => res.json(Date.now()) } }
 */
export type Routes = Record<string, Handler | Handler[]>

declare global {
  /* eslint-disable @typescript-eslint/no-namespace -- how Express and the plasma let their types be extended */
  namespace Organic {
    interface Plasma {
      /** The sessions organelle, under the name in its DNA. */
      sessions: Sessions<User, Credentials>
    }
  }
  namespace Express {
    interface Request {
      /** The logged-in user. Set by the guard. */
      user?: User
    }
  }
  /* eslint-enable @typescript-eslint/no-namespace */
}
