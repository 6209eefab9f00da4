import { connect, type Socket } from 'node:net'

/** A connection that sends requests without waiting for answers. */
export class Pipeline {
  readonly #socket: Socket
  #rest = ''
  readonly #statuses: number[] = []

  /** @param address as in `http://127.0.0.1:1337` */
  constructor(address = '') {
    const { hostname, port } = new URL(address)
    this.#socket = connect(Number(port), hostname)
    this.#socket
      .on('error', () => undefined)
      .on('data', (data: Buffer) => {
        const text = this.#rest + data.toString('latin1')
        this.#statuses.push(...[...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status)))
        // This may be the beginning of a status line.
        this.#rest = text.slice(-11)
      })
  }

  /**
   * @param body sent as JSON in a POST; without it, a GET
   * @param from the address in `X-Forwarded-For`
   */
  send(count: number, path: string, body: object | undefined, from: string, cookie?: string): this {
    const json = body === undefined ? '' : JSON.stringify(body)
    const own = cookie === undefined ? '' : `\r\nCookie: ${cookie}`
    const headers = `Host: localhost\r\nAccept: application/json\r\nX-Forwarded-For: ${from}${own}`
    const content = body === undefined ? '' : `\r\nContent-Type: application/json\r\nContent-Length: ${json.length}`
    this.#socket.write(
      `${body === undefined ? 'GET' : 'POST'} ${path} HTTP/1.1\r\n${headers}${content}\r\n\r\n${json}`.repeat(count),
    )
    return this
  }

  /** Stops reading. */
  pause(): this {
    this.#socket.pause()
    return this
  }

  /** Waits for this many answers. @returns their statuses */
  statuses(count: number): Promise<number[]> {
    return new Promise((resolve, reject) => {
      const close = (): void => {
        reject(new Error('the connection is closed'))
      }
      const look = (): void => {
        if (this.#statuses.length < count) return
        this.#socket.off('data', look).off('close', close)
        resolve(this.#statuses.slice(0, count))
      }
      this.#socket.on('data', look).on('close', close)
      look()
    })
  }

  hangUp(): void {
    this.#socket.destroy()
  }
}
