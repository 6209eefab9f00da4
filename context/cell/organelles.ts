import { CELL_CHEMICALS, EVENTS, SHARED_CHEMICALS } from './chemicals'
import { DnaError } from './dna/error'
import { didYouMean } from './dna/wording'
import { patternsOf, typeOf, onceAll } from './reactions'

/**
 * The organelles that DNA has switched on, and the chemicals by which they wait for one another.
 *
 * An organelle's ready chemical has its name (`express-sessions`: `ExpressSessions`). The boot stops if an organelle needs
 * one that is switched off. `needs` lists what an organelle needs; without it, an organelle needs all that it waits for.
 * Chemicals of other organelles that are off are removed from its `reactOn`.
 */
export class Organelles {
  /** Their DNA, by their names. */
  readonly dnaByName = new Map<string, Organic.Dna>()
  readonly #off: string[] = []
  /** The `needs` of each organelle, unchecked. */
  readonly #needs = new Map<string, unknown>()
  readonly #events: string[]
  readonly #awaited: Set<string>

  /**
   * @param events further chemicals that `reactOn` may name
   * @throws {DnaError} for DNA that is not an organelle's, and for a chemical that nothing is known to emit
   */
  constructor(plasmaDna: Record<string, unknown>, events: string[] = []) {
    this.#events = events
    // `needs` is for the cell. It is removed first, so that no organelle's schema sees it, even if this constructor throws.
    for (const [name, dna] of Object.entries(plasmaDna) as [string, { needs?: unknown } | null][]) {
      if (typeof dna !== 'object' || dna === null) continue
      this.#needs.set(name, dna.needs)
      delete dna.needs
    }
    for (const [name, dna] of Object.entries(plasmaDna)) {
      if (dna === false) this.#off.push(name)
      else this.dnaByName.set(name, asDna(name, dna))
    }
    this.#checkEmitReady()
    this.#awaited = new Set(this.#emitted())
    this.#checkNeeds()
    this.#checkReactOn()
    this.#checkOrder()
  }

