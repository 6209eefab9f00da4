import { join } from 'node:path'
import { dnaErrorsOf, isDnaError } from './error'
import { firstOf, messageOf } from '../thrown'
import { readDnaFiles, type DnaFile } from './files'

/** Where DNA is read from. */
export interface DnaSource {
  /** Absolute path of the `dna` folder. */
  folder: string
  mode?: string | undefined
}

/** Makes an error for operators: one line per fault, with the DNA file if it is known. */
export function explainError(error: unknown, source: DnaSource): Error {
  const first = firstOf(error)
  const errors = isDnaError(first) ? dnaErrorsOf(first) : [first]
  const files = errors.some((each) => isDnaError(each) && each.branch) ? readFilesInUse(source) : []
  const lines = errors.map((each) => {
    const place = isDnaError(each) && each.branch ? placeOf(files, each.branch, each.key) : ''
    return `${place}${messageOf(each)}`.replace(/\s+/g, ' ')
  })
  return new Error(lines.join('\n'), { cause: error })
}

/** The file that sets a key, and the organelle if the file has more than one: what the message of its fault begins with. */
function placeOf(files: DnaFile[], branch: string[], key: string): string {
  const file = findFile(files, branch, key)
  if (!file) return `${join('dna', ...branch)}: `
  const organelle = branch.slice(file.branch.length).join('.')
  return `${file.name}: ${organelle}${organelle === '' ? '' : key === '' ? ': ' : '.'}`
}

/**
 * Finds the file that sets a key of the DNA. If several do, the one that is folded over the others; if none does, the first
 * file of the branch.
 *
 * @param key dotted, relative to the branch
 */
function findFile(files: DnaFile[], branch: string[], key: string): DnaFile | undefined {
  for (const path = [...branch, ...key.split('.').filter(Boolean)]; path.length > branch.length; path.pop()) {
    const file = files.findLast((each) => isWritten(each, path))
    if (file) return file
  }
  const own = files.filter((each) => isWritten(each, branch))
  return own.at(key === '' ? -1 : 0)
}

/** Reads the files in use, in the order of folding. Their branches are without the names of modes. */
export function readFilesInUse({ folder, mode }: DnaSource): DnaFile[] {
  const { files } = readDnaFiles(folder)
  const base = files.filter(({ branch }) => !branch[0]?.startsWith('_'))
  const modes = (mode ?? '').split('+').map((name) => files.filter(({ branch }) => branch[0] === name))
  return [...base, ...modes.flat().map((file) => ({ ...file, branch: file.branch.slice(1) }))]
}

function isWritten({ branch, content }: DnaFile, path: string[]): boolean {
  const isOnTheWay = branch.every((name, index) => index >= path.length || name === path[index])
  return isOnTheWay && (branch.length >= path.length || hasKey(content, path.slice(branch.length).join('.')))
}

/** Keys may contain dots. */
function hasKey(value: unknown, dotted: string): boolean {
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(([written, inner]) => {
    const key = written.replace(/^~/, '')
    if (written === dotted || key === dotted) return true
    return dotted.startsWith(`${key}.`) && hasKey(inner, dotted.slice(key.length + 1))
  })
}
