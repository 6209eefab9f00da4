import { z } from 'zod'
import { DnaError, throwDnaErrors } from './error'
import { describeIssue } from './wording'
import { findVariables } from './variables'

/** A chemical's type, or a pattern that it must match. */
const chemical = z.union([z.string().min(1), z.looseObject({ type: z.string().min(1) })])

/** The keys of the organelles that take part in the order of the boot: where their code is, and who waits for whom. */
export const organelleDna = {
  source: z.string().optional().describe('Where its code is: a path such as plasma/sessions, or a package.'),
  reactOn: z
    .union([chemical, z.array(chemical).min(1)], 'expected the chemicals to wait for')
    .describe('Chemicals to wait for: a type, an object to match, or a list of these.'),
  emitReady: z
    .string('expected the chemical to store')
    .min(1, 'must not be empty')
    .describe('Type of the chemical that is stored once the organelle is ready. The cell waits for it.'),
}

/** Prefix of the URLs of several routes. */
export const urlPrefix = z.string().regex(/^(\/[\w.~-]+)*$/, 'expected a prefix as in "/api", or ""')

/**
 * Checks an organelle's DNA, or a part such as its `options`. If the schema expects a number or a boolean and the value came
 * from an environment variable (`"{$PORT}"`), the string is converted in place, in the DNA itself.
 *
 * @returns the DNA with the schema's defaults filled in
 * @throws {DnaError} with every key at fault
 * @example const { seconds } = checkDna(z.object({ ...organelleDna, seconds: z.int().default(60) }), dna)
 */
export function checkDna<S extends z.ZodType>(schema: S, dna: unknown): z.output<S> {
  readVariables(schema, dna)
  const result = schema.safeParse(dna, { error: describeIssue })
  if (result.success) return result.data

  const errors = new Map<string, DnaError>()
  for (const error of result.error.issues.flatMap((issue) => errorsOf(issue, []))) {
    // One message per key.
    if (!errors.has(error.key)) errors.set(error.key, error)
  }
  throwDnaErrors([...errors.values()])
  throw new DnaError('', 'invalid')
}

function errorsOf(issue: z.core.$ZodIssue, above: PropertyKey[]): DnaError[] {
  const path = [...above, ...issue.path]
  if (issue.code === 'unrecognized_keys') {
    const messages = issue.message.split('\n')
    return issue.keys.map((key, index) => new DnaError([...path, key].join('.'), messages[index] ?? 'unknown key'))
  }
  if (issue.code === 'invalid_key') return [new DnaError(path.join('.'), issue.issues[0]?.message ?? issue.message)]
  // The alternative that the value was meant to be: the one whose faults lie inside it.
  const meant =
    issue.code === 'invalid_union'
      ? issue.errors.find((issues) => issues.length > 0 && issues.every(isWithin))
      : undefined
  if (meant) return meant.flatMap((inner) => errorsOf(inner, path))
  return [new DnaError(path.join('.'), issue.message)]
}

function isWithin({ code, path }: z.core.$ZodIssue): boolean {
  return path.length > 0 || code === 'unrecognized_keys'
}

/**
 * Converts variables, which are all strings, to what the schema expects. To learn what that is, puts a symbol in the place
 * of each variable, which every schema refuses, and reads the expected types from the issues.
 */
function readVariables(schema: z.ZodType, dna: unknown): void {
  const variables = findVariables(dna)
  if (variables.length === 0) return
  let expected: Map<string, Set<unknown>>
  try {
    for (const { holder, key } of variables) holder[key] = Symbol('of no kind')
    expected = expectedTypes(schema.safeParse(dna).error?.issues ?? [])
  } finally {
    for (const { holder, key, text } of variables) holder[key] = text
  }
  for (const { holder, key, path, text } of variables) {
    const value = valueOf(text)
    const accepted = expected.get(path.join('.'))
    if (accepted?.has(typeof value) || accepted?.has(value)) holder[key] = value
  }
}

/** The number or boolean that a string spells, or the string itself. */
function valueOf(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true'
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text
}

/** The expected types and literal values, by dotted path. */
function expectedTypes(issues: z.core.$ZodIssue[]): Map<string, Set<unknown>> {
  const expected = new Map<string, Set<unknown>>()
  collect(issues, [])
  return expected

  function collect(inner: z.core.$ZodIssue[], above: PropertyKey[]): void {
    for (const issue of inner) {
      const path = [...above, ...issue.path]
      const types = expected.get(path.join('.')) ?? new Set()
      expected.set(path.join('.'), types)
      if (issue.code === 'invalid_type') types.add(issue.expected === 'int' ? 'number' : issue.expected)
      if (issue.code === 'invalid_value') for (const value of issue.values) types.add(value)
      if (issue.code === 'invalid_union') for (const errors of issue.errors) collect(errors, path)
    }
  }
}
