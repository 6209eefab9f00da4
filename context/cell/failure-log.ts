import { inspect } from 'node:util'
import type { Listener } from './boot-watch'
import { LineLimit } from './line-limit'
import { firstOf, messageOf } from './thrown'

/** Warnings per kind of failure and window, so that requests cannot fill the disk. */
const MAX_WARNINGS = 60
/** Milliseconds. */
const WINDOW = 60_000
/** On the list of errors that a plasma rejects with: each has been reported. Works across copies of this code. */
const REPORTED = Symbol.for('organic-sessions-cell.reported')

/** Warns of what fails in the organelles of a running cell, with the organelle's name and the stack. */
export class FailureLog {
  readonly #limit = new LineLimit<string>(MAX_WARNINGS, WINDOW, (what = 'others', count) =>
    process.emitWarning(`${what} ${count} more times`),
  )

  /** @param type of the chemical that the organelle reacted to. Without it, the organelle itself has failed */
  report(thrown: unknown, organelle: string | undefined, type?: string): void {
    const what = `${describeFailing(organelle, type)} failed`
    if (!this.#limit.admit(what, what)) return
    process.emitWarning(`${what}: ${messageOf(thrown)}`, { detail: inspect(firstOf(thrown)) })
  }

  /** Wraps a reaction to a chemical of this type so that its failure is reported. Whoever emits gets it all the same. */
  watched({ handler, context, ...listener }: Listener, type: string): Listener {
    const fail = (thrown: unknown): never => {
      this.report(thrown, listener.organelle, type)
      throw thrown
    }
    // organic-plasma passes a callback to reactions with two parameters, and awaits all others.
    const withCallback = (chemical: unknown, callback: (error: unknown, data: unknown) => void): unknown => {
      try {
        return handler.call(context, chemical, (error: unknown, data: unknown) => {
          if (error) this.report(error, listener.organelle, type)
          callback(error, data)
        })
      } catch (thrown) {
        return fail(thrown)
      }
    }
    // What a reaction returns need not be a promise of this realm: the queries of some databases can be awaited, too.
    const awaited = async (chemical: unknown): Promise<unknown> => {
      try {
        return await handler.call(context, chemical)
      } catch (thrown) {
        return fail(thrown)
      }
    }
    return { ...listener, handler: handler.length === 2 ? (withCallback as Listener['handler']) : awaited }
  }

  /** Writes what was left out. */
  end(): void {
    this.#limit.end()
  }
}

function describeFailing(organelle: string | undefined, type: string | undefined): string {
  if (type === undefined) return organelle === undefined ? 'an organelle' : `plasma/${organelle}`
  return organelle === undefined ? `a reaction to ${type}` : `plasma/${organelle}: its reaction to ${type}`
}

/**
 * Lets a cell that has booted go on when something in an organelle fails, and warn of it.
 *
 * @param nameOf finds the organelle that has this DNA
 */
export function logFailures(
  plasma: Organic.Plasma & { failures: FailureLog | undefined },
  nameOf: (dna: unknown) => string | undefined,
): void {
  const failures = new FailureLog()
  plasma.failures = failures
  plasma.on('CellFailed', ({ dna, error }) => failures.report(error, nameOf(dna)))
  plasma.on('killed', () => failures.end())
}

/** Marks the errors of an emission as reported. */
export function markReported(errors: unknown): void {
  if (Array.isArray(errors)) Object.assign(errors, { [REPORTED]: true })
}

/** Warns that reactions to a chemical have failed, unless the cell's {@link FailureLog} has already done so. */
export function warnOfReactions(type: string, errors: unknown): void {
  const { [REPORTED]: isReported } = Object(errors) as { [REPORTED]?: true }
  if (!isReported) process.emitWarning(`a reaction to ${type} failed: ${messageOf(errors)}`)
}
