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

  /** An error at a place in the whole DNA, as in `['plasma', 'sessions', 'name']`: one or two are the file's. */
  static at(path: string[], expected: string): DnaError {
    const depth = path[0] === 'plasma' ? 2 : 1
    const error = new DnaError(path.slice(depth).join('.'), expected)
    error.branch = path.slice(0, depth)
    return error
  }
}

/** What somebody threw, as text: it need not have been an error. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
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
