import { join } from 'node:path'
import { readDna, type CellDna } from '../cell/dna'
import { SHARED, isObject } from '../cell/dna/branches'
import { checkDna } from '../cell/dna/check'
import { throwDnaErrors } from '../cell/dna/error'
import { readFilesInUse, type DnaSource } from '../cell/dna/explain'
import { jsonSchemaOf, type JsonSchema } from '../cell/dna/json-schema'
import { findOrigin } from '../cell/dna/origins'
import type { UsedVariable } from '../cell/dna/variables'
import { DnaSecrets, isSecretName } from './dna-secrets'
import { readOrganelleSchemas } from './organelle-schemas'

/** A value that is in effect, for operators to read. */
export interface EffectiveValue {
  path: string[]
  /** Its secrets are masked. */
  value: unknown
  /** The files that it comes from; none for a default of the organelle. */
  files: string[]
  references: string[]
  variables: Omit<UsedVariable, 'path'>[]
}

/**
 * Reads the DNA that is in effect under a mode: folded, with references and variables filled in, and with the defaults of
 * those organelles that have a schema. Opens nothing. Variables need not be set.
 *
 * @param root the folder that holds `dna/`
 * @throws {DnaError} with the faults that leave no DNA to read
 */
export async function readEffectiveDna(root: string, mode: string | undefined): Promise<EffectiveValue[]> {
  const source: DnaSource = { folder: join(root, 'dna'), mode }
  const { dna, errors, variables } = await readDna({ ...source, needed: [] })
  const unset = variables.filter(({ from }) => from === 'unset').map(({ path }) => path.join('.'))
  throwDnaErrors(errors.filter(({ branch = [], key }) => !unset.includes([...branch, key].join('.'))))

  const schemas = readSchemas(dna, root)
  const used = new Map<string, Omit<UsedVariable, 'path'>[]>()
  for (const { path, ...variable } of variables)
    used.set(path.join('\0'), [...(used.get(path.join('\0')) ?? []), variable])
  const variablesAt = (path: readonly string[]): Omit<UsedVariable, 'path'>[] => used.get(path.join('\0')) ?? []
  // A variable that is secret in one place is secret in all of them.
  const byName = new DnaSecrets({}, schemas, () => false)
  const secretNames = new Set(
    variables.filter(({ path, name }) => isSecretName(name) || byName.isSecretPlace(path)).map(({ name }) => name),
  )
  const secrets = new DnaSecrets(dna, schemas, (path) => variablesAt(path).some(({ name }) => secretNames.has(name)))

  const files = readFilesInUse(source)
  const written = leavesOf(dna, []).map(([path, value]): EffectiveValue => {
    return { path, value: secrets.mask(value, path), ...findOrigin(files, path), variables: variablesAt(path) }
  })
  const defaults = [...schemas].flatMap(([branch, schema]) => {
    const path = branch.split('.')
    return defaultsOf(schema, valueAt(dna, path), path).map(([place, value]): EffectiveValue => {
      return { path: place, value: secrets.mask(value, place), files: [], references: [], variables: [] }
    })
  })
  return sortByBranch([...written, ...defaults])
}

/** The schemas of the branches and organelles in use. Reads variables as what the schemas expect. */
function readSchemas(dna: CellDna, root: string): Map<string, JsonSchema> {
  const schemas = new Map(Object.entries(SHARED).map(([branch, schema]) => [branch, jsonSchemaOf(schema)]))
  for (const [name, { schema, json }] of readOrganelleSchemas(dna.plasma, root)) {
    schemas.set(`plasma.${name}`, json)
    try {
      checkDna(schema, dna.plasma[name])
    } catch {
      // `check` reports faults. What can be read is still worth reading.
    }
  }
  return schemas
}

/** Every value that is no object, with its place. Lists are values. */
function leavesOf(value: unknown, path: string[]): [path: string[], value: unknown][] {
  if (!isObject(value) || Object.keys(value).length === 0) return [[path, value]]
  return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...path, key]))
}

/** The defaults of keys that are not written. */
function defaultsOf(schema: JsonSchema, written: unknown, path: string[]): [path: string[], value: unknown][] {
  if (written !== undefined && !isObject(written)) return []
  return Object.entries(schema.properties ?? {}).flatMap(([key, inner]) => {
    const value = isObject(written) && Object.hasOwn(written, key) ? written[key] : undefined
    if (inner.properties && (isObject(value) || inner.default !== undefined))
      return defaultsOf(inner, value, [...path, key])
    return value === undefined && inner.default !== undefined ? [[[...path, key], inner.default]] : []
  })
}

function valueAt(dna: unknown, path: string[]): unknown {
  return path.reduce((value: unknown, key) => (isObject(value) ? value[key] : undefined), dna)
}

/** The branch of a place in the DNA: its organelle, or its upper key. */
export function branchOf([top = '', organelle = '']: readonly string[]): string {
  return top === 'plasma' ? `plasma/${organelle}` : top
}

/** In an order that does not depend on the folder: organelles last, by their names. */
function sortByBranch(values: EffectiveValue[]): EffectiveValue[] {
  const groups = new Map<string, EffectiveValue[]>()
  for (const value of values) {
    const branch = branchOf(value.path)
    groups.set(branch, [...(groups.get(branch) ?? []), value])
  }
  const rankOf = (branch: string): string => `${branch.startsWith('plasma/') ? 1 : 0} ${branch}`
  return [...groups].sort(([one], [other]) => (rankOf(one) < rankOf(other) ? -1 : 1)).flatMap(([, group]) => group)
}
