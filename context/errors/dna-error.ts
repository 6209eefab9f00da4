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

/** Several faults of DNA, found in one run. Its message has a line for each. */
export class DnaErrors extends Error {
  override name = 'DnaErrors'

  constructor(readonly errors: readonly DnaError[]) {
    super(errors.map(({ message }) => message).join('\n'))
  }
}

/**
 * Throws what has been found: nothing, one error as it is, or several as one.
 *
 * @throws {DnaError} for one
 * @throws {DnaErrors} for several
 */
export function throwDnaErrors(errors: readonly DnaError[]): void {
  const [first, second] = errors
  if (second) throw new DnaErrors(errors)
  if (first) throw first
}

/** The errors in what has been thrown, be it one or several; none in what is no error of DNA. */
export function dnaErrorsOf(thrown: unknown): readonly DnaError[] {
  if (thrown instanceof DnaErrors) return thrown.errors
  return thrown instanceof DnaError ? [thrown] : []
}
