import { CircuitState, ConsecutiveBreaker, bulkhead, circuitBreaker, handleAll, wrap } from 'cockatiel'
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Agent, errors, request } from 'undici'
import { DnaError, InvalidCredentialsShape, RemoteInvalid, RemoteUnavailable, messageOf } from '../../context/errors'
import type { SessionsDna } from './dna'
import { isRefusal, judge, type TrustAnswer } from './trust-answer'

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
    this.#agent = new Agent({ connections: dna.remoteMaxPending, connect: dna.remoteCaFile ? { ca: readCa(dna.remoteCaFile) } : {} })

    // A refusal does not count, whatever it is: who sends bad credentials must not be able to bring this about.
    const failing = handleAll.orWhenResult((answer) => (answer as TrustAnswer).status >= 500)
    const rest = dna.remoteRetrySeconds * 1000
    this.#breaker = circuitBreaker(failing, { halfOpenAfter: rest, breaker: new ConsecutiveBreaker(dna.remoteFailures) })
    this.#breaker.onBreak(() => (this.#restsUntil = Date.now() + rest))
    this.#policy = wrap(bulkhead(dna.remoteMaxPending), this.#breaker)
  }

  /**
   * Logs in there.
   *
   * @returns the owner's data as the trust point gave it, or nothing where it knows no such owner
   * @throws {RemoteInvalid} for an answer that is neither
   * @throws {RemoteUnavailable} when it cannot be reached, does not answer in time, or is left alone
   */
  async login(credentials: object): Promise<Record<string, unknown> | undefined> {
    const body = encode(credentials)
    // While one request tries whether it is back, the others do not wait for that.
    if (this.#breaker.state === CircuitState.HalfOpen) throw this.#unavailable('is not back yet')
    return judge(await this.#ask(body))
  }

  /** Closes the connections that are kept. */
  close(): Promise<void> {
    return this.#agent.destroy()
  }

  async #ask(body: string): Promise<TrustAnswer> {
    try {
      return await this.#policy.execute(() => this.#post(body))
    } catch (error) {
      if (error instanceof RemoteInvalid || error instanceof RemoteUnavailable) throw error
      throw this.#unavailable('is left alone for now')
    }
  }

  /** Follows no redirect (undici's `request` does not): the credentials are for the endpoint in the DNA alone. */
  async #post(body: string): Promise<TrustAnswer> {
    const signal = AbortSignal.timeout(this.#dna.remoteTimeout)
    let response
    try {
      response = await request(this.#endpoint, {
        method: 'POST',
        // The documented login route redirects whoever accepts HTML. A cell in production on the same machine refuses
        // logins over plain HTTP, and trusts this one as it trusts a proxy.
        headers: { accept: 'application/json', 'content-type': 'application/json', 'x-forwarded-proto': 'https' },
        body,
        signal,
        dispatcher: this.#agent,
      })
    } catch (cause) {
      if (isBadAnswer(cause)) throw new RemoteInvalid(`The trust point ${this.#origin} does not answer as HTTP has it.`)
      throw this.#unavailable('cannot be reached', cause)
    }
    const { statusCode: status } = response
    try {
      return { origin: this.#origin, status, body: await read(response.body, this.#dna.remoteMaxBytes) }
    } catch (error) {
      // Whatever came with it, no such owner is known there.
      if (isRefusal(status)) return { origin: this.#origin, status, body: undefined }
      const cause = isBadAnswer(error) ? undefined : error
      throw new RemoteInvalid(`The answer of the trust point ${this.#origin} broke off or came too late.`, { cause })
    }
  }

  #unavailable(what: string, cause?: unknown): RemoteUnavailable {
    const rest = Math.ceil((this.#restsUntil - Date.now()) / 1000)
    return new RemoteUnavailable(`The trust point ${this.#origin} ${what}.`, { cause, retryAfter: Math.max(rest, 1) })
  }
}

/** Whether something did answer, and not as it should have. These errors hold what came, which may echo the credentials. */
function isBadAnswer(error: unknown): boolean {
  return [errors.HTTPParserError, errors.HeadersOverflowError, errors.ResponseContentLengthMismatchError].some((kind) => error instanceof kind)
}

function encode(credentials: object): string {
  try {
    return JSON.stringify(credentials)
  } catch {
    throw new InvalidCredentialsShape('The credentials cannot be sent as JSON.')
  }
}

function readCa(file: string): Buffer {
  try {
    const pem = readFileSync(resolve(file))
    new X509Certificate(pem)
    return pem
  } catch (cause) {
    throw new DnaError('remoteCaFile', messageOf(cause), { cause })
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
