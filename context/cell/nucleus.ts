import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { Nucleus as OrganicNucleus } from 'organic'
import type { ZodType } from 'zod'
import { checkDna } from './dna/check'
import { DnaError, blameKey, isDnaError } from './dna/error'
import { loadWithPackages } from './optional-packages'
import { messageOf } from './thrown'

/** The codes of Node's errors for a missing file, and for a path that a package does not export. */
const NOT_FOUND = ['MODULE_NOT_FOUND', 'ERR_PACKAGE_PATH_NOT_EXPORTED']

/**
 * Builds organelles from their DNA. Their `source` may be a package, as upstream READMEs write it
 * (`organic-express-server`, `node_modules/organic-express-server`), or a path with or without `./` and extension.
 */
export class Nucleus extends OrganicNucleus {
  readonly #plasma: Organic.Plasma
  readonly #require: NodeJS.Require

  /** @param root absolute path of the folder that sources are relative to */
  constructor(plasma: Organic.Plasma, dna: object, root: string) {
    super(plasma, dna)
    this.#plasma = plasma
    this.#require = createRequire(resolve(root, 'package.json'))
  }

  /**
   * Builds one organelle.
   *
   * @param dna its DNA, passed on unchanged
   * @param callback gets an error, or what was built
   */
  override build(dna: Organic.Dna, callback: (error?: unknown, organelle?: unknown) => void): void {
    let organelle: unknown
    try {
      organelle = this.#construct(this.#load(dna['source']), dna)
    } catch (error) {
      callback(error ?? new Error('threw nothing'))
      return
    }
    callback(null, organelle)
  }

  /**
   * Checks an organelle's DNA against its `dnaSchema`, if it has one, without building it.
   *
   * @throws {DnaError} with every fault, or because the organelle does not load
   */
  check(dna: Organic.Dna): void {
    const dnaSchema = this.schemaOf(dna)
    if (!dnaSchema) return
    try {
      checkDna(dnaSchema, dna)
    } catch (thrown) {
      if (isDnaError(thrown)) throw thrown
      throw new DnaError('source', `its dnaSchema cannot be used: ${messageOf(thrown)}`, { cause: thrown })
    }
  }

  /**
   * Loads the organelle that has this DNA, without building it.
   *
   * @returns its `dnaSchema`, if it has one
   * @throws {DnaError} because it does not load
   */
  schemaOf(dna: Organic.Dna): ZodType | undefined {
    return this.#load(dna['source']).dnaSchema
  }

  #construct(organelle: Organic.Organelle, dna: Organic.Dna): unknown {
    // Organelles are built with `new`, as node-organic does; an arrow function has no prototype and can only be called.
    const isConstructor = Boolean(organelle.prototype)
    return isConstructor ? Reflect.construct(organelle, [this.#plasma, dna]) : organelle(this.#plasma, dna)
  }

  #load(source: unknown): Organic.Organelle {
    if (typeof source !== 'string' || source === '') throw new DnaError('source', 'expected a path or a package')
    const file = this.#resolve(source)
    const load = (): unknown => loadWithPackages(() => this.#require(file) as unknown)
    const exported = blameKey('source', load, `${source} does not load: `)
    if (typeof exported !== 'function' || exported.constructor.name === 'AsyncFunction') {
      const instead = 'write export = function (plasma, dna) { … }'
      throw new DnaError('source', `${source} does not export an organelle: ${instead}`)
    }
    return exported as Organic.Organelle
  }

  #resolve(source: string): string {
    const name = source.replace(/^(\.\/)?node_modules\//, '')
    const candidates = name === source ? [`./${source}`, source] : [name]
    for (const candidate of candidates) {
      try {
        return this.#require.resolve(source.startsWith('/') ? source : candidate)
      } catch (error) {
        if (!NOT_FOUND.includes((error as NodeJS.ErrnoException).code ?? '')) throw error
      }
    }
    throw new DnaError('source', `there is neither a file nor a package ${source}`)
  }
}
