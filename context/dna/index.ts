import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import { DNA } from 'organic'
import fold from 'organic-dna-fold'
import loadDNA from 'organic-dna-loader'
import { DnaError, firstOf, messageOf } from '../errors'
import { checkReferences } from './references'
import { fillVariables, hideVariables } from './variables'

/** What a cell is configured with: every branch of `dna/`, its mode folded in and its references resolved. */
export interface CellDna {
  /** One organelle a key; `false` switches it off. */
  plasma: Record<string, Organic.Dna | string | false>
  [branch: string]: unknown
}

/** Where DNA comes from. */
export interface DnaOptions {
  /** Absolute path of the `dna` folder. */
  folder: string
  /** `_test`, `_production+_trusting`, …; none when empty or absent. */
  mode?: string | undefined
  /** Folded over the rest last, for a cell that is started by a test or by another program. */
  changes?: object | undefined
  /** The branches that are used, dotted: only their variables must be set. All of `plasma` unless told. */
  needed?: string[] | undefined
}

/**
 * Loads DNA with organic-dna-loader, and refuses what the loader lets pass or trips over: no folder, an unknown mode,
 * an unset variable (it would become the text "undefined"), a reference that leads nowhere (it would print the whole
 * DNA, secrets included).
 *
 * @throws {DnaError} or the loader's own error for a file that cannot be parsed, which names the file
 */
export async function loadDna({ folder, mode, changes, needed = ['plasma'] }: DnaOptions): Promise<CellDna> {
  if (!existsSync(folder)) throw new DnaError('', `no DNA at ${folder}: start the cell in the folder that holds dna/`)

  const dna = (await loadDNA({
    // The loader takes the path for a pattern: the shorter, the fewer characters can be one.
    dnaSourcePaths: [relative(process.cwd(), folder) || '.'],
    // Without one the loader would take CELL_MODE from the environment; this names none.
    dnaMode: mode || '+',
    beforeResolve(loaded: DNA) {
      const modes = Object.keys(loaded).filter((branch) => branch.startsWith('_'))
      checkModes(mode, modes)
      if (changes) fold(loaded, changes)
      for (const unused of modes) Reflect.deleteProperty(loaded, unused)
      checkReferences(loaded)
      hideVariables(loaded)
    },
  }).catch((error: unknown) => {
    // A parser quotes what it could not parse, which may be a secret.
    if (error instanceof Error) error.message = error.message.replace(/, (\.{3})?"[^]*"(\.{3})? is not valid JSON/, '')
    throw error
  })) as CellDna

  const { plasma } = dna as { plasma: unknown }
  if (typeof plasma !== 'object' || plasma === null || Array.isArray(plasma)) {
    throw new DnaError('', `no organelles: expected files in ${join(folder, 'plasma')}`)
  }
  fillVariables(dna, needed)
  return dna
}

/** An error as one line that says where in the DNA to look, where that is known. */
export function explain(error: unknown, source: DnaOptions): Error {
  const first = firstOf(error)
  const files = first instanceof DnaError && first.branch ? `${dnaFiles(source, first.branch)}: ` : ''
  return new Error(`${files}${messageOf(first)}`.replace(/\s+/g, ' '), { cause: error })
}

/**
 * The files that a branch of DNA is written in, for messages: `dna/plasma/sessions.json`, and those of the modes in
 * use that change it.
 */
export function dnaFiles({ folder, mode }: DnaOptions, branch: string[]): string {
  const roots = [folder, ...modeNames(mode).map((name) => join(folder, name))]
  const found = roots.flatMap((root) => {
    for (let depth = branch.length; depth > 0; depth -= 1) {
      for (const extension of ['json', 'yaml', 'yml']) {
        const file = `${join(root, ...branch.slice(0, depth))}.${extension}`
        if (existsSync(file)) return [relative(process.cwd(), file)]
      }
    }
    return []
  })
  return found.length > 0 ? found.join(' + ') : join('dna', ...branch)
}

function modeNames(mode: string | undefined): string[] {
  return mode ? mode.split('+') : []
}

function checkModes(mode: string | undefined, known: string[]): void {
  for (const name of modeNames(mode)) {
    if (!known.includes(name)) {
      throw new DnaError('', `CELL_MODE: unknown mode "${name}", expected one of ${known.sort().join(', ')}`)
    }
  }
}
