import { z } from 'zod'
import { DnaError } from './dna-error'

/** A chemical by its type, or a pattern that it has to match. */
const chemical = z.union([z.string().min(1), z.looseObject({ type: z.string().min(1) })])

/** The keys of the organelles that take part in the order of the boot: where their code is, and who waits for whom. */
export const organelleDna = {
  /** Path or package of the organelle. */
  source: z.string().optional(),
  /** Chemicals to wait for. */
  reactOn: z.union([chemical, z.array(chemical).min(1)], 'expected the chemicals to wait for'),
  /** Type of the chemical that is stored once the organelle is ready. The cell waits for it. */
  emitReady: z.string('expected the chemical to store').min(1, 'must not be empty'),
}

/**
 * Checks an organelle's DNA before it does anything.
 *
 * @returns the DNA with the schema's defaults filled in
 * @throws {DnaError} that names the first key at fault
 */
export function checkDna<S extends z.ZodType>(schema: S, dna: unknown): z.output<S> {
  const result = schema.safeParse(dna)
  if (result.success) return result.data

  const issue = result.error.issues[0]
  if (issue?.code === 'unrecognized_keys') {
    throw new DnaError([...issue.path, issue.keys[0]].join('.'), 'unknown key')
  }
  // Of a choice, what the first one expected.
  const message = issue?.code === 'invalid_union' ? issue.errors[0]?.[0]?.message : undefined
  const isGeneric = issue?.message === 'Invalid input'
  throw new DnaError(issue?.path.join('.') ?? '', (isGeneric ? message : undefined) ?? issue?.message ?? 'invalid')
}
