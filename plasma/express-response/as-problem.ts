import { STATUS_CODES } from 'node:http'
import { Problem, isProblem } from '../../context/cell'

/** The refusals of body-parser by their type, and what a client gets instead: never a part of its body. */
const REFUSALS: Record<string, [code: string, detail: string]> = {
  'entity.parse.failed': ['INVALID_BODY', 'The body cannot be parsed.'],
  'entity.too.large': ['BODY_TOO_LARGE', 'The body is too large.'],
  'encoding.unsupported': ['UNSUPPORTED_MEDIA_TYPE', 'This content encoding is not accepted.'],
  'charset.unsupported': ['UNSUPPORTED_MEDIA_TYPE', 'This charset is not accepted.'],
}

const INTERNAL: [code: string, detail: string] = ['INTERNAL', 'Something went wrong here.']

/**
 * The error as clients see it.
 *
 * @returns the error itself if it is a problem, whatever its class; otherwise a problem that quotes nothing of the error
 */
export function asProblem(error: unknown): Problem {
  if (isProblem(error)) return error
  const { status, code, type } = Object(error) as { status?: unknown; code?: unknown; type?: unknown }
  if (isErrorStatus(code) && code >= 500) return new Problem(code, ...INTERNAL)
  const refusal = [code, status].find((number) => isErrorStatus(number) && number < 500) as number | undefined
  if (refusal === undefined) return new Problem(500, ...INTERNAL)
  return new Problem(refusal, ...(REFUSALS[String(type)] ?? describeStatus(refusal)))
}

/**
 * The answer that a route chose for an error, as in organic-express-response: its `body`, if its `code` is a status. Without
 * such a code, the `body` is that of a body parser or an HTTP client, which clients must not see.
 */
export function findChosenBody(error: unknown): unknown {
  const { code, body } = Object(error) as { code?: unknown; body?: unknown }
  return isErrorStatus(code) ? body : undefined
}

function describeStatus(status: number): [code: string, detail: string] {
  const title = STATUS_CODES[status]
  if (status === 400 || title === undefined) return ['BAD_REQUEST', 'The request cannot be understood.']
  return [title.toUpperCase().replace(/\W+/g, '_'), `${title}.`]
}

function isErrorStatus(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 400 && value < 600
}
