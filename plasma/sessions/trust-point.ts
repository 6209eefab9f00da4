import { CircuitState, ConsecutiveBreaker, bulkhead, circuitBreaker, handleAll, wrap } from 'cockatiel'
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { Agent, errors, request } from 'undici'
import { RemoteInvalid, RemoteUnavailable, blameKey, isProblem, type TrustPointStatus } from '../../context/cell'
import type { TrustOptions } from './dna'
import { invalidAnswer, judgeAnswer, type TrustAnswer } from './trust-answer'

export type OnAsked = (asked: Pick<Organic.Chemical<'TrustPointAsked'>, 'name' | 'ms' | 'answered'>) => void

/**
 * A single point of trust: another service, which is asked about credentials that this cell cannot check. While it is slow
 * or down, the number of requests that wait for it is bounded. After some failures in a row it is not asked for a while.
 */
export class TrustPoint implements TrustPointStatus {
  readonly name: string
  readonly endpoint: string
  ms: number | undefined
  readonly #onAsked: OnAsked | undefined
  readonly #origin: string
  readonly #timeout: number
  readonly #agent: Agent
  readonly #breaker
  readonly #policy
  /** When the breaker lets the next request through, by `Date.now`, which cockatiel uses too. */
  #retryAt = 0

  /**
   * @param onAsked is called whenever it was asked
   * @throws {DnaError} if the file with the certificate authority cannot be read
   */
  constructor(endpoint: string, options: TrustOptions, name = 'users', onAsked?: OnAsked) {
    const { remoteTimeout, remoteMaxBytes, remoteMaxPending, remoteFailures, remoteRetrySeconds, remoteCaFile } =
      options
    this.name = name
    this.endpoint = endpoint
    this.#onAsked = onAsked
    this.#origin = new URL(endpoint).origin
    this.#timeout = remoteTimeout
    // Whatever NODE_TLS_REJECT_UNAUTHORIZED says (OWASP ASVS 12.3.2).
    const connect = {
      rejectUnauthorized: true,
      ...(remoteCaFile && { ca: blameKey('remoteCaFile', () => readCa(remoteCaFile)) }),
    }
    this.#agent = new Agent({ connections: remoteMaxPending, maxResponseSize: remoteMaxBytes, connect })

    // Only a missing answer is a failure. Credentials can provoke a 400, 429 or 500, and a client that sends such credentials
    // must not shut out everybody else.
    const pause = remoteRetrySeconds * 1000
    const breaker = new ConsecutiveBreaker(remoteFailures)
    this.#breaker = circuitBreaker(handleAll, { halfOpenAfter: pause, breaker })
    this.#breaker.onBreak(() => (this.#retryAt = Date.now() + pause))
    this.#policy = wrap(bulkhead(remoteMaxPending), this.#breaker)
  }

  /**
   * Asks who has these credentials.
   *
   * @param address the client's. A trust point that believes this cell throttles by it
   * @returns the owner's data as the trust point sent it, or nothing if no owner there has these credentials
   * @throws {RemoteInvalid} for any other answer
   * @throws {RemoteUnavailable} if it cannot be reached, does not answer in time, or has failed repeatedly
   * @throws {Problem} 429 if it has seen too many attempts
   */
  async login(credentials: object, address?: string): Promise<Record<string, unknown> | undefined> {
    // While one request tries whether it is back, others do not wait.
    if (this.#breaker.state === CircuitState.HalfOpen) throw this.#unavailable('is not back yet')
    return judgeAnswer(await this.#ask(JSON.stringify(credentials), address))
  }

  /** What the breaker does with the next request. */
  get state(): TrustPointStatus['state'] {
    if (this.#breaker.state === CircuitState.Closed) return 'closed'
    return this.#breaker.state === CircuitState.Open && Date.now() < this.#retryAt ? 'open' : 'half-open'
  }

  /** Makes the error for an invalid answer. @param what as in `names no application` */
  invalid(what: string): RemoteInvalid {
    return invalidAnswer(what, this.#origin)
  }

  /** Closes all connections. */
  close(): Promise<void> {
    return this.#agent.destroy()
  }

  async #ask(body: string, address: string | undefined): Promise<TrustAnswer> {
    try {
      return await this.#policy.execute(() => this.#measure(() => this.#post(body, address)))
    } catch (error) {
      // Anything else is the breaker or the bulkhead, which refused to ask.
      throw isProblem(error) ? error : this.#unavailable('has failed repeatedly and is not being asked right now')
    }
  }

  async #measure(work: () => Promise<TrustAnswer>): Promise<TrustAnswer> {
    const startedAt = performance.now()
    const report = (answered: boolean): void => {
      this.ms = Math.round(performance.now() - startedAt)
      this.#onAsked?.({ name: this.name, ms: this.ms, answered })
    }
    try {
      const answer = await work()
      report(true)
      return answer
    } catch (error) {
      report(false)
      throw error
    }
  }

  /** Follows no redirect (undici's `request` does not): the credentials are for the endpoint in DNA alone. */
  async #post(sent: string, address: string | undefined): Promise<TrustAnswer> {
    const signal = AbortSignal.timeout(this.#timeout)
    const headers = headersFor(address)
    let response
    try {
      response = await request(this.endpoint, { method: 'POST', headers, body: sent, signal, dispatcher: this.#agent })
    } catch (cause) {
      if (isMalformed(cause)) throw this.invalid('is not HTTP')
      throw this.#unavailable('cannot be reached', cause)
    }
    const { statusCode: status, body } = response
    const answer = { origin: this.#origin, status, retryAfter: response.headers['retry-after'] }
    if (status !== 200) {
      // Drains the body in the background, so that the connection can be used again.
      body.dump().catch(() => undefined)
      return answer
    }
    try {
      return { ...answer, body: await body.arrayBuffer() }
    } catch (error) {
      if (error instanceof errors.ResponseExceededMaxSizeError) return answer
      throw invalidAnswer('broke off or came too late', this.#origin, isMalformed(error) ? undefined : error)
    }
  }

  #unavailable(what: string, cause?: unknown): RemoteUnavailable {
    const seconds = Math.ceil((this.#retryAt - Date.now()) / 1000)
    return new RemoteUnavailable(`The trust point ${what}.`, {
      cause: new Error(this.#origin, { cause }),
      retryAfter: Math.max(seconds, 1),
    })
  }
}

function headersFor(address: string | undefined): Record<string, string> {
  return {
    // The documented login route redirects clients that accept HTML.
    accept: 'application/json',
    'content-type': 'application/json',
    // A production cell on the same machine would refuse a login over plain HTTP. It trusts this cell like a proxy.
    'x-forwarded-proto': 'https',
    // A proxy may have passed on something that is not an address.
    ...(address !== undefined && isIP(address) > 0 && { 'x-forwarded-for': address }),
  }
}

/** Whether an answer was not valid HTTP. Such an error contains the answer, which may echo the credentials. */
function isMalformed(error: unknown): boolean {
  const kinds = [errors.HTTPParserError, errors.HeadersOverflowError, errors.ResponseContentLengthMismatchError]
  return kinds.some((kind) => error instanceof kind)
}

function readCa(file: string): Buffer {
  const pem = readFileSync(file)
  new X509Certificate(pem)
  return pem
}
