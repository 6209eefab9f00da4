import { connect, createServer, type Socket } from 'node:net'
import { listen, type Listening } from './listening'

/** A network between a cell and a server, which tests break. */
export class TcpProxy {
  readonly #sockets = new Set<Socket>()
  readonly #held: (() => void)[] = []
  #listening: Listening | undefined
  #isHeld = false
  #wasAnswered = true
  /** How many connections it has taken. */
  connections = 0
  /** How often the cell has sent something after an answer. */
  roundTrips = 0

  /** How much longer each answer takes, in milliseconds. Whoever makes them faster again calls {@link cut}. */
  delay = 0
  /** How many parts of answers are delayed now, on connections that are open. */
  delayed = 0

  private constructor(private target: number) {}

  /** @param target the server's port */
  static async start(target: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(target)
    proxy.#listening = await listen(createServer({ allowHalfOpen: true }, (client) => proxy.#join(client)))
    return proxy
  }

  get port(): number {
    return Number(new URL(this.#listening?.address ?? '').port)
  }

  /** Takes what both sides send, and hands nothing over until {@link release}. */
  hold(): void {
    this.#isHeld = true
  }

  release(): void {
    this.#isHeld = false
    for (const go of this.#held.splice(0)) go()
  }

  /** Leads new connections to another server, and resets those to the former one. */
  switchTo(target: number): void {
    this.target = target
    this.cut()
  }

  /** Resets all connections. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  async stop(): Promise<void> {
    this.cut()
    await this.#listening?.stop()
  }

  #join(client: Socket): void {
    this.connections += 1
    const server = connect({ port: this.target, host: '127.0.0.1', allowHalfOpen: true })
    this.#pipe(client, server, () => {
      if (this.#wasAnswered) this.roundTrips += 1
      this.#wasAnswered = false
    })
    this.#pipe(server, client, () => (this.#wasAnswered = true), true)
  }

  #pipe(from: Socket, to: Socket, count: () => void, isAnswer = false): void {
    this.#sockets.add(from)
    const delayed = new Set<NodeJS.Timeout>()
    to.once('close', () => {
      this.delayed -= delayed.size
      for (const timer of delayed) clearTimeout(timer)
      delayed.clear()
    })
    const handOver = (work: () => void): void => {
      if (this.#isHeld) this.#held.push(work)
      else if (isAnswer && this.delay > 0) {
        const timer = setTimeout(() => {
          this.delayed -= 1
          delayed.delete(timer)
          work()
        }, this.delay)
        this.delayed += 1
        delayed.add(timer)
      } else work()
    }
    from.on('data', (bytes) => {
      count()
      handOver(() => to.write(bytes))
    })
    from.on('end', () => handOver(() => to.end()))
    from.on('error', () => undefined)
    from.on('close', () => {
      this.#sockets.delete(from)
      handOver(() => to.destroy())
    })
  }
}
