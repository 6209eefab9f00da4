import { errors, request } from 'undici'
import { InvalidCredentialsShape, RemoteInvalid, RemoteUnavailable } from '../../context/errors'

/** How long, and how much, a trust point may answer. */
export interface AnswerLimits {
  /** Milliseconds. */
  timeout: number
  maxBytes: number
}

/** What came back from a trust point, unjudged. */
interface Answer {
  /** Scheme, host and port of the trust point, for messages. */
  origin: string
  status: number
  /** Nothing when there was more of it than allowed. */
  body: Buffer | undefined
}

/**
 * Logs in at a trust point: posts the credentials as JSON and judges the answer.
 *
 * @returns the owner's data as the trust point gave it, or nothing where it knows no such owner
 * @throws {RemoteInvalid} for an answer that is neither
 * @throws {RemoteUnavailable} when it cannot be reached, or does not answer in time
 */
export async function askTrustPoint(
  endpoint: string,
  credentials: object,
  limits: AnswerLimits,
): Promise<Record<string, unknown> | undefined> {
  return judge(await post(endpoint, credentials, limits))
}

/** Never follows a redirect: undici's `request` does not, and the credentials stay with the endpoint in the DNA. */
async function post(endpoint: string, credentials: object, { timeout, maxBytes }: AnswerLimits): Promise<Answer> {
  const { origin } = new URL(endpoint)
  const body = encode(credentials)
  const signal = AbortSignal.timeout(timeout)
  let response
  try {
    response = await request(endpoint, {
      method: 'POST',
      // The documented login route redirects whoever accepts HTML.
      headers: { accept: 'application/json', 'content-type': 'application/json' },
      body,
      signal,
    })
  } catch (cause) {
    if (cause instanceof errors.HTTPParserError) throw new RemoteInvalid(`The trust point ${origin} does not speak HTTP.`)
    throw new RemoteUnavailable(`The trust point ${origin} cannot be reached.`, { cause, retryAfter: 5 })
  }
  try {
    return { origin, status: response.statusCode, body: await read(response.body, maxBytes) }
  } catch (error) {
    // A parser's error holds what it could not parse, which may echo the credentials.
    const cause = error instanceof errors.HTTPParserError ? undefined : error
    throw new RemoteInvalid(`The answer of the trust point ${origin} broke off or came too late.`, { cause })
  }
}

function judge({ origin, status, body }: Answer): Record<string, unknown> | undefined {
  if (status === 401 || status === 403 || status === 404) return undefined
  if (status !== 200) throw new RemoteInvalid(`The trust point ${origin} answered with status ${status}.`)
  if (body === undefined) throw new RemoteInvalid(`The answer of the trust point ${origin} is too large.`)

  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    // Without a cause: a parser's message may quote what it could not parse.
    throw new RemoteInvalid(`The answer of the trust point ${origin} is not JSON.`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new RemoteInvalid(`The answer of the trust point ${origin} is not an object.`)
  }
  return value as Record<string, unknown>
}

function encode(credentials: object): string {
  try {
    return JSON.stringify(credentials)
  } catch {
    throw new InvalidCredentialsShape('The credentials cannot be sent as JSON.')
  }
}

/** @returns the body, or nothing when there is more of it than allowed */
async function read(stream: AsyncIterable<Buffer> & { destroy(): unknown }, maxBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream) {
    size += chunk.length
    if (size > maxBytes) {
      stream.destroy()
      return undefined
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
