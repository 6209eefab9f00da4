import { AsyncLocalStorage } from 'node:async_hooks'
import { DnaError, dnaErrorsOf, isDnaError } from './dna/error'
import { firstOf, messageOf } from './thrown'

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
 * Tracks which organelle's code is running while a cell boots, so that errors can name their organelle.
 *
 * The name follows the code through timers and promises. That slows every promise down, so it ends with the boot.
 */
export class BootWatch {
  /** Rejects with the first failure that was reported. */
  readonly failed: Promise<never>
  readonly #running = new AsyncLocalStorage<string>()
  #bootChemicals = new Set<string>()
  /** The reactions that have not ended yet. */
  readonly #pending = new Set<{ organelle: string; type: string }>()
  #reject: (error: Error) => void = () => undefined

  constructor() {
    this.failed = new Promise((_resolve, reject) => {
      this.#reject = reject
    })
    // The boot awaits it. A failure before or after that must not crash the process.
    this.failed.catch(() => undefined)
  }

  /** The organelle whose code is running. */
  get organelle(): string | undefined {
    return this.#running.getStore()
  }

  /** Runs an organelle's code, and everything it starts, under its name. */
  run<T>(organelle: string, work: () => T): T {
    return this.#running.run(organelle, work)
  }

  /** Reports a failure, which stops the boot. */
  fail(thrown: unknown, organelle = this.organelle): void {
    this.#reject(attributeError(thrown, organelle))
  }

  /** @param types chemicals of the boot: a failing reaction to one of these stops it */
  watchChemicals(types: Iterable<string>): void {
    this.#bootChemicals = new Set(types)
  }

  isBootChemical(type: string): boolean {
    return this.#bootChemicals.has(type)
  }

  /** The reactions that have not ended, as in `plasma/x: its reaction to ExpressServer has not ended`. */
  get pending(): string[] {
    return [...this.#pending].map(({ organelle, type }) => `plasma/${organelle}: its reaction to ${type} has not ended`)
  }

  /** Wraps a reaction to a chemical of this type so that its failures carry the organelle's name. */
  watched(listener: Listener, type: string): Listener {
    const { handler, context, organelle } = listener
    if (organelle === undefined) return listener
    const failure = (thrown: unknown): Error => {
      const error = attributeError(thrown, organelle)
      if (this.isBootChemical(type)) this.#reject(error)
      return error
    }
    const call = (...values: unknown[]): unknown => this.run(organelle, () => handler.apply(context, values))
    // organic-plasma passes a callback to reactions with two parameters, and awaits all others.
    const withCallback = (chemical: unknown, callback: (error: unknown, data: unknown) => void): void => {
      const end = this.#begin(organelle, type)
      try {
        call(chemical, (error: unknown, data: unknown) => {
          end()
          callback(error ? failure(error) : error, data)
        })
      } catch (thrown) {
        throw failure(thrown)
      }
    }
    const awaited = async (chemical: unknown): Promise<unknown> => {
      const end = this.#begin(organelle, type)
      try {
        return await call(chemical)
      } catch (thrown) {
        throw failure(thrown)
      } finally {
        end()
      }
    }
    return { ...listener, handler: handler.length === 2 ? (withCallback as Listener['handler']) : awaited }
  }

  #begin(organelle: string, type: string): () => void {
    const reaction = { organelle, type }
    this.#pending.add(reaction)
    return () => this.#pending.delete(reaction)
  }

  /** Stops tracking. */
  end(): void {
    this.#running.disable()
  }
}

/** Turns what was thrown into a {@link DnaError} of the organelle that threw it. Of a list of errors, takes the first. */
export function attributeError(thrown: unknown, organelle: string | undefined): DnaError {
  const first = firstOf(thrown)
  for (const error of dnaErrorsOf(first)) if (error !== first) attributeError(error, organelle)
  const error = isDnaError(first) ? first : new DnaError('', messageOf(first), { cause: first })
  if (organelle !== undefined) error.branch ??= ['plasma', organelle]
  return error
}
