/** Extra facts about a {@link Problem}. */
export interface ProblemOptions {
  /** The error behind it: logged, never sent. */
  cause?: unknown
  /** Seconds after which trying again makes sense, sent as `Retry-After`. */
  retryAfter?: number
}

/**
 * An error that a client may be told of: `status` and `code` decide the answer, and the message is its `detail`
 * (RFC 9457). It therefore carries no credentials, hashes, cookies or session ids.
 */
export class Problem extends Error {
  override name = 'Problem'
  /** Clients may see this error. The mark of http-errors, by which {@link isProblem} knows it. */
  readonly expose = true
  readonly retryAfter: number | undefined

  constructor(
    /** HTTP status. */
    readonly status: number,
    /** What programs compare, in capitals. */
    readonly code: string,
    message: string,
    options: ProblemOptions = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.retryAfter = options.retryAfter
  }
}

/** 401: nobody is logged in, or no owner has these credentials. One text for all of it (OWASP ASVS 6.3.8). */
export class OwnerNotFound extends Problem {
  override name = 'OwnerNotFound'
  constructor() {
    super(401, 'OWNER_NOT_FOUND', 'Nobody is logged in, or no owner has these credentials.')
  }
}

/** 400: credentials that are no credentials. */
export class InvalidCredentialsShape extends Problem {
  override name = 'InvalidCredentialsShape'
  constructor(detail: string) {
    super(400, 'INVALID_CREDENTIALS_SHAPE', detail)
  }
}

/** 502: a trust point answered with something that it should not have. */
export class RemoteInvalid extends Problem {
  override name = 'RemoteInvalid'
  constructor(detail: string, options?: ProblemOptions) {
    super(502, 'REMOTE_INVALID', detail, options)
  }
}

/** 503: a trust point cannot be reached, or did not answer in time. */
export class RemoteUnavailable extends Problem {
  override name = 'RemoteUnavailable'
  constructor(detail: string, options?: ProblemOptions) {
    super(503, 'REMOTE_UNAVAILABLE', detail, options)
  }
}

/** 503: a session or an owner cannot be read or written right now. Says nothing of who is logged in. */
export class StoreUnavailable extends Problem {
  override name = 'StoreUnavailable'
  constructor(detail: string, options?: ProblemOptions) {
    super(503, 'STORE_UNAVAILABLE', detail, options)
  }
}

/**
 * Whether clients may be told of an error. Another copy of this code has classes of its own, so that not the class decides,
 * but `expose` with a `status` and a `code`.
 */
export function isProblem(error: unknown): error is Problem {
  if (!(error instanceof Error)) return false
  const { expose, status, code } = error as Partial<Problem>
  return expose === true && typeof status === 'number' && status >= 400 && status < 600 && typeof code === 'string'
}
