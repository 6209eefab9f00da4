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

/** Several faults of DNA, found in one run: key and branch are those of the first, and the message has a line for each. */
export class DnaErrors extends DnaError {
  constructor(readonly errors: readonly [DnaError, ...DnaError[]]) {
    super(errors[0].key, errors[0].expected)
    this.branch = errors[0].branch
    this.message = errors.map(({ message }) => message).join('\n')
  }
}

/**
 * Throws what has been found: nothing, one error as it is, or several as one.
 *
 * @throws {DnaError}
 */
export function throwDnaErrors([first, ...others]: readonly DnaError[]): void {
  if (first) throw others.length > 0 ? new DnaErrors([first, ...others]) : first
}

/** The errors in what has been thrown, be it one or several; none in what is no error of DNA. */
export function dnaErrorsOf(thrown: unknown): readonly DnaError[] {
  if (thrown instanceof DnaErrors) return thrown.errors
  return thrown instanceof DnaError ? [thrown] : []
}
