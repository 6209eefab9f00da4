import type { JsonSchema } from './json-schema'

/** The dialect that editors know best. */
const DIALECT = 'http://json-schema.org/draft-07/schema#'

/** A string that stands for a value of any type, until the cell reads it. */
const FROM_ELSEWHERE: JsonSchema = {
  type: 'string',
  pattern: '\\{\\$[A-Za-z_]\\w*(:-[^}]*)?\\}|^!?@[\\w.-]+$|[@&]\\{[\\w.-]+\\}|^%[\\w.-]+\\(',
  description: 'A variable of the environment, as in {$NAME:-default}, or a reference, as in @data.folder.',
}
const ELSEWHERE: JsonSchema = { $ref: '#/definitions/fromElsewhere' }

/** Keys that bring the keys of another object. */
const REFERENCE_KEY = '^!?@$'
/** Instead of an item of a list, in a mode: what organic-dna-fold does to the list. */
const LIST_CHANGE: JsonSchema = { type: 'object', patternProperties: { '^\\$(unshift|push|merge|insert)$': {} } }

/** What a file of DNA holds, and where. */
export interface DnaFileKind {
  /** Whether it is folded over another one: no key is required, and `~key` replaces a value as a whole. */
  isMode: boolean
  /** Whether it is an organelle's: its source alone, or `false`, does as well. */
  isOrganelle: boolean
}

/** Makes the schema of a file of DNA, for editors. It accepts whatever the cell accepts. */
export function editorSchemaOf(schema: JsonSchema, title: string, { isMode, isOrganelle }: DnaFileKind): JsonSchema {
  const own: Record<string, JsonSchema> = {
    $schema: { type: 'string', description: 'Where editors find the schema. The cell ignores it.' },
  }
  if (isOrganelle) {
    own['needs'] = {
      type: 'array',
      items: { type: 'string' },
      description: 'Organelles that must be switched on. Without it, an organelle needs all that it waits for.',
    }
  }
  const adapted = adaptSchema({ ...schema, properties: { ...own, ...schema.properties } }, isMode)
  return {
    $schema: DIALECT,
    title,
    ...adapted,
    ...(isOrganelle ? { type: ['object', 'string', 'boolean'], not: { const: true } } : {}),
    definitions: { fromElsewhere: FROM_ELSEWHERE },
  } as JsonSchema
}

function adaptSchema(schema: JsonSchema, isMode: boolean): JsonSchema {
  const { required = [], ...adapted } = schema
  delete adapted.secret
  if (adapted.properties) {
    adapted.properties = mapValues(adapted.properties, (inner) => adaptValue(inner, isMode))
  }
  if (typeof adapted.additionalProperties === 'object')
    adapted.additionalProperties = adaptValue(adapted.additionalProperties, isMode)
  if (adapted.type === 'object') {
    adapted['patternProperties'] = { [REFERENCE_KEY]: { type: 'string' }, ...(isMode ? { '^~': {} } : {}) }
    if (adapted['propertyNames']) {
      const other = { pattern: isMode ? `${REFERENCE_KEY}|^~` : REFERENCE_KEY }
      adapted['propertyNames'] = { anyOf: [adapted['propertyNames'], other] }
    }
    if (!isMode && required.length > 0) adapted.anyOf = [{ required }, { required: ['@'] }, { required: ['!@'] }]
  }
  if (adapted.items) {
    const items = adaptValue(adapted.items, isMode)
    adapted.items = isMode ? { anyOf: [items, LIST_CHANGE] } : items
    if (isMode) delete adapted['minItems']
  }
  if (!adapted.properties && adapted.anyOf) adapted.anyOf = adapted.anyOf.map((inner) => adaptSchema(inner, isMode))
  return adapted
}

/** Lets a variable or a reference stand for the value, and says the default, which editors do not show. */
function adaptValue(schema: JsonSchema, isMode: boolean): JsonSchema {
  const { description, default: byDefault, ...rest } = adaptSchema(schema, isMode)
  const isSaid = byDefault !== undefined && JSON.stringify(byDefault) !== '{}'
  const said = [description, ...(isSaid ? [`Default: ${JSON.stringify(byDefault)}`] : [])].filter(Boolean).join(' ')
  return {
    ...(said ? { description: said } : {}),
    ...(byDefault === undefined ? {} : { default: byDefault }),
    ...(takesAnyString(rest) ? rest : { anyOf: [rest, ELSEWHERE] }),
  }
}

function takesAnyString(schema: JsonSchema): boolean {
  const limits = Object.keys(schema).filter((key) => key !== 'type' && key !== 'minLength')
  return limits.length === 0 && (schema.type === undefined || schema.type === 'string')
}

function mapValues<T>(object: Record<string, T>, map: (value: T) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]))
}
