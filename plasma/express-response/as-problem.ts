import { STATUS_CODES } from 'node:http'
import { Problem } from '../../context/cell'

/** What body-parser and Express call their refusals, and what a client is told instead: never a piece of its body. */
const REFUSALS: Record<string, [code: string, detail: string]> = {
  'entity.parse.failed': ['INVALID_BODY', 'The body cannot be parsed.'],
  'entity.too.large': ['BODY_TOO_LARGE', 'The body is too large.'],
  'encoding.unsupported': ['UNSUPPORTED_MEDIA_TYPE', 'This content encoding is not accepted.'],
  'charset.unsupported': ['UNSUPPORTED_MEDIA_TYPE', 'This charset is not accepted.'],
}

const INTERNAL: [code: string, detail: string] = ['INTERNAL', 'Something went wrong here.']

/** The error as clients see it. One that is not meant for them becomes a 500 without details. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  const { status, code, type } = Object(error) as { status?: unknown; code?: unknown; type?: unknown }
  // A string in `code` is Node's own, as in ECONNREFUSED.
  if (isErrorStatus(code) && code >= 500) return new Problem(code, ...INTERNAL)
  const refusal = [code, status].find((number) => isErrorStatus(number) && number < 500)
  if (refusal === undefined) return new Problem(500, ...INTERNAL)
  const [name, detail] = REFUSALS[String(type)] ?? refusalOf(refusal as number)
  return new Problem(refusal as number, name, detail)
}

/**
 * The answer that a route chose for an error, as in organic-express-response: its `body`, if its `code` is a status. Without
 * such a code, a `body` is that of a body parser or an HTTP client, which clients must not see.
 */
export function chosenBody(error: unknown): unknown {
  const { code, body } = Object(error) as { code?: unknown; body?: unknown }
  return isErrorStatus(code) ? body : undefined
}

/** Named after its status, as in `NOT_FOUND`. */
function refusalOf(status: number): [code: string, detail: string] {
  const title = STATUS_CODES[status]
  if (status === 400 || title === undefined) return ['BAD_REQUEST', 'The request cannot be understood.']
  return [title.toUpperCase().replace(/\W+/g, '_'), `${title}.`]
}

function isErrorStatus(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 400 && value < 600
}
