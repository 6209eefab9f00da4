import { z } from 'zod'

/** A JSON Schema (draft 2020-12), as far as DNA needs it. */
export interface JsonSchema {
  type?: string
  description?: string
  default?: unknown
  /** Whether the value is secret as a whole. A URL with a password is not: the rest of it may be shown. */
  secret?: boolean
  properties?: Record<string, JsonSchema>
  additionalProperties?: JsonSchema | boolean
  required?: string[]
  anyOf?: JsonSchema[]
  items?: JsonSchema
  [keyword: string]: unknown
}

/** Makes the JSON Schema of DNA as it is written, before defaults and transforms. Refinements are left to the boot. */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  const made = z.toJSONSchema(schema, {
    io: 'input',
    // What JSON cannot express, such as the `ownerModel` that a program passes.
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      // Zod adds these to every whole number.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
      // No format of JSON Schema. The pattern says the same.
      if (jsonSchema.format === 'starts_with') delete jsonSchema.format
    },
  })
  delete made.$schema
  return made as JsonSchema
}

/** Finds the schema of a value inside another. Nothing if no schema describes it. */
export function findSchemaAt(schema: JsonSchema | undefined, path: readonly string[]): JsonSchema | undefined {
  const [key, ...deeper] = path
  if (key === undefined || schema === undefined) return schema
  const own = schema.properties
  const { additionalProperties } = schema
  if (own && Object.hasOwn(own, key)) return findSchemaAt(own[key], deeper)
  // An empty schema describes nothing.
  if (typeof additionalProperties === 'object' && Object.keys(additionalProperties).length > 0)
    return findSchemaAt(additionalProperties, deeper)
  for (const alternative of schema.anyOf ?? []) {
    const found = findSchemaAt(alternative, path)
    if (found) return found
  }
  return undefined
}
