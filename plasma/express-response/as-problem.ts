import { Problem } from '../../context/errors'

/** What body-parser and Express call their refusals, and what a client is told instead: never a piece of its body. */
const REFUSALS: Record<string, [code: string, detail: string]> = {
  'entity.parse.failed': ['INVALID_BODY', 'The body cannot be parsed.'],
  'entity.too.large': ['BODY_TOO_LARGE', 'The body is too large.'],
  'encoding.unsupported': ['UNSUPPORTED_MEDIA_TYPE', 'This content encoding is not accepted.'],
  'charset.unsupported': ['UNSUPPORTED_MEDIA_TYPE', 'This charset is not accepted.'],
}

/** An error as a client may know it. Whatever is not meant for clients is a 500 that says nothing of the inside. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  const { status, type } = Object(error) as { status?: unknown; type?: unknown }
  if (Number.isInteger(status) && typeof status === 'number' && status >= 400 && status < 500) {
    const [code, detail] = REFUSALS[String(type)] ?? ['BAD_REQUEST', 'The request cannot be understood.']
    return new Problem(status, code, detail)
  }
  return new Problem(500, 'INTERNAL', 'Something went wrong here.')
}
