import { connect, type Socket } from 'node:net'

/** An answer, its body as it came. */
export interface HttpAnswer {
  status: number
  body: string
}

/**
 * A connection that is kept alive, with one request at a time. It does only what measuring needs, because a client that costs
 * more than the server would measure itself.
 *
 * @example
 * const connection = new HttpConnection('http://127.0.0.1:1337')
 * await connection.send(requestOf({ path: '/api/me', cookie: '' })) // { status: 401, body: '…' }
 * connection.close()
 */
export class HttpConnection {
  readonly #host: string
  readonly #port: number
  #socket: Socket | undefined
  #received = Buffer.alloc(0)
  #waiting: { resolve: (answer: HttpAnswer) => void; reject: (error: Error) => void } | undefined

  constructor(address: string) {
    const { hostname, port } = new URL(address)
    this.#host = hostname
    this.#port = Number(port)
  }

  /**
   * Sends a request, on a new connection if the server has closed the last one.
   *
   * @throws {Error} if the connection ends before the answer
   */
  send(request: Buffer): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.#socket ??= this.#open()
      this.#socket.write(request)
    })
  }

  close(): void {
    this.#socket?.destroy()
  }

  #open(): Socket {
    this.#received = Buffer.alloc(0)
    const socket = connect({ host: this.#host, port: this.#port, noDelay: true })
    const fail = (error: Error): void => {
      socket.destroy()
      if (this.#socket !== socket) return
      this.#socket = undefined
      this.#waiting?.reject(error)
      this.#waiting = undefined
    }
    socket.on('error', fail)
    socket.on('close', () => {
      fail(new Error('the server has closed the connection'))
    })
    socket.on('data', (data) => {
      this.#received = this.#received.length === 0 ? data : Buffer.concat([this.#received, data])
      try {
        this.#read(socket)
      } catch (error) {
        fail(error as Error)
      }
    })
    return socket
  }

  #read(socket: Socket): void {
    const end = this.#received.indexOf('\r\n\r\n')
    if (end < 0) return
    const head = this.#received.toString('latin1', 0, end)
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
    if (length === undefined) throw new Error(`an answer without Content-Length: ${head}`)
    const size = end + 4 + Number(length)
    if (this.#received.length < size) return
    const body = this.#received.toString('utf8', end + 4, size)
    this.#received = this.#received.subarray(size)
    if (/\r\nconnection: *close/i.test(head)) {
      this.#socket = undefined
      socket.destroy()
    }
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.resolve({ status: Number(head.slice(9, 12)), body })
  }
}

/** The bytes of a request for JSON. With a body it is a POST. */
export function requestOf({ path, cookie, body }: { path: string; cookie: string; body?: string }): Buffer {
  const lines = [
    `${body === undefined ? 'GET' : 'POST'} ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Accept: application/json',
  ]
  if (cookie) lines.push(`Cookie: ${cookie}`)
  if (body !== undefined) lines.push('Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`)
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body ?? ''}`)
}
