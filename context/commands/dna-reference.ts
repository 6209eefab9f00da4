import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SHARED, isObject } from '../cell/dna/branches'
import { checkDnaFiles, type DnaFile } from '../cell/dna/files'
import { jsonSchemaOf, type JsonSchema } from '../cell/dna/json-schema'
import { writtenIn } from '../cell/dna/origins'
import { readOrganelleSchemas } from './organelle-schemas'
import { readEveryMode } from './schema-files'

/** The page with the reference, in the cell's root. */
export const REFERENCE_PAGE = 'docs/dna.md'
/** What is between these lines is made of the schemas. */
const MARKERS = /(<!-- reference: made by npm run dna -- schemas -->\n)[^]*(<!-- end of the reference -->)/

/** Keys that every organelle has. */
const COMMON = ['source', 'reactOn', 'emitReady', 'needs']

/** Writes the reference into its page, if the cell has one. @returns whether it has */
export function writeReference(root: string): boolean {
  const file = join(root, REFERENCE_PAGE)
  if (!existsSync(file)) return false
  const page = readFileSync(file, 'utf8')
  if (!MARKERS.test(page)) return false
  writeFileSync(file, updateReference(page, root))
  return true
}

/** A page with the reference of the DNA as it is now. */
export function updateReference(page: string, root: string): string {
  const reference = makeReference(root)
  // As a function: `$` in a string would be special.
  return page.replace(MARKERS, (_whole, start: string, end: string) => `${start}\n${reference}\n${end}`)
}

/** The tables of all keys: of each branch, what is written in `dna/`, or the default; the type; and what it means. */
function makeReference(root: string): string {
  const files = checkDnaFiles(join(root, 'dna'))
  const shared = Object.entries(SHARED).map(([branch, schema]) => [branch, jsonSchemaOf(schema)] as const)
  const organelles = [...readOrganelleSchemas(readEveryMode(root), root)]
    .map(([name, { json }]) => [`plasma/${name}`, json] as const)
    .sort(([one], [other]) => (one < other ? -1 : 1))
  return [...shared, ...organelles].map(([branch, schema]) => sectionOf(branch, schema, files)).join('\n')
}

function sectionOf(branch: string, schema: JsonSchema, files: DnaFile[]): string {
  const lines = [`### \`${branch}\``, '']
  if (schema.description) lines.push(schema.description, '')
  const rows = rowsOf(schema, [])
  if (rows.length === 0) return lines.join('\n')
  lines.push('| key | as shipped | type | meaning |', '|---|---|---|---|')
  for (const { path, schema: own } of rows) {
    const shipped = shippedValues([...branch.split('/'), ...path], own, files)
    lines.push(`| ${[code(path.join('.')), shipped, typeOf(own), own.description ?? ''].map(escapeCell).join(' | ')} |`)
  }
  return [...lines, ''].join('\n')
}

interface Row {
  path: string[]
  schema: JsonSchema
}

/** Every key, also of objects inside; an object itself only if there is something to say about it. */
function rowsOf({ properties = {} }: JsonSchema, above: string[]): Row[] {
  return Object.entries(properties).flatMap(([key, schema]) => {
    if (above.length === 0 && COMMON.includes(key)) return []
    const path = [...above, key]
    const inner = rowsOf(schema, path)
    return inner.length === 0 || schema.description ? [{ path, schema }, ...inner] : inner
  })
}

/** What is written in `dna/`, or the default; then what modes write instead. */
function shippedValues(path: string[], schema: JsonSchema, files: DnaFile[]): string {
  if (schema.properties) return ''
  const modes = new Map<string, string[]>()
  let shipped = schema.default
  for (const file of files) {
    const [top = ''] = file.branch
    const isMode = top.startsWith('_')
    const value = writtenIn(isMode ? { ...file, branch: file.branch.slice(1) } : file, path)
    if (value === undefined) continue
    if (isMode) modes.set(code(value), [...(modes.get(code(value)) ?? []), code(top)])
    else shipped = value
  }
  const others = [...modes].map(([value, names]) => `${names.join(', ')}: ${value}`)
  const own = shipped === undefined ? [] : [code(shipped)]
  return [...own, ...(others.length > 0 ? [own.length > 0 ? `(${others.join('; ')})` : others.join('; ')] : [])].join(
    ' ',
  )
}

/** The type in a few words. */
function typeOf(schema: JsonSchema): string {
  const { type, enum: values, const: value, anyOf, items, additionalProperties: inner } = schema
  if (Array.isArray(values)) return values.map(code).join(', ')
  if (value !== undefined) return code(value)
  if (anyOf) return [...new Set(anyOf.map(typeOf))].join(', or ')
  if (type === 'array') return items ? `list of: ${typeOf(items)}` : 'list'
  if (type === 'integer' || type === 'number')
    return `${type === 'integer' ? 'whole number' : 'number'}${rangeOf(schema)}`
  if (type === 'object' && isObject(inner) && Object.keys(inner).length > 0) return `object of: ${typeOf(inner)}`
  if (schema['format'] === 'uri') return 'URL'
  return type ?? 'any'
}

function rangeOf({ minimum, maximum, exclusiveMinimum }: JsonSchema): string {
  if (typeof minimum === 'number' && typeof maximum === 'number') return `, ${minimum} to ${maximum}`
  const least = typeof minimum === 'number' ? `, at least ${minimum}` : ''
  const above = typeof exclusiveMinimum === 'number' ? `, more than ${exclusiveMinimum}` : ''
  return `${least}${above}${typeof maximum === 'number' ? `, at most ${maximum}` : ''}`
}

function code(value: unknown): string {
  return `\`${typeof value === 'string' && value !== '' ? value : JSON.stringify(value)}\``
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|')
}
