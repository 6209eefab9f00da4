import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { DNA } from 'organic'
import loadDNA from 'organic-dna-loader'
import { DnaError, didYouMean, throwDnaErrors } from '../errors'
import { checkShared, findMisnamedOrganelles, findUnreadFiles } from './branches'
import type { DnaSource } from './explain'
import { readDnaFiles, type DnaFile } from './files'
import { foldOver } from './modes'
import { checkReferences, findReferences } from './references'
import { Variables } from './variables'

export { explain } from './explain'

/** What a cell is configured with: every branch of `dna/`, its mode folded in and its references resolved. */
export interface CellDna {
  /** One organelle a key; `false` switches it off. */
  plasma: Record<string, Organic.Dna | string | false>
  [branch: string]: unknown
}

/** Where DNA comes from. Modes are `_test`, `_production+_trusting`, …; none when empty or absent. */
export interface DnaOptions extends DnaSource {
  /** Folded over the rest last, for a cell that is started by a test or by another program. */
  changes?: object | undefined
  /** The branches that are used, dotted: only their variables must be set. All of `plasma` unless told. */
  needed?: string[] | undefined
}

/**
 * Loads DNA.
 *
 * @throws {DnaError} for all that {@link readDna} finds
 */
export async function loadDna(options: DnaOptions): Promise<CellDna> {
  const { dna, errors } = await readDna(options)
  throwDnaErrors(errors)
  return dna
}

/**
 * Reads DNA, lets organic-dna-loader resolve its references, and finds all that is wrong with it as far as that can be
 * said without its organelles: files that nothing reads, unknown modes, variables that are not set (the loader would
 * make the string "undefined" of one), references that lead nowhere (it would print the whole DNA, secrets included).
 *
 * @returns the DNA, and what is wrong: with errors, it is only good for finding more of them
 * @throws {DnaError} where a file cannot be parsed, or there are no organelles
 */
export async function readDna({ folder, mode, changes, needed = ['plasma'] }: DnaOptions): Promise<{ dna: CellDna; errors: DnaError[] }> {
  if (!existsSync(folder)) throw new DnaError('', `no DNA at ${folder}: start the cell in the folder that holds dna/`)

  const { files, errors } = readDnaFiles(folder)
  throwDnaErrors(errors)
  const tree: Record<string, unknown> = {}
  for (const file of files) errors.push(...put(file, tree))
  const references = files.flatMap(({ content }) => findReferences(content)).concat(findReferences(changes))
  errors.push(...findUnreadFiles(files, references))

  const modes = Object.keys(tree).filter((branch) => branch.startsWith('_'))
  for (const name of mode ? mode.split('+') : []) {
    if (modes.includes(name)) errors.push(...foldOver(tree, Object(tree[name]) as object))
    else errors.push(new DnaError('', `CELL_MODE: unknown mode "${name}"${didYouMean(name, modes) || `, expected one of ${modes.sort().join(', ')}`}`))
  }
  for (const name of modes) Reflect.deleteProperty(tree, name)
  if (changes) errors.push(...foldOver(tree, changes))
  if (!isObject(tree['plasma'])) {
    throwDnaErrors([...errors, new DnaError('', `no organelles: expected files in ${join(folder, 'plasma')}`)])
  }

  const variables = new Variables()
  errors.push(...checkReferences(tree), ...variables.hide(tree))
  const dna = (await loadDNA({
    // The files are read already.
    dnaSourcePaths: [],
    beforeResolve: (loaded: DNA) => {
      Object.assign(loaded, tree)
    },
  })) as CellDna
  errors.push(...variables.fill(dna, needed), ...checkShared(dna, references), ...findMisnamedOrganelles(dna.plasma))
  return { dna, errors }
}

/** Puts a file's content in its place. @returns an error where another file has put something there */
function put({ name, branch, content }: DnaFile, tree: Record<string, unknown>): DnaError[] {
  const taken = [new DnaError('', `${name}: ${branch.join('.')} is in another file too, keep one of them`)]
  let holder = tree
  for (const key of branch.slice(0, -1)) {
    if (!Object.hasOwn(holder, key)) holder[key] = {}
    const inner = holder[key]
    if (!isObject(inner)) return taken
    holder = inner
  }
  const key = branch.at(-1) ?? ''
  if (Object.hasOwn(holder, key)) return taken
  holder[key] = content
  return []
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
