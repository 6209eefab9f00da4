import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import type { ZodType } from 'zod'
import type { CellDna } from '../cell/dna'
import { isObject } from '../cell/dna/branches'
import { useCompiledPaths } from '../cell/dna/compiled-paths'
import { jsonSchemaOf, type JsonSchema } from '../cell/dna/json-schema'
import { EventBus } from '../cell/event-bus'
import { Nucleus } from '../cell/nucleus'
import { CODE_ROOT } from '../cell/own-package'

/** What an organelle's DNA must be. */
export interface OrganelleSchema {
  schema: ZodType
  json: JsonSchema
}

/**
 * Loads the organelles, without building them, and reads their schemas. The `options` of routes are those of the folder's
 * `index`, if it exports a `dnaSchema` too.
 *
 * @param root the folder that sources are relative to
 * @returns the schemas by the organelles' names; none for an organelle that has none or does not load
 */
export function readOrganelleSchemas(plasma: CellDna['plasma'], root: string): Map<string, OrganelleSchema> {
  const named = Object.entries(plasma).flatMap(([name, own]) => {
    // Anything else than an object or a source is a fault, which the check reports.
    const { source, path } = (typeof own === 'string' ? { source: own } : Object(own)) as Partial<Organic.Dna>
    if (typeof source !== 'string') return []
    return [[name, { source, path }]]
  })
  const code = { plasma: Object.fromEntries(named) as Record<string, Organic.Dna> }
  useCompiledPaths(code, root, CODE_ROOT)
  const nucleus = new Nucleus(new EventBus(), code, root)
  const schemas = new Map<string, OrganelleSchema>()
  for (const [name, { source, path }] of Object.entries(code.plasma)) {
    const schema = loadOrNothing(() => nucleus.schemaOf({ source }))
    // One of another version of zod cannot be converted.
    const json = schema && loadOrNothing(() => jsonSchemaOf(schema))
    if (!schema || !json) continue
    const options = typeof path === 'string' ? loadOrNothing(() => optionsOf(join(path, 'index'), root)) : undefined
    const { description = '' } = json.properties?.['options'] ?? {}
    if (options) json.properties = { ...json.properties, options: { ...options, description } }
    schemas.set(name, { schema, json })
  }
  return schemas
}

function optionsOf(module: string, root: string): JsonSchema | undefined {
  const exported: unknown = createRequire(resolve(root, 'package.json'))(resolve(root, module))
  if (typeof exported !== 'function' || !('dnaSchema' in exported) || !isObject(exported.dnaSchema)) return undefined
  return jsonSchemaOf(exported.dnaSchema as unknown as ZodType).properties?.['options']
}

/** What does not load is reported by the check of the DNA, and at the boot. */
function loadOrNothing<T>(load: () => T): T | undefined {
  try {
    return load()
  } catch {
    return undefined
  }
}
