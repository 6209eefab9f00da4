import type { NextFunction, Request, Response } from 'express'
import type { User } from '../context/models/user'
import type { Sessions } from '../plasma/sessions/session-api'

// Adds `session` to Request. An import would be missing in the package's declarations.
export type {} from 'express-session'

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
