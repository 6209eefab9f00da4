import { join } from 'node:path'
import { attributeError } from '../cell/boot-watch'
import { Clock } from '../cell/clock'
import { readDna, type CellDna } from '../cell/dna'
import { useCompiledPaths } from '../cell/dna/compiled-paths'
import { throwDnaErrors, type DnaError } from '../cell/dna/error'
import { copyDna } from '../cell/dna/variables'
import type { DnaSource } from '../cell/dna/explain'
import { EventBus } from '../cell/event-bus'
import { Nucleus } from '../cell/nucleus'
import { CODE_ROOT } from '../cell/own-package'

/** The organelles that may keep something outside the database, and the key of their DNA that says where. */
const BACKEND_KEYS = { 'express-sessions': 'store', throttle: 'counts' } as const

type Keeper = keyof typeof BACKEND_KEYS

/** Names the organelle that opens what another one keeps things in: `plasma/redis` opens `redis`, `plasma/database` opens `sql`. */
function findBackendName(plasma: CellDna['plasma'], keeper: Keeper): string {
  const { [BACKEND_KEYS[keeper]]: backend } = Object(plasma[keeper]) as Record<string, unknown>
  return typeof backend === 'string' && backend !== 'sql' ? backend : 'database'
}

/** Where the DNA of the cell in `root` is. */
export function dnaSourceOf(root: string): DnaSource {
  return { folder: join(root, 'dna'), mode: process.env['CELL_MODE'] }
}

/** Builds organelles of a cell for a command, on a plasma of their own, by the cell's DNA. */
export class CommandOrganelles {
  readonly plasma: Organic.Plasma
  readonly nucleus: Nucleus
  /** Rejects when an organelle fails. */
  readonly failed: Promise<never>
  readonly #dna: CellDna
  readonly #names = new Map<unknown, string>()

  private constructor(plasma: Organic.Plasma, dna: CellDna, root: string) {
    this.plasma = plasma
    this.nucleus = new Nucleus(plasma, dna, root)
    this.#dna = dna
    this.failed = new Promise<never>((_resolve, reject) =>
      plasma.once('CellFailed', ({ dna: failing, error }) =>
        reject(attributeError(error, this.#names.get(failing) ?? 'express-sessions')),
      ),
    )
    // Whoever waits for organelles awaits it.
    this.failed.catch(() => undefined)
  }

  /**
   * Reads the DNA of the cell in `root`. The cell's secret need not be set.
   *
   * @param branches paths below `plasma` whose variables the command needs. What opens the session store or the counts is needed
   *   with them
   * @param changes folded over the DNA last
   */
  static async read(root: string, branches: string[], changes?: object): Promise<CommandOrganelles> {
    const read = (names: string[]): ReturnType<typeof readDna> =>
      readDna({ ...dnaSourceOf(root), needed: names.map((name) => `plasma.${name}`), changes })
    const keepers = (Object.keys(BACKEND_KEYS) as Keeper[]).filter((name) => branches.includes(name))
    // Variables may name the backends.
    const { plasma: known } = (await read(branches)).dna
    const { dna, errors } = await read([...branches, ...keepers.map((name) => findBackendName(known, name))])
    errors.push(...useCompiledPaths(dna, root, CODE_ROOT))
    throwDnaErrors(errors.filter((error) => !isAboutSecret(error)))
    const plasma: Organic.Plasma = new EventBus()
    await plasma.store({ type: 'CellRoot', data: root })
    await plasma.store({ type: 'Clock', data: new Clock() })
    return new CommandOrganelles(plasma, dna, root)
  }

  /** An organelle's DNA, without `needs`, which is for the cell that boots. Nothing for an organelle that is off. */
  dnaOf(name: string): Organic.Dna | undefined {
    const dna: unknown = this.#dna.plasma[name]
    if (typeof dna !== 'object' || dna === null) return undefined
    const copy = copyDna(dna)
    delete copy['needs']
    return copy
  }

  /** Whether an organelle is on, and this project's own, wherever the code is. */
  isOwn(name: string): boolean {
    return new RegExp(`(^|/)plasma/${name}(/index)?(\\.[jt]s)?$`).test(String(this.dnaOf(name)?.['source']))
  }

  /**
   * Finds the organelle that opens what sessions or counts of attempts are kept in.
   *
   * @returns nothing if that is the database, or if the keeper is off or not this project's own
   * @throws {Error} if DNA has no such organelle
   */
  findBackend(keeper: Keeper): { name: string; dna: Organic.Dna } | undefined {
    const name = findBackendName(this.#dna.plasma, keeper)
    if (!this.isOwn(keeper) || name === 'database') return undefined
    const dna = this.dnaOf(name)
    if (!dna)
      throw new Error(`dna/plasma/${name}: is off, but ${BACKEND_KEYS[keeper]} in dna/plasma/${keeper} needs it`)
    return { name, dna }
  }

  /** Checks the DNA of an organelle that is built later. */
  check(name: string, dna: Organic.Dna): void {
    try {
      this.nucleus.check(dna)
    } catch (error) {
      throw attributeError(error, name)
    }
  }

  build(name: string, dna: Organic.Dna): void {
    this.#names.set(dna, name)
    this.nucleus.build(dna, (error) => {
      if (error) throw attributeError(error, name)
    })
  }

  /** Waits for a chemical that an organelle stores. */
  ready<Type extends keyof Organic.Chemicals>(type: Type): Promise<Organic.Chemical<Type>> {
    return Promise.race([
      this.failed,
      new Promise<Organic.Chemical<Type>>((resolve) => this.plasma.once(type, resolve)),
    ])
  }

  /** Ends what the organelles have opened. */
  async close(): Promise<void> {
    await this.plasma.emit('killed')
  }
}

function isAboutSecret({ branch, key }: DnaError): boolean {
  return String(branch) === 'plasma,express-sessions' && key.split('.')[0] === 'secret'
}
