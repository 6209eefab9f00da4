import { existsSync } from 'node:fs'
import { join } from 'node:path'
import loadDNA from 'organic-dna-loader'
import { DnaError, throwDnaErrors } from './error'
import { checkShared, findMisnamedOrganelles, findUnreadFiles, isObject } from './branches'
import type { DnaSource } from './explain'
import { checkDnaFiles, removeSchemaKeys, withLoadableFolder } from './files'
import { foldModes, foldOver } from './modes'
import { checkReferences, findReferences } from './references'
import { Variables, type UsedVariable } from './variables'

export { explainError } from './explain'

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
  /** Dotted names of the branches in use, whose variables must be set. @default ['plasma'] */
  needed?: string[] | undefined
}

/**
 * Loads DNA with organic-dna-loader, and finds all faults that can be found without its organelles: files that nothing
 * reads, unknown modes, unset variables (which the loader would turn into "undefined"), and references that lead nowhere
 * (for which it would print the whole DNA, secrets included).
 *
 * @returns the DNA and its faults, and the variables that it uses. If there are faults, use the DNA only to find more
 * @throws {DnaError} if a file cannot be parsed, or there are no organelles
 */
export async function readDna({
  folder,
  mode,
  changes,
  needed = ['plasma'],
}: DnaOptions): Promise<{ dna: CellDna; errors: DnaError[]; variables: UsedVariable[] }> {
  if (!existsSync(folder)) throw new DnaError('', `no DNA at ${folder}: start the cell in the folder that holds dna/`)

  const files = checkDnaFiles(folder)
  const references = files.flatMap(({ content }) => findReferences(content)).concat(findReferences(changes))
  const errors = findUnreadFiles(files, references)
  const variables = new Variables()
  const dna = (await withLoadableFolder(folder, files, (loadable) =>
    loadDNA({
      dnaSourcePaths: [loadable],
      // Without a mode the loader would take CELL_MODE from the environment; this names none.
      dnaMode: '+',
      beforeResolve: (loaded) => {
        removeSchemaKeys(loaded, files)
        errors.push(...foldModes(loaded, mode))
        if (changes) errors.push(...foldOver(loaded, changes))
        if (!isObject(loaded['plasma'])) {
          throwDnaErrors([...errors, new DnaError('', `no organelles: expected files in ${join(folder, 'plasma')}`)])
        }
        errors.push(...checkReferences(loaded), ...variables.hide(loaded))
      },
    }),
  )) as CellDna
  errors.push(...variables.fill(dna, needed), ...checkShared(dna, references), ...findMisnamedOrganelles(dna.plasma))
  return { dna, errors, variables: variables.used }
}
