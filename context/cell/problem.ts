/**
 * Every error code of this cell, with its status and its meaning, as docs/http-api.md lists them. Routes and models of your
 * own may use others. Other refusals of Express are named after their status, as in `METHOD_NOT_ALLOWED`.
 */
export const PROBLEM_CODES = {
  BAD_REQUEST: [400, 'The request cannot be understood.'],
  INVALID_BODY: [400, 'The body is not valid JSON, or not a valid form.'],
  INVALID_CREDENTIALS_SHAPE: [
    400,
    'The credentials are not an object of strings, or have fields that are not accepted.',
  ],
  INVALID_PASSWORD: [400, 'The new password is too short, too long or too common.'],
  INVALID_PASSWORD_CHANGE: [400, 'A field of the password change is missing or invalid.'],
  INVALID_REGISTRATION: [400, 'A field of the registration is missing or invalid.'],
  INVALID_CREDENTIALS: [401, 'The credentials are wrong, or the owner is disabled.'],
  LOGIN_REQUIRED: [401, 'Nobody is logged in, or the session has ended.'],
  CROSS_ORIGIN: [403, 'A page of another origin sent this request.'],
  CURRENT_PASSWORD_WRONG: [403, 'The current password is wrong.'],
  NOT_FOUND: [404, 'There is no such route, or it is switched off.'],
  OWNER_NOT_FOUND: [404, 'There is no owner with the name or id that the operator gave.'],
  SESSION_NOT_FOUND: [404, 'The owner has no session with this id.'],
  APPNAME_TAKEN: [409, 'Another application has this name.'],
  USERNAME_TAKEN: [409, 'Another user has this name.'],
  PASSWORD_KEPT_ELSEWHERE: [409, 'A trust point keeps the password of this owner.'],
  BODY_TOO_LARGE: [413, 'The body is too large.'],
  UNSUPPORTED_MEDIA_TYPE: [415, 'The body is neither JSON nor a form, or has an unknown charset or encoding.'],
  TOO_MANY_ATTEMPTS: [429, 'Too many attempts, here or at the trust point. `Retry-After` says when to try again.'],
  HEADER_TOO_LARGE: [431, 'A header is too long.'],
  INTERNAL: [500, 'Something failed. The log has the details, which clients are not told.'],
  INSECURE_REQUEST: [500, 'The cookie is only sent over HTTPS, and this request came over plain HTTP.'],
  SESSIONS_NOT_LISTED: [501, 'The session store cannot list the sessions of an owner.'],
  REMOTE_INVALID: [502, 'The trust point gave an answer that the protocol does not allow.'],
  REMOTE_UNAVAILABLE: [
    503,
    'The trust point cannot be reached, did not answer in time, or is not being asked for now.',
  ],
  STORE_UNAVAILABLE: [503, 'A session or an owner cannot be read or written right now.'],
  TOO_BUSY: [503, 'Too many passwords are being checked at once.'],
} as const satisfies Record<string, readonly [status: number, meaning: string]>

/** A code in {@link PROBLEM_CODES}. */
export type ProblemCode = keyof typeof PROBLEM_CODES

/** Extra facts about a {@link Problem}. */
export interface ProblemOptions {
  /** The error behind it: logged, never sent. */
  cause?: unknown
  /** Seconds after which trying again makes sense, sent as `Retry-After`. */
  retryAfter?: number
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
  override name = 'Problem'
  /** The mark by which {@link isProblem} recognizes problems of any copy of this code, and nothing else. */
  readonly [PROBLEM] = true
  readonly retryAfter: number | undefined

  constructor(
    /** HTTP status. */
    readonly status: number,
    /** What programs compare, in capitals: a {@link ProblemCode}, or one of your own. */
    readonly code: string,
    message: string,
    options: ProblemOptions = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.retryAfter = options.retryAfter
  }
}

/** 401: a login failed. The same for unknown, wrong and disabled, and for any model's fields (OWASP ASVS 6.3.8). */
export class InvalidCredentials extends Problem {
  override name = 'InvalidCredentials'
  constructor() {
    super(401, 'INVALID_CREDENTIALS', 'These credentials are wrong.')
  }
}

/** 401: this needs a login, and nobody is logged in. */
export class LoginRequired extends Problem {
  override name = 'LoginRequired'
  constructor() {
    super(401, 'LOGIN_REQUIRED', 'Log in first.')
  }
}

/** 400: what was sent cannot be anybody's credentials. */
export class InvalidCredentialsShape extends Problem {
  override name = 'InvalidCredentialsShape'
  constructor(detail: string) {
    super(400, 'INVALID_CREDENTIALS_SHAPE', detail)
  }
}

/** 429: too many attempts, here or at a trust point. */
export class TooManyAttempts extends Problem {
  override name = 'TooManyAttempts'
  /** @param retryAfter seconds */
  constructor(retryAfter: number, options?: ProblemOptions) {
    super(429, 'TOO_MANY_ATTEMPTS', 'Too many attempts. Try again later.', { ...options, retryAfter })
  }
}

/** 502: a trust point gave an answer that the protocol does not allow. */
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

/** 503: a session or an owner cannot be read or written right now. Says nothing about who is logged in. */
export class StoreUnavailable extends Problem {
  override name = 'StoreUnavailable'
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
