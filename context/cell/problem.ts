/**
 * Every error code of this cell, with its status; docs/http-api.md says what each means. Routes and models of your own may use
 * others. Other refusals of Express are named after their status, as in `METHOD_NOT_ALLOWED`.
 */
export const PROBLEM_CODES = {
  BAD_REQUEST: 400,
  INVALID_BODY: 400,
  INVALID_CREDENTIALS_SHAPE: 400,
  INVALID_PASSWORD: 400,
  INVALID_PASSWORD_CHANGE: 400,
  INVALID_REGISTRATION: 400,
  INVALID_CREDENTIALS: 401,
  LOGIN_REQUIRED: 401,
  CROSS_ORIGIN: 403,
  CURRENT_PASSWORD_WRONG: 403,
  NOT_FOUND: 404,
  OWNER_NOT_FOUND: 404,
  SESSION_NOT_FOUND: 404,
  APPNAME_TAKEN: 409,
  USERNAME_TAKEN: 409,
  PASSWORD_KEPT_ELSEWHERE: 409,
  BODY_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  TOO_MANY_ATTEMPTS: 429,
  HEADER_TOO_LARGE: 431,
  INTERNAL: 500,
  INSECURE_REQUEST: 500,
  SESSIONS_NOT_LISTED: 501,
  REMOTE_INVALID: 502,
  REMOTE_UNAVAILABLE: 503,
  STORE_UNAVAILABLE: 503,
  TOO_BUSY: 503,
} as const

/** A code in {@link PROBLEM_CODES}. */
export type ProblemCode = keyof typeof PROBLEM_CODES

/** Extra facts about a {@link Problem}. */
export interface ProblemOptions {
  /** The error behind it: logged, never sent. */
  cause?: unknown
  /** Seconds after which trying again makes sense, sent as `Retry-After`. */
  retryAfter?: number
  /** The field of the input that is at fault, for pages, which show the error beside it. */
  field?: string | undefined
  /** The rule that it breaks, as in `must not be empty`, for pages in other languages. */
  rule?: string | undefined
}

const PROBLEM = Symbol.for('organic-sessions-cell.problem')

/**
 * An error that clients may see: `status` and `code` decide the answer, and the message becomes its `detail` (RFC 9457).
 * It must therefore carry no credentials, hashes, cookies or session ids.
 *
 * Recognize one with {@link isProblem}, never with `instanceof`.
 *
 * @example
 * throw new Problem(404, 'INVOICE_NOT_FOUND', 'You have no such invoice.')
 */
export class Problem extends Error {
  /** The mark by which {@link isProblem} recognizes problems of any copy of this code, and nothing else. */
  readonly [PROBLEM] = true
  readonly retryAfter: number | undefined
  readonly field: string | undefined
  readonly rule: string | undefined

  constructor(
    /** HTTP status. */
    readonly status: number,
    /** What programs compare, in capitals: a {@link ProblemCode}, or one of your own. */
    readonly code: string,
    message: string,
    options: ProblemOptions = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.name = new.target.name
    this.retryAfter = options.retryAfter
    this.field = options.field
    this.rule = options.rule
  }
}

/** 401: a login failed. The same for unknown, wrong and disabled, and for any model's fields (OWASP ASVS 6.3.8). */
export class InvalidCredentials extends Problem {
  constructor() {
    super(401, 'INVALID_CREDENTIALS', 'These credentials are wrong.')
  }
}

/** 401: this needs a login, and nobody is logged in. */
export class LoginRequired extends Problem {
  constructor() {
    super(401, 'LOGIN_REQUIRED', 'Log in first.')
  }
}

/** 400: what was sent cannot be anybody's credentials. */
export class InvalidCredentialsShape extends Problem {
  constructor(detail: string) {
    super(400, 'INVALID_CREDENTIALS_SHAPE', detail)
  }
}

/** 429: too many attempts, here or at a trust point. */
export class TooManyAttempts extends Problem {
  /** @param retryAfter seconds */
  constructor(retryAfter: number, options?: ProblemOptions) {
    super(429, 'TOO_MANY_ATTEMPTS', 'Too many attempts. Try again later.', { ...options, retryAfter })
  }
}

/** 502: a trust point gave an answer that the protocol does not allow. */
export class RemoteInvalid extends Problem {
  constructor(detail: string, options?: ProblemOptions) {
    super(502, 'REMOTE_INVALID', detail, options)
  }
}

/** 503: a trust point cannot be reached, or did not answer in time. */
export class RemoteUnavailable extends Problem {
  constructor(detail: string, options?: ProblemOptions) {
    super(503, 'REMOTE_UNAVAILABLE', detail, options)
  }
}

/** 503: a session or an owner cannot be read or written right now. Says nothing about who is logged in. */
export class StoreUnavailable extends Problem {
  constructor(detail: string, options?: ProblemOptions) {
    super(503, 'STORE_UNAVAILABLE', detail, options)
  }
}

/**
 * Whether an error is a {@link Problem}, of whichever copy of this code: two copies in one process have different classes.
 *
 * @example
 * if (isProblem(error) && error.code === 'REMOTE_UNAVAILABLE') tryAgainLater(error.retryAfter)
 */
export function isProblem(error: unknown): error is Problem {
  return error instanceof Error && PROBLEM in error
}
