import { CircuitState, ConsecutiveBreaker, bulkhead, circuitBreaker, handleAll, wrap } from 'cockatiel'
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { Agent, errors, request } from 'undici'
import { DnaError, RemoteInvalid, RemoteUnavailable, messageOf } from '../../context/cell'
import type { SessionsDna } from './dna'
import { invalidAnswer, judge, type TrustAnswer } from './trust-answer'

/**
 * A single point of trust: where credentials are asked about that this cell cannot judge itself. One that is slow or
 * down costs this cell a bounded number of waiting requests, and after some failures none: it is then left alone for
 * a while.
 */
export class TrustPoint {
  readonly #endpoint: string
  readonly #origin: string
  readonly #dna: SessionsDna
  readonly #agent: Agent
  readonly #breaker
  readonly #policy
  #restsUntil = 0

  /** @throws {DnaError} when the file with the certificate authority cannot be read */
  constructor(endpoint: string, dna: SessionsDna) {
    this.#endpoint = endpoint
    this.#origin = new URL(endpoint).origin
    this.#dna = dna
    // Whatever NODE_TLS_REJECT_UNAUTHORIZED says (OWASP ASVS 12.3.2).
    const connect = { rejectUnauthorized: true, ...(dna.remoteCaFile && { ca: readCa(dna.remoteCaFile) }) }
    this.#agent = new Agent({ connections: dna.remoteMaxPending, connect })

    // Only requests without an answer are failures. Credentials may cause a 400, 429 or 500, and a client that sends such
    // credentials must not lock out everybody else.
    const rest = dna.remoteRetrySeconds * 1000
    this.#breaker = circuitBreaker(handleAll, {
      halfOpenAfter: rest,
      breaker: new ConsecutiveBreaker(dna.remoteFailures),
    })
    this.#breaker.onBreak(() => (this.#restsUntil = Date.now() + rest))
    this.#policy = wrap(bulkhead(dna.remoteMaxPending), this.#breaker)
  }

  /**
   * Logs in there.
   *
   * @param address the client's, by which a trust point that believes this cell throttles
   * @returns the owner's data as the trust point gave it, or nothing where it knows no such owner
   * @throws {RemoteInvalid} for an answer that is neither
   * @throws {RemoteUnavailable} if it cannot be reached, does not answer in time, or is not asked for now
   * @throws {Problem} 429 if it has seen too many attempts
   */
  async login(credentials: object, address?: string): Promise<Record<string, unknown> | undefined> {
    // While one request tries whether it is back, the others do not wait for that.
    if (this.#breaker.state === CircuitState.HalfOpen) throw this.#unavailable('is not back yet')
    return judge(await this.#ask(JSON.stringify(credentials), address))
  }

  /** The error for an invalid answer of this trust point. @param what as in `names no application` */
  invalid(what: string): RemoteInvalid {
    return invalidAnswer(what, this.#origin)
  }

  /** Closes the connections that are kept. */
  close(): Promise<void> {
    return this.#agent.destroy()
  }

  async #ask(body: string, address: string | undefined): Promise<TrustAnswer> {
    try {
      return await this.#policy.execute(() => this.#post(body, address))
    } catch (error) {
      if (error instanceof RemoteInvalid || error instanceof RemoteUnavailable) throw error
      throw this.#unavailable('is left alone for now')
    }
  }

  /** Follows no redirect (undici's `request` does not): the credentials are for the endpoint in the DNA alone. */
  async #post(sent: string, address: string | undefined): Promise<TrustAnswer> {
    const signal = AbortSignal.timeout(this.#dna.remoteTimeout)
    let response
    try {
      response = await request(this.#endpoint, {
        method: 'POST',
        headers: headersFor(address),
        body: sent,
        signal,
        dispatcher: this.#agent,
      })
    } catch (cause) {
      if (isBadAnswer(cause)) throw this.invalid('is not HTTP')
      throw this.#unavailable('cannot be reached', cause)
    }
    const { statusCode: status, headers, body } = response
    const answer = { origin: this.#origin, status, retryAfter: headers['retry-after'] }
    if (status !== 200) {
      // The body is drained, without waiting, to reuse the connection.
      body.dump({ limit: this.#dna.remoteMaxBytes }).catch(() => undefined)
      return answer
    }
    try {
      return { ...answer, body: await read(body, this.#dna.remoteMaxBytes) }
    } catch (error) {
      throw invalidAnswer('broke off or came too late', this.#origin, isBadAnswer(error) ? undefined : error)
    }
  }

  #unavailable(what: string, cause?: unknown): RemoteUnavailable {
    const rest = Math.ceil((this.#restsUntil - Date.now()) / 1000)
    return new RemoteUnavailable(`The trust point ${what}.`, {
      cause: new Error(this.#origin, { cause }),
      retryAfter: Math.max(rest, 1),
    })
  }
}

function headersFor(address: string | undefined): Record<string, string> {
  return {
    // The documented login route redirects whoever accepts HTML.
    accept: 'application/json',
    'content-type': 'application/json',
    // A production cell on the same machine would refuse a login over plain HTTP. It trusts this cell like a proxy.
    'x-forwarded-proto': 'https',
    // A proxy may have passed on something that is not an address.
    ...(address !== undefined && isIP(address) > 0 && { 'x-forwarded-for': address }),
  }
}

/** Whether an answer came that is not valid HTTP. These errors contain the answer, which may echo the credentials. */
function isBadAnswer(error: unknown): boolean {
  return [errors.HTTPParserError, errors.HeadersOverflowError, errors.ResponseContentLengthMismatchError].some(
    (kind) => error instanceof kind,
  )
}

function readCa(file: string): Buffer {
  try {
    const pem = readFileSync(file)
    new X509Certificate(pem)
    return pem
  } catch (cause) {
    throw new DnaError('remoteCaFile', messageOf(cause), { cause })
  }
}

/** @returns the body, or nothing when there is more of it than allowed */
async function read(
  stream: AsyncIterable<Buffer> & { destroy(): unknown },
  maxBytes: number,
): Promise<Buffer | undefined> {
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
