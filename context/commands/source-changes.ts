import { parse as parseYaml } from 'yaml'
import { isObject } from '../cell/dna/branches'
import { DnaSecrets } from './dna-secrets'
import { formatValue } from './dna-table'
import type { SourceFiles } from './source-files'

/** Whether a file is DNA, by its path in the cell's root. */
export function isDna(name: string): boolean {
  return name.startsWith('dna/')
}

/** The names of the files that differ. */
export function findChanged(before: SourceFiles, after: SourceFiles): string[] {
  const names = new Set([...before.keys(), ...after.keys()])
  return [...names].filter((name) => before.get(name) !== after.get(name)).sort()
}

/**
 * Says what has changed, a line for each file of code and each key of DNA: `dna/data.json: folder: data → elsewhere`.
 * Secrets are masked.
 */
export function describeChanges(before: SourceFiles, after: SourceFiles): string[] {
  return findChanged(before, after).flatMap((name) => {
    const [old, current] = [before.get(name), after.get(name)]
    if (old === undefined) return [`${name}: added`]
    if (current === undefined) return [`${name}: deleted`]
    const keys = isDna(name) ? describeKeys(branchIn(name), parse(name, old), parse(name, current)) : []
    return keys.length > 0 ? keys.map((line) => `${name}: ${line}`) : [`${name}: changed`]
  })
}

/** A line for each key that differs; none if there is no object to compare. */
function describeKeys(branch: string[], old: unknown, current: unknown): string[] {
  if (!isObject(old) || !isObject(current)) return []
  // What was secret on either side is secret on both. The file's name, too, may say that all in it is.
  const [oldBranch, currentBranch] = [old, current].map((content) =>
    branch.reduceRight<object>((inner, key) => ({ [key]: inner }), content),
  )
  const secrets = new DnaSecrets({ oldBranch, currentBranch }, new Map(), () => false)
  const [before, after] = [leavesOf(old), leavesOf(current)]
  const paths = new Map([...before, ...after].map(([id, { path }]) => [id, path]))
  return [...paths].flatMap(([id, path]) => {
    const [from, to] = [before.get(id)?.value, after.get(id)?.value]
    if (JSON.stringify(from) === JSON.stringify(to)) return []
    const shown = [from, to].map((value) =>
      value === undefined ? 'nothing' : formatValue(secrets.mask(value, [...branch, ...path])),
    )
    return [`${path.map(formatValue).join('.')}: ${shown.join(' → ')}`]
  })
}

/** The branch that a file holds, by its path in the cell's root. */
function branchIn(name: string): string[] {
  return name
    .replace(/\.\w+$/, '')
    .split(/[/.]/)
    .slice(1)
}

/** Every value that is no object, by its place. Lists are values. */
function leavesOf(value: unknown, path: string[] = []): Map<string, { path: string[]; value: unknown }> {
  if (!isObject(value) || Object.keys(value).length === 0) return new Map([[path.join('\0'), { path, value }]])
  return new Map(Object.entries(value).flatMap(([key, inner]) => [...leavesOf(inner, [...path, key])]))
}

/** Nothing for what cannot be parsed. */
function parse(name: string, text: string): unknown {
  const content = text.replace(/^\uFEFF/, '')
  try {
    return name.endsWith('.json') ? JSON.parse(content) : parseYaml(content, { logLevel: 'silent' })
  } catch {
    return undefined
  }
}
