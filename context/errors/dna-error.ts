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
