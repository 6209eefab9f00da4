import { clockOf } from './clock'
import { messageOf } from './thrown'

/** Chemicals that the cell itself stores while it boots. */
export const CELL_CHEMICALS = ['CellBuilt', 'CellAssembled', 'CellReady']

/** Chemicals that organelles store while they boot, besides their ready chemicals: what others use of theirs. */
export const SHARED_CHEMICALS = ['SessionStore']

/** Chemicals that a running cell emits, and those of its end. Organelles may react to them; the boot does not wait for them. */
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
  'CellFailed',
  'CellEnding',
  'kill',
  'killed',
]

/**
 * Emits what has happened, with the time, and does not wait for reactions. One that fails only causes a warning: it
 * must not undo what happened.
 */
export function emitEvent<T extends string>(plasma: Organic.Plasma, chemical: Organic.Chemical<T>): void {
  const warn = (errors: unknown): void => {
    process.emitWarning(`a reaction to ${chemical.type} failed: ${messageOf(errors)}`)
  }
  try {
    // organic-plasma 2.1 and older returns no promise, and throws what a reaction throws.
    Promise.resolve(plasma.emit({ time: clockOf(plasma).now(), ...chemical }) as unknown).catch(warn)
  } catch (error) {
    warn(error)
  }
}
