import type { NextFunction, Request, Response } from 'express'
import type { User } from '../context/models/user'
import type { Sessions } from '../plasma/sessions/session-api'

// Adds `session` to Request. An import would be missing in the package's declarations.
export type {} from 'express-session'

/** The credentials of a {@link User}. */
interface UserCredentials {
  username: string
  password: string
}

/** Answers a request or guards what follows. Only one that answers may be async, and then it gets no `next`. */
export type Handler = (req: Request, res: Response, next: NextFunction) => unknown

/**
 * What the function of a route file returns: handlers by `METHOD` or `METHOD path`.
 *
 * @example export = function (): Routes { return { 'GET /time': (_req, res) => res.json(Date.now()) } }
 */
export type Routes = Record<string, Handler | Handler[]>

declare global {
  /* eslint-disable @typescript-eslint/no-namespace -- how Express and the plasma let their types be extended */
  namespace Organic {
    /**
     * The types of the owner model, if DNA names one of your own. Add them by merging:
     * `declare global { namespace Organic { interface OwnerTypes { owner: Member; credentials: MemberCredentials } } }`.
     */
    // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- for others to extend
    interface OwnerTypes {}
    /** Who can log in, as the owner model gives them. */
    type Owner = OwnerTypes extends { owner: infer O } ? O : User
    /** What they log in with. */
    type Credentials = OwnerTypes extends { credentials: infer C } ? C : UserCredentials
    interface Plasma {
      /** The sessions organelle, under the name in its DNA. */
      sessions: Sessions<Owner, Credentials>
    }
  }
  namespace Express {
    interface Request {
      /** The logged-in user. Set by the guard. */
      user?: Organic.Owner
    }
  }
  /* eslint-enable @typescript-eslint/no-namespace */
}
