import OrganicPlasma from 'organic-plasma'
import type { BootWatch, Listener } from './boot-watch'
import { markReported, type FailureLog } from './failure-log'
import { typeOf } from './reactions'

type Pattern = string | readonly string[] | object
type Reaction = (...values: unknown[]) => unknown
type On = (pattern: Pattern, reaction: Reaction, context?: unknown, isOnce?: boolean) => void

/** What organic-plasma keeps of its own, as far as {@link EventBus} needs it. */
interface Internals {
  listeners: Listener[]
  utils: { deepEqual(pattern: unknown, chemical: Organic.Chemical): boolean }
  notifySubscribers(chemical: Organic.Chemical): void
}

/**
 * The cell's plasma: organic-plasma with a safe `emit`. The original iterates over the live list of reactions, so a `once`
 * or `off` anywhere can make an emission under way skip a reaction. Here every emission iterates over its own list.
 */
export class EventBus extends OrganicPlasma {
  /** Set while the cell boots: reactions remember which organelle registered them. */
  watch: BootWatch | undefined
  /** Set while the cell runs: reports reactions that fail, so that whoever emits need not look at the promise. */
  failures: FailureLog | undefined

  override on = ((pattern, reaction, context, isOnce) => {
    const on = super.on.bind(this) as On
    if (Array.isArray(pattern)) {
      on(pattern, this.watchedPromise(pattern as (string | object)[], reaction, context), undefined, isOnce)
      return
    }
    on(pattern, reaction, context, isOnce)
    // Types in a list come through here one by one. A stored chemical has already used up a `once`.
    const last = (this as unknown as Internals).listeners.at(-1)
    if (this.watch && last?.handler === reaction) last.organelle ??= this.watch.organelle
  }) as On as Organic.Plasma['on']

  /** For a list, organic-plasma drops the promise that a reaction returns, so its failure is reported here. */
  private watchedPromise(patterns: (string | object)[], reaction: Reaction, context: unknown): Reaction {
    const organelle = this.watch?.organelle
    const types = patterns.map(typeOf).join(', ')
    return (...chemicals) => {
      Promise.resolve(reaction.apply(context, chemicals)).catch((thrown: unknown) => {
        if (this.watch) this.watch.fail(thrown, organelle)
        else if (this.failures) this.failures.report(thrown, organelle, types)
        else throw thrown
      })
    }
  }

  override emit(
    chemical: string | Organic.Chemical,
    callback?: (errors: unknown, results?: unknown[]) => void,
  ): Promise<unknown[]> {
    const emitted = typeof chemical === 'string' ? { type: chemical } : chemical
    const internals = this as unknown as Internals
    // First of all, as organic-plasma does: a subscriber may still add a reaction.
    internals.notifySubscribers(emitted)

    const { watch, failures } = this
    const watcher = watch ?? failures
    const { listeners, utils } = internals
    internals.listeners = listeners.filter(({ once, pattern }) => !(once && utils.deepEqual(pattern, emitted)))
    const reactions = listeners.map((listener) => watcher?.watched(listener, emitted.type) ?? listener)
    const own = Object.create(this, { listeners: { value: reactions }, remoteSubscribers: { value: [] } }) as this
    const done = super.emit.call(own, emitted, callback)
    // The boot knows of the failure. Published organelles emit without looking at the promise.
    if (watch?.isBootChemical(emitted.type)) done.catch(() => undefined)
    else if (!watch && failures) done.catch(markReported)
    return done
  }
}
