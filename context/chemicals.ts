import { now } from './clock'
import { messageOf } from './errors'

/** What the cell itself stores while it boots. */
export const CELL_CHEMICALS = ['CellBuilt', 'CellAssembled', 'CellReady']

/** What a cell emits once it runs, and when it ends. Anybody may react to them; nobody is kept waiting for them at the boot. */
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
 * Emits what has happened, with the time. A reaction that fails is its organelle's trouble: it must not undo what
 * happened, nor keep anybody waiting.
 */
export function tell(plasma: Pick<Organic.Plasma, 'emit'>, chemical: Organic.Chemical): void {
  const warn = (errors: unknown): void => {
    process.emitWarning(`a reaction to ${chemical.type} failed: ${messageOf(errors)}`)
  }
  try {
    // organic-plasma up to 2.1 returns no promise, and throws what a reaction throws.
    Promise.resolve(plasma.emit({ time: now(), ...chemical }) as unknown).catch(warn)
  } catch (error) {
    warn(error)
  }
}
