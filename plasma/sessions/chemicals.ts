import type { RequestFacts } from '../../context/cell'
import type { Actor, Lapse } from './login-record'

/** Whose session it is, the application that acts for the owner, and the session's handle, if its store knows owners. */
type SessionFacts = RequestFacts & { ownerId: unknown; actor?: Actor | undefined; session?: string }

/** The chemicals that the organelle emits. */
export interface SessionChemicals {
  /** An owner has logged in. */
  SessionLogin: SessionFacts
  /** A login has failed. `ownerId` is the owner whose name was used, if the model can tell. `reason` is the error's code. */
  SessionLoginFailed: RequestFacts & { ownerId?: unknown; reason: string }
  /** A session has ended. A logout has no `reason`. */
  SessionLogout: SessionFacts & { reason?: 'ENDED_BY_OWNER' | 'CREDENTIALS_CHANGED' }
  /** A session is no longer valid, and has forgotten its owner. */
  SessionDenied: SessionFacts & { reason: Lapse }
}

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- how chemicals are typed
  namespace Organic {
    // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- the chemicals that this file emits
    interface Chemicals extends SessionChemicals {}
  }
}
