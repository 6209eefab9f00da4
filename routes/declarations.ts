import type { NextFunction, Request, Response } from 'express'
import type User from '../context/models/user'
import type { Sessions } from '../plasma/sessions/types'

/** What {@link User} takes for credentials. */
export interface Credentials {
  username: string
  password: string
}

/** Answers, or guards. One that answers may be async, and gets no `next` then. */
type Handler = (req: Request, res: Response, next: NextFunction) => unknown

/** What a route file returns: handlers by `METHOD path`. */
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
      /** Who is logged in: there behind a guard. */
      user?: User
    }
  }
  /* eslint-enable @typescript-eslint/no-namespace */
}
