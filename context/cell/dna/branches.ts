import { parse as parsePath, resolve } from 'node:path'
import { z } from 'zod'
import { cellSettings } from '../settings'
import { checkDna } from './check'
import { DnaError, dnaErrorsOf } from './error'
import { didYouMean, findNearest } from './wording'
import type { DnaFile } from './files'

/** An unset variable that no organelle needs stays in place. */
const isUnset = (text: string): boolean => text.includes('{$')

const endpoint = z
  .string()
  .refine(
    (text) => isUnset(text) || (/^https?:\/\//.test(text) && URL.canParse(text)),
    'expected an http: or https: URL',
  )
  .optional()

/** Schemas of the branches that belong to no organelle. The last two may have more keys, if something refers to them. */
export const SHARED: Record<string, z.ZodObject> = {
  cell: cellSettings,
  data: z.strictObject({
    folder: z
      .string()
      .refine((text) => text.trim() !== '', 'must not be empty: files would be kept in the root of the file system')
      .refine((text) => resolve(text) !== parsePath(resolve(text)).root, 'must not be the root of the file system')
      .optional()
      .describe('Where the database and the cookie secret are kept.'),
  }),
  'trust-points': z.strictObject({
    users: endpoint.describe('The trust point for users: the login that _trusting asks.'),
    apps: endpoint.describe('The trust point for applications: the login that _trusting and _users ask.'),
  }),
}

/**
 * Finds files that nothing reads: neither an organelle, nor the cell, nor a reference.
 *
 * @param references the dotted names of all references in these files
 */
export function findUnreadFiles(files: DnaFile[], references: string[]): DnaError[] {
  const read = new Set(['plasma', ...Object.keys(SHARED), ...references.map((name) => name.split('.')[0] ?? '')])
  const organelles = files.flatMap(({ branch }) =>
    branch[0] === 'plasma' && branch[1] !== undefined ? [branch[1]] : [],
  )
  const guess = (name: string): string => {
    const organelle = findNearest(name, organelles)
    return organelle === undefined ? didYouMean(name, read) : `, did you mean "plasma/${organelle}"?`
  }
  const unread = files.flatMap(({ name, branch, content }) => {
    const own = branch[0]?.startsWith('_') ? branch.slice(1) : branch
    const [top, ...deeper] = own
    if (top === undefined) {
      const keys = Object.keys(Object(content) as object).filter((key) => !read.has(key.replace('~', '')))
      return keys.map((key) => `${name}: ${key}: nothing reads this key${guess(key)}`)
    }
    if (read.has(top.replace('~', ''))) return []
    if (deeper.length === 0) return [`${name}: nothing reads this file${guess(top)}`]
    return [`${name.split(/[/\\]/).slice(0, -deeper.length).join('/')}: nothing reads this folder${guess(top)}`]
  })
  return [...new Set(unread)].map((message) => new DnaError('', message))
}

/** Checks the branches that belong to no organelle. Extra keys are allowed if something refers to them. */
export function checkShared(dna: Record<string, unknown>, references: string[]): DnaError[] {
  return Object.entries(SHARED).flatMap(([branch, schema]) => {
    const value = dna[branch]
    if (value === undefined) return []
    const isReferred = (key: string): boolean =>
      references.some((name) => name === branch || `${name}.`.startsWith(`${branch}.${key}.`))
    const added = Object.keys(Object(value) as object).filter((key) => !(key in schema.shape) && isReferred(key))
    try {
      checkDna(schema.extend(Object.fromEntries(added.map((key) => [key, z.unknown()]))), value)
      return []
    } catch (error) {
      return dnaErrorsOf(error).map(({ key, expected }) => DnaError.at([branch, ...(key ? [key] : [])], expected))
    }
  })
}

/** Finds misspelled organelles: they have no source, and another organelle has almost the same name. */
export function findMisnamedOrganelles(plasma: Record<string, unknown>): DnaError[] {
  const hasSource = (name: string): boolean => typeof plasma[name] === 'string' || 'source' in Object(plasma[name])
  const names = Object.keys(plasma)
  const known = names.filter(hasSource)
  return names.flatMap((name) => {
    if (!isObject(plasma[name]) || hasSource(name)) return []
    const guess = didYouMean(name, known)
    return guess ? [DnaError.at(['plasma', name, 'source'], `there is no organelle "${name}"${guess}`)] : []
  })
}

/** Whether a value is an object with keys, and not a list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
