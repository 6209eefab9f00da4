import { DnaError, DnaErrors, firstOf, messageOf } from './errors'
import { chemicalTypes, when } from './reaction'

/** What the cell itself stores while it boots. */
const CELL_CHEMICALS = ['CellBuilt', 'CellAssembled', 'CellReady']

/**
 * The organelles that DNA has switched on, and the chemicals by which they wait for one another.
 *
 * An organelle's ready chemical is called like the organelle (`express-sessions`: `ExpressSessions`). That of one which
 * is switched off is not waited for: it is taken out of every `reactOn`.
 */
export class Organelles implements Iterable<[name: string, dna: Organic.Dna]> {
  readonly #organelles = new Map<string, Organic.Dna>()
  readonly #awaited: Set<string>

  /** @throws {DnaError} for DNA that is no organelle's, and for a chemical that none of them emits */
  constructor(plasmaDna: Record<string, unknown>) {
    const off: string[] = []
    for (const [name, dna] of Object.entries(plasmaDna)) {
      if (dna === false) off.push(name)
      else this.#organelles.set(name, asDna(name, dna))
    }
    this.#checkEmitReady()
    this.#awaited = new Set(this.#emitted())
    this.#checkReactOn(off.map(chemicalOf))
    this.#checkOrder()
  }

  [Symbol.iterator](): Iterator<[name: string, dna: Organic.Dna]> {
    return this.#organelles.entries()
  }

  /** Settles when every organelle that says `emitReady` is ready. */
  ready(plasma: Organic.Plasma): Promise<void> {
    const types = this.#emitted()
    for (const type of types) plasma.once(type, () => this.#awaited.delete(type))
    return new Promise((resolve) => {
      when(plasma, types, () => {
        resolve()
      })
    })
  }

  /** The ready chemicals that have not been seen yet. */
  missing(): string[] {
    return [...this.#awaited]
  }

  /** Rejects when an organelle says that it cannot work: `CellFailed { dna, error }`. */
  failed(plasma: Organic.Plasma): Promise<never> {
    const failed = new Promise<never>((_resolve, reject) => {
      plasma.once('CellFailed', ({ dna, error }: Organic.Chemical) => {
        const name = [...this.#organelles].find(([, own]) => own === dna)?.[0]
        reject(this.located(error, name))
      })
    })
    // Whoever awaits it hears of it; until somebody does, it must not end the process.
    failed.catch(() => undefined)
    return failed
  }

  /** The error, with the organelle that it came from: what is no {@link DnaError} becomes one. */
  located(thrown: unknown, name: string | undefined): DnaError {
    const first = firstOf(thrown)
    if (first instanceof DnaErrors) {
      for (const error of first.errors) this.located(error, name)
    }
    const error = first instanceof DnaError ? first : new DnaError('', messageOf(first), { cause: first })
    if (name !== undefined) error.branch ??= ['plasma', name]
    return error
  }

  #emitted(): string[] {
    return [...this.#organelles.values()].flatMap(({ emitReady }) => (typeof emitReady === 'string' ? [emitReady] : []))
  }

  #checkEmitReady(): void {
    const seen = new Set<unknown>()
    for (const [name, { source, emitReady }] of this.#organelles) {
      if (typeof source !== 'string' || source === '') throw this.located(new DnaError('source', 'expected a path or a package'), name)
      if (emitReady === undefined) continue
      if (typeof emitReady !== 'string' || emitReady === '') {
        throw this.located(new DnaError('emitReady', 'expected the chemical to store'), name)
      }
      if (seen.has(emitReady)) throw this.located(new DnaError('emitReady', `another organelle emits "${emitReady}" too`), name)
      seen.add(emitReady)
    }
  }

  #checkReactOn(off: string[]): void {
    const emitted = [...this.#emitted(), ...CELL_CHEMICALS]
    for (const [name, dna] of this.#organelles) {
      const types = chemicalTypes(dna['reactOn'])
      const kept = types.filter((type) => !off.includes(type) || emitted.includes(type))
      const unknown = kept.find((type) => !emitted.includes(type))
      if (unknown !== undefined) {
        throw this.located(new DnaError('reactOn', `no organelle emits "${unknown}" when it is ready`), name)
      }
      if (types.length > 0 && kept.length === 0) {
        throw this.located(new DnaError('reactOn', `${types.join(', ')} is switched off, and there is nothing else to wait for`), name)
      }
      if (types.length > 0) dna['reactOn'] = kept
    }
  }

  /** What is ready comes after what it waits for: a circle would wait for ever. */
  #checkOrder(): void {
    const seen = new Set(['CellBuilt'])
    const waiting = new Map([...this.#organelles].filter(([, { emitReady }]) => emitReady !== undefined))
    const isNext = ([, { reactOn }]: [string, Organic.Dna]): boolean => chemicalTypes(reactOn).every((type) => seen.has(type))
    for (let next = [...waiting].filter(isNext); next.length > 0; next = [...waiting].filter(isNext)) {
      for (const [name, { emitReady }] of next) {
        seen.add(emitReady as string)
        waiting.delete(name)
      }
    }
    for (const [name, { reactOn }] of waiting) {
      const unseen = chemicalTypes(reactOn).find((type) => !seen.has(type))
      throw this.located(new DnaError('reactOn', `"${String(unseen)}" comes only after this organelle is ready`), name)
    }
  }
}

function asDna(name: string, dna: unknown): Organic.Dna {
  if (typeof dna === 'string') return { source: dna }
  if (typeof dna === 'object' && dna !== null && !Array.isArray(dna)) return dna as Organic.Dna
  throw DnaError.at(['plasma', name], 'expected an object with a source, or false to switch it off')
}

function chemicalOf(name: string): string {
  return name.replace(/(?:^|-)([a-z])/g, (_match, letter: string) => letter.toUpperCase())
}
