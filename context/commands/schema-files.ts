import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { CellDna } from '../cell/dna'
import { SHARED, isObject } from '../cell/dna/branches'
import { editorSchemaOf } from '../cell/dna/editor-schema'
import { checkDnaFiles } from '../cell/dna/files'
import { jsonSchemaOf } from '../cell/dna/json-schema'
import { readOrganelleSchemas } from './organelle-schemas'

/** The folder of the schemas, in the cell's root: what is below `dna/` is DNA. */
export const SCHEMA_FOLDER = 'schemas'

/** Branches that may have keys of which no schema knows, because other files refer to them. */
const OPEN = ['data', 'trust-points']

/**
 * Makes the JSON Schemas of a cell's files of DNA: of `dna/x.json` in `x.json`, of `dna/_mode/x.json` in `modes/x.json`.
 *
 * @param root the folder that holds `dna/`
 * @returns the content by paths below {@link SCHEMA_FOLDER}
 * @throws {DnaError} if a file cannot be read
 */
export function makeSchemaFiles(root: string): Map<string, string> {
  const shared = Object.entries(SHARED).map(([branch, schema]) => {
    const json = jsonSchemaOf(schema)
    if (OPEN.includes(branch)) delete json.additionalProperties
    return { branch, json, isOrganelle: false }
  })
  const organelles = [...readOrganelleSchemas(readEveryMode(root), root)].map(([name, { json }]) => {
    return { branch: `plasma/${name}`, json, isOrganelle: true }
  })
  const files = new Map<string, string>()
  for (const { branch, json, isOrganelle } of [...shared, ...organelles]) {
    for (const [folder, isMode] of [
      ['', false],
      ['modes/', true],
    ] as const) {
      const title = `dna/${isMode ? '_mode/' : ''}${branch}.json`
      const schema = editorSchemaOf(json, title, { isMode, isOrganelle })
      files.set(`${folder}${branch}.json`, `${JSON.stringify(schema, undefined, 2)}\n`)
    }
  }
  return files
}

/** Writes the schemas of {@link makeSchemaFiles}, and deletes those that were there before. */
export function writeSchemaFiles(root: string): number {
  const files = makeSchemaFiles(root)
  const folder = join(root, SCHEMA_FOLDER)
  for (const part of ['modes', 'plasma']) rmSync(join(folder, part), { recursive: true, force: true })
  for (const [name, content] of files) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  return files.size
}

/** Every organelle of a cell, also of modes that are never in use together. Of each key, the first that is written. */
export function readEveryMode(root: string): CellDna['plasma'] {
  const plasma: CellDna['plasma'] = {}
  for (const { branch, content } of checkDnaFiles(join(root, 'dna'))) {
    let whole = content
    for (const key of branch.filter((name, index) => index > 0 || !name.startsWith('_')).toReversed())
      whole = { [key]: whole }
    const organelles = isObject(whole) ? whole['plasma'] : undefined
    if (!isObject(organelles)) continue
    for (const [name, dna] of Object.entries(organelles)) {
      const found = typeof dna === 'string' ? { source: dna } : dna
      if (isObject(found)) plasma[name] = { ...found, ...Object(plasma[name]) } as Organic.Dna
    }
  }
  return plasma
}
