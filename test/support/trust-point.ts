import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** A request that a trust point got, its body parsed. */
export interface TrustPointRequest {
  method: string | undefined
  path: string | undefined
  headers: IncomingHttpHeaders
  body: unknown
}

/** A point of trust: an HTTP server on a free port that answers as a test says, and remembers what it was asked. */
export class TrustPoint {
  readonly requests: TrustPointRequest[] = []
  readonly #server: Server

  private constructor(answer: RequestListener) {
    this.#server = createServer((req, res) => {
      void buffer(req).then((body) => {
        const { method, url: path, headers } = req
        this.requests.push({ method, path, headers, body: body.length > 0 ? JSON.parse(body.toString()) : undefined })
        answer(req, res)
      })
    })
  }

  /** @param answer runs when the request has come in whole */
  static async start(answer: RequestListener): Promise<TrustPoint> {
    const point = new TrustPoint(answer)
    await new Promise<void>((resolve) => point.#server.listen(0, '127.0.0.1', resolve))
    return point
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
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/api/login`
  }

  /** Ends it, whatever it has not answered yet. */
  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
  }
}
