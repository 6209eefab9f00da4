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

/** A point of trust: an HTTP server on a free port that answers as a test says, and remembers what it was asked. */
export class TrustPoint {
  private constructor(
    readonly requests: TrustPointRequest[],
    private readonly listening: Listening,
  ) {}

  /** @param answer runs when the request has come in whole */
  static async start(answer: RequestListener): Promise<TrustPoint> {
    const requests: TrustPointRequest[] = []
    const listening = await listen((req, res) => {
      void buffer(req).then((body) => {
        const { method, url: path, headers } = req
        requests.push({ method, path, headers, body: body.length > 0 ? JSON.parse(body.toString()) : undefined })
        answer(req, res)
      })
    })
    return new TrustPoint(requests, listening)
  }

  /** One that always answers with this status and this value as JSON. */
  static answering(status: number, value?: unknown): Promise<TrustPoint> {
    return TrustPoint.start((_req, res) => {
      const body = value === undefined ? '' : JSON.stringify(value)
      res.writeHead(status, { 'content-type': 'application/json' }).end(body)
    })
  }

  /** As in `http://127.0.0.1:34567/api/login`. */
  get endpoint(): string {
    return `${this.listening.address}/api/login`
  }

  /** Ends it, whatever it has not answered yet. */
  async stop(): Promise<void> {
    await this.listening.stop()
  }
}
