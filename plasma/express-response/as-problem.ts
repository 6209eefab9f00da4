import { Problem } from '../../context/errors'

/** What body-parser and Express call their refusals, and what a client is told instead: never a piece of its body. */
const REFUSALS: Record<string, [code: string, detail: string]> = {
  'entity.parse.failed': ['INVALID_BODY', 'The body cannot be parsed.'],
  'entity.too.large': ['BODY_TOO_LARGE', 'The body is too large.'],
  'encoding.unsupported': ['UNSUPPORTED_MEDIA_TYPE', 'This content encoding is not accepted.'],
  'charset.unsupported': ['UNSUPPORTED_MEDIA_TYPE', 'This charset is not accepted.'],
}

const INTERNAL: [code: string, detail: string] = ['INTERNAL', 'Something went wrong here.']

/** An error as a client may know it. Whatever is not meant for clients is a 500 that says nothing of the inside. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  const { status, code, type } = Object(error) as { status?: unknown; code?: unknown; type?: unknown }
  // A text in `code` is Node's own, as in ECONNREFUSED.
  if (isErrorStatus(code) && code >= 500) return new Problem(code, ...INTERNAL)
  const refusal = [code, status].find((number) => isErrorStatus(number) && number < 500)
  if (refusal === undefined) return new Problem(500, ...INTERNAL)
  const [name, detail] = REFUSALS[String(type)] ?? ['BAD_REQUEST', 'The request cannot be understood.']
  return new Problem(refusal as number, name, detail)
}

/**
 * What a route has chosen to answer an error with, as in organic-express-response: its `body`, where its `code` is a
 * status. The errors of body parsers and HTTP clients have a `body` or `response` too, which is for nobody's eyes.
 */
export function chosenBody(error: unknown): unknown {
  const { code, body } = Object(error) as { code?: unknown; body?: unknown }
  return isErrorStatus(code) ? body : undefined
}

function isErrorStatus(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 400 && value < 600
}
