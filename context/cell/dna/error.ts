import { messageOf } from '../thrown'

/**
 * A fault in DNA. Stops the boot.
 *
 * @example throw new DnaError('certificateFile', `${path} is not a certificate`)
 */
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

  /** An error at a path in the whole DNA, as in `['plasma', 'sessions', 'name']`. The first one or two keys are the branch. */
  static at(path: string[], expected: string): DnaError {
    const depth = path[0] === 'plasma' ? 2 : 1
    const error = new DnaError(path.slice(depth).join('.'), expected)
    error.branch = path.slice(0, depth)
    return error
  }
}

/** Several faults of DNA in one error. Key and branch are those of the first; the message has a line for each. */
export class DnaErrors extends DnaError {
  constructor(readonly errors: readonly [DnaError, ...DnaError[]]) {
    super(errors[0].key, errors[0].expected)
    this.branch = errors[0].branch
    this.message = errors.map(({ message }) => message).join('\n')
  }
}

/**
 * Throws the errors, if there are any: a single one as it is, several as {@link DnaErrors}.
 *
 * @throws {DnaError}
 */
export function throwDnaErrors([first, ...others]: readonly DnaError[]): void {
  if (first) throw others.length > 0 ? new DnaErrors([first, ...others]) : first
}

/**
 * Runs `work` and attributes whatever it throws to a DNA key.
 *
 * @param failed what the message says before the cause's own, as in `x.js does not load: `
 * @throws {DnaError} for that key
 * @example const certificate = blameKey('certificateFile', () => readFileSync(file))
 */
export function blameKey<T>(key: string, work: () => T, failed = ''): T {
  try {
    return work()
  } catch (cause) {
    throw new DnaError(key, failed + messageOf(cause), { cause })
  }
}

/** Whether something thrown is a {@link DnaError}, of this copy of the code or of another one. */
export function isDnaError(thrown: unknown): thrown is DnaError {
  return thrown instanceof Error && thrown.name === 'DnaError' && 'key' in thrown && 'expected' in thrown
}

/** The DNA errors in a thrown value: several, one, or none. */
export function dnaErrorsOf(thrown: unknown): readonly DnaError[] {
  if (!isDnaError(thrown)) return []
  return 'errors' in thrown ? (thrown as DnaErrors).errors : [thrown]
}
