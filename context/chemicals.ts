import { now } from './clock'
import { messageOf } from './errors'

/**
 * Emits what has happened, with the time. A reaction that fails is its organelle's trouble: it must not undo what
 * happened, nor keep anybody waiting.
 */
export function tell(plasma: Pick<Organic.Plasma, 'emit'>, chemical: Organic.Chemical): void {
  plasma.emit({ time: now(), ...chemical }).catch((errors: unknown) => {
    process.emitWarning(`a reaction to ${chemical.type} failed: ${messageOf(errors)}`)
  })
}
