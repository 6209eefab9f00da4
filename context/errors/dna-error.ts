import type { z } from 'zod'

/** DNA that does not say what its organelle needs: stops the boot. */
export class DnaError extends Error {
  override name = 'DnaError'
  /** The organelle's branch of the DNA, as in `['plasma', 'sessions']`: whoever builds the organelle fills it in. */
  branch: string[] | undefined

  constructor(
    /** The key at fault, dotted, relative to the organelle's DNA. Empty for the whole of it. */
    readonly key: string,
    /** What is wrong and what to write instead. */
    readonly expected: string,
    options?: ErrorOptions,
  ) {
    super(key === '' ? expected : `${key}: ${expected}`, options)
  }
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
  throw new DnaError(issue?.path.join('.') ?? '', issue?.message ?? 'invalid')
}
