import type { Client } from './client'
import { clockOf } from './clock'
import { warnOfReactions } from './failure-log'

/** The facts in every event about a request. */
export type RequestFacts = {
  /** When it happened, in milliseconds since 1970. {@link emitEvent} adds it. */
  time: number
} & Pick<Client, 'address' | 'agent'>

/** The facts in every event about an owner. Events of an operator's command have no client. */
export type OwnerFacts = RequestFacts & {
  ownerId?: unknown
  /** The application that acted for the owner (RFC 8693). */
  actor?: { id: unknown } | undefined
  /** Why, in capitals: the code of an error, or `BY_OPERATOR`. */
  reason?: string
}

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- how chemicals are typed
  namespace Organic {
    interface Chemicals {
      /** Somebody has registered, or an operator has created an owner. */
      OwnerRegistered: OwnerFacts
      PasswordChanged: OwnerFacts
      PasswordChangeFailed: OwnerFacts
      /** An operator has set a new password. */
      PasswordReset: OwnerFacts
      OwnerDisabled: OwnerFacts
      OwnerEnabled: OwnerFacts
      OwnerDeleted: OwnerFacts
      /** An operator has ended the sessions of an owner, or of all owners if there is no `ownerId`. */
      SessionsEnded: OwnerFacts
      /** A page of another origin sent a request that may change something. */
      RequestRefused: RequestFacts & { reason: string }
    }
  }
}

/** Chemicals that the cell itself stores while it boots. */
export const CELL_CHEMICALS = ['CellBuilt', 'CellAssembled', 'CellReady']

/** Chemicals that organelles store while they boot, besides their ready chemicals, for others to use. */
export const SHARED_CHEMICALS = ['SessionStore', 'TrustPoints', 'PasswordHasher', 'MetricsServer']

/** Chemicals that a cell emits while it runs and when it ends. `reactOn` may name them; the boot does not wait for them. */
export const EVENTS = [
  'LoginThrottled',
  'OwnerDeleted',
  'OwnerDisabled',
  'OwnerEnabled',
  'OwnerRegistered',
  'PasswordChangeFailed',
  'PasswordChanged',
  'PasswordReset',
  'RequestRefused',
  'SessionDenied',
  'SessionLogin',
  'SessionLoginFailed',
  'SessionLogout',
  'SessionsEnded',
  'TrustPointAsked',
  'CellFailed',
  'CellDraining',
  'CellEnding',
  'kill',
  'killed',
]

/** A chemical without its time. */
type Event<T extends string> = T extends unknown
  ? Omit<Organic.Chemical<T>, 'time'> & { type: T; time?: number }
  : never

/**
 * Emits what has happened, with the time, and does not wait for reactions. One that fails only causes a warning: it
 * must not undo what happened.
 *
 * @example emitEvent(plasma, { type: 'OwnerRegistered', ownerId: owner.id, ...clientOf(req) })
 */
export function emitEvent<T extends string>(plasma: Organic.Plasma, event: Event<T>): void {
  const warn = (errors: unknown): void => {
    warnOfReactions(event.type, errors)
  }
  try {
    const chemical: Organic.Chemical = { time: clockOf(plasma).now(), ...event }
    // organic-plasma 2.1 and older returns no promise, and throws what a reaction throws.
    Promise.resolve(plasma.emit(chemical) as unknown).catch(warn)
  } catch (error) {
    warn(error)
  }
}