  /** The chemicals of the boot: the organelles' ready chemicals, what they share, and the cell's own. */
  get bootChemicals(): string[] {
    return [...this.#emitted(), ...CELL_CHEMICALS, ...SHARED_CHEMICALS]
  }

  /** Resolves when every organelle with an `emitReady` is ready. */
  waitUntilReady(plasma: Organic.Plasma): Promise<void> {
    const types = this.#emitted()
    for (const type of types) plasma.once(type, () => this.#awaited.delete(type))
    return new Promise((resolve) => onceAll(plasma, types, () => resolve()))
  }

  /** The ready chemicals that have not been seen yet. */
  findMissing(): string[] {
    return [...this.#awaited]
  }

  /** The organelle that has this DNA. */
  nameOf(dna: unknown): string | undefined {
    return [...this.dnaByName].find(([, own]) => own === dna)?.[0]
  }

  #emitted(): string[] {
    return [...this.dnaByName.values()].flatMap(({ emitReady }) => (typeof emitReady === 'string' ? [emitReady] : []))
  }

  #checkEmitReady(): void {
    const seen = new Set<unknown>()
    for (const [name, { source, emitReady }] of this.dnaByName) {
      if (typeof source !== 'string' || source === '') throw faultOf(name, 'source', 'expected a path or a package')
      if (emitReady === undefined) continue
      if (typeof emitReady !== 'string' || emitReady === '') {
        throw faultOf(name, 'emitReady', 'expected the chemical to store')
      }
      if (seen.has(emitReady)) throw faultOf(name, 'emitReady', `another organelle emits "${emitReady}" too`)
      seen.add(emitReady)
    }
  }

  /** Reports all organelles that need one that is switched off. */
  #checkNeeds(): void {
    const needed = new Map<string, string[]>()
    for (const [name, dna] of this.dnaByName) {
      const needs = this.#needsOf(name, dna)
      for (const off of needs.filter((need) => this.#isMissing(need)))
        needed.set(off, [...(needed.get(off) ?? []), name])
    }
    const [[first] = []] = needed
    if (first === undefined) return
    const needs = [...needed].map(([off, names]) => {
      return `${names.map((own) => `plasma/${own}`).join(', ')} ${names.length > 1 ? 'need' : 'needs'} plasma/${off}, which is switched off`
    })
    throw DnaError.at(['plasma', first], `${needs.join('; ')}: switch it on, or switch off what needs it`)
  }

  /** The organelles that this one needs: its `needs`, or all that it waits for. */
  #needsOf(name: string, { reactOn }: Organic.Dna): string[] {
    const needs = this.#needs.get(name)
    if (needs === undefined) {
      const types = patternsOf(reactOn).map(typeOf)
      return this.#off.filter((off) => types.includes(chemicalOf(off)))
    }
    if (!Array.isArray(needs)) throw faultOf(name, 'needs', 'expected a list of organelles')
    const known = [...this.dnaByName.keys(), ...this.#off]
    for (const need of needs as unknown[]) {
      if (typeof need === 'string' && known.includes(need)) continue
      throw faultOf(name, 'needs', `there is no organelle "${String(need)}"${didYouMean(String(need), known)}`)
    }
    return needs as string[]
  }

  /** Whether an organelle is switched off, and no other one emits its chemical. */
  #isMissing(organelle: string): boolean {
    return this.#off.includes(organelle) && !this.#emitted().includes(chemicalOf(organelle))
  }

  #checkReactOn(): void {
    const off = this.#off.filter((organelle) => this.#isMissing(organelle)).map(chemicalOf)
    const known = [...this.bootChemicals, ...EVENTS, ...this.#events]
    for (const [name, dna] of this.dnaByName) {
      const patterns = patternsOf(dna['reactOn'])
      const kept = patterns.filter((pattern) => !off.includes(typeOf(pattern) ?? ''))
      const unknown = kept.map(typeOf).find((type) => type !== undefined && !known.includes(type))
      if (unknown !== undefined) {
        const events = 'An event of your own goes into "events" in dna/cell.json.'
        const meant = didYouMean(unknown, known) || '.'
        throw faultOf(name, 'reactOn', `no organelle is known to emit "${unknown}"${meant} ${events}`)
      }
      if (patterns.length > 0 && kept.length === 0) {
        const types = patterns.map(typeOf).join(', ')
        throw faultOf(name, 'reactOn', `${types} is switched off, and there is nothing else to wait for`)
      }
      if (kept.length < patterns.length) dna['reactOn'] = kept
    }
  }

  /** Refuses cycles, and waiting for events of a running cell: both would wait forever. */
  #checkOrder(): void {
    const seen = new Set<string | undefined>(['CellBuilt', ...SHARED_CHEMICALS, undefined, ...this.#events])
    const waiting = new Map([...this.dnaByName].filter(([, { emitReady }]) => emitReady !== undefined))
    const unseenBy = ({ reactOn }: Organic.Dna): string | undefined =>
      patternsOf(reactOn)
        .map(typeOf)
        .find((type) => !seen.has(type))
    const isNext = ([, dna]: [string, Organic.Dna]): boolean => unseenBy(dna) === undefined
    for (let next = [...waiting].filter(isNext); next.length > 0; next = [...waiting].filter(isNext)) {
      for (const [name, { emitReady }] of next) {
        seen.add(emitReady as string)
        waiting.delete(name)
      }
    }
    for (const [name, dna] of waiting) {
      throw faultOf(name, 'reactOn', `"${String(unseenBy(dna))}" comes only after this organelle is ready`)
    }
  }
}

/** An error at a key of an organelle's DNA. */
function faultOf(organelle: string, key: string, expected: string): DnaError {
  return DnaError.at(['plasma', organelle, key], expected)
}

function asDna(name: string, dna: unknown): Organic.Dna {
  if (typeof dna === 'string') return { source: dna }
  if (typeof dna === 'object' && dna !== null && !Array.isArray(dna)) return dna as Organic.Dna
  throw DnaError.at(['plasma', name], 'expected an object with a source, or false to switch it off')
}

function chemicalOf(name: string): string {
  return name.replace(/(?:^|-)([a-z])/g, (_match, letter: string) => letter.toUpperCase())
}
