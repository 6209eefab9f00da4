import type { IncomingHttpHeaders, RequestListener } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { listen, type Listening } from './listening'

/** A request that a trust point got, its body parsed. */
export interface TrustPointRequest {
  method: string | undefined
  path: string | undefined
  headers: IncomingHttpHeaders
  body: unknown
}

/** A trust point: an HTTP server on a free port that answers as a test says, and remembers what it was asked. */
export class TrustPoint {
  private constructor(
    readonly requests: TrustPointRequest[],
    /** Answers a request once its body has arrived. A test may replace it. */
    public answer: RequestListener,
  ) {}
  #listening: Listening | undefined

  static async start(answer: RequestListener): Promise<TrustPoint> {
    const point = new TrustPoint([], answer)
    point.#listening = await listen((req, res) => {
      void buffer(req).then((body) => {
        const { method, url: path, headers } = req
        point.requests.push({ method, path, headers, body: body.length > 0 ? JSON.parse(body.toString()) : undefined })
        point.answer(req, res)
      })
    })
    return point
  }

  /** One that answers with this status, and with this value as JSON, until {@link answer} is replaced. */
  static answering(status: number, value?: unknown): Promise<TrustPoint> {
    return TrustPoint.start(sendsJson(status, value))
  }

  /** As in `http://127.0.0.1:34567/api/login`. */
  get endpoint(): string {
    return `${this.#listening?.address ?? ''}/api/login`
  }

  /** The bodies that it was sent since the last time that this was called. */
  takeBodies(): unknown[] {
    return this.requests.splice(0).map(({ body }) => body)
  }

  /** Stops it, whatever it has not answered yet. */
  async stop(): Promise<void> {
    await this.#listening?.stop()
  }
}

/** Answers with a status, and with a value as JSON. */
export function sendsJson(status: number, value?: unknown): RequestListener {
  return sends(status, value === undefined ? '' : JSON.stringify(value), { 'content-type': 'application/json' })
}

export function sends(
  status: number,
  body: string | Buffer = '',
  headers: Record<string, string> = {},
): RequestListener {
  return (_req, res) => void res.writeHead(status, headers).end(body)
}
