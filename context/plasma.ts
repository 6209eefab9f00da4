import OrganicPlasma from 'organic-plasma'

interface Listener {
  pattern: unknown
  once?: boolean
}

/** What organic-plasma keeps of its own, as far as {@link Plasma} needs it. */
interface Internals {
  listeners: Listener[]
  utils: { deepEqual(pattern: unknown, chemical: Organic.Chemical): boolean }
  notifySubscribers(chemical: Organic.Chemical): void
}

/**
 * The cell's plasma: organic-plasma, whose `emit` walks through the list of reactions while others change it. There, a
 * `once` or `off` anywhere makes an emission that is under way skip a reaction, now and then. Here every emission has
 * a list of its own.
 */
export class Plasma extends OrganicPlasma {
  override emit(
    chemical: string | Organic.Chemical,
    callback?: (errors: unknown, results?: unknown[]) => void,
  ): Promise<unknown[]> {
    const emitted = typeof chemical === 'string' ? { type: chemical } : chemical
    const internals = this as unknown as Internals
    // First of all, as organic-plasma does: whoever is told may still add a reaction.
    internals.notifySubscribers(emitted)

    const { listeners, utils } = internals
    internals.listeners = listeners.filter(({ once, pattern }) => !(once && utils.deepEqual(pattern, emitted)))
    const own = Object.create(this, { listeners: { value: [...listeners] }, remoteSubscribers: { value: [] } }) as this
    return super.emit.call(own, emitted, callback)
  }
}

/**
 * For routes that need the sessions organelle: says at the boot what every request would fail of.
 *
 * @throws {Error} where DNA has switched it off, or given it another name
 */
export function checkSessions(plasma: object): void {
  if (!('sessions' in plasma)) {
    throw new Error('this cell has no plasma.sessions: dna/plasma/sessions.json must be on, with the name "sessions"')
  }
}
