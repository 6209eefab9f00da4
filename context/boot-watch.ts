import { AsyncLocalStorage } from 'node:async_hooks'
import { DnaError, DnaErrors, firstOf, messageOf } from './errors'

/** A reaction, as organic-plasma keeps it. */
export interface Listener {
  pattern: unknown
  handler: (...values: unknown[]) => unknown
  context?: unknown
  once?: boolean
  /** The organelle that registered it while the cell booted. */
  organelle?: string | undefined
}

/**
 * Knows, while a cell boots, which organelle's code is running, so that whatever fails can be told with its name.
 *
 * The name follows an organelle's code through timers and promises. It costs something on each promise, so it ends with the boot.
 */
export class BootWatch {
  /** Rejects with the first failure that was told. */
  readonly failed: Promise<never>
  readonly #running = new AsyncLocalStorage<string>()
  #bootChemicals = new Set<string>()
  #reject: (error: Error) => void = () => undefined

  constructor() {
    this.failed = new Promise((_resolve, reject) => {
      this.#reject = reject
    })
    // The boot awaits it; a failure before or after that must not end the process.
    this.failed.catch(() => undefined)
  }

  /** The organelle whose code is running. */
  get organelle(): string | undefined {
    return this.#running.getStore()
  }

  /** Runs an organelle's code, and all that it starts, under its name. */
  run<T>(organelle: string, work: () => T): T {
    return this.#running.run(organelle, work)
  }

  /** Tells that something failed. Stops the boot. */
  fail(thrown: unknown, organelle = this.organelle): void {
    this.#reject(locate(thrown, organelle))
  }

  /** @param types a reaction to one of these that fails stops the boot */
  watchChemicals(types: Iterable<string>): void {
    this.#bootChemicals = new Set(types)
  }

  isBootChemical(type: string): boolean {
    return this.#bootChemicals.has(type)
  }

  /** The same reaction to a chemical of this type; its failures carry the organelle's name. */
  watched(listener: Listener, type: string): Listener {
    const { handler, context, organelle } = listener
    if (organelle === undefined) return listener
    const failure = (thrown: unknown): Error => {
      const error = locate(thrown, organelle)
      if (this.isBootChemical(type)) this.#reject(error)
      return error
    }
    const call = (...values: unknown[]): unknown => this.run(organelle, () => handler.apply(context, values))
    // organic-plasma gives a callback to a reaction with two parameters, and awaits others.
    const withCallback = (chemical: unknown, callback: (error: unknown, data: unknown) => void): void => {
      try {
        call(chemical, (error: unknown, data: unknown) => {
          callback(error ? failure(error) : error, data)
        })
      } catch (thrown) {
        throw failure(thrown)
      }
    }
    const awaited = async (chemical: unknown): Promise<unknown> => {
      try {
        return await call(chemical)
      } catch (thrown) {
        throw failure(thrown)
      }
    }
    return { ...listener, handler: handler.length === 2 ? (withCallback as Listener['handler']) : awaited }
  }

  /** The boot is over: no more names. */
  end(): void {
    this.#running.disable()
  }
}

/** The error as a {@link DnaError} of the organelle that it came from. A list of errors counts as its first. */
export function locate(thrown: unknown, organelle: string | undefined): DnaError {
  const first = firstOf(thrown)
  if (first instanceof DnaErrors) {
    for (const error of first.errors) locate(error, organelle)
  }
  const error = first instanceof DnaError ? first : new DnaError('', messageOf(first), { cause: first })
  if (organelle !== undefined) error.branch ??= ['plasma', organelle]
  return error
}
