import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { Server as HttpServer, createServer, type RequestListener } from 'node:http'
import { Server as TlsServer } from 'node:https'
import { connect, type AddressInfo, type Server } from 'node:net'

/** A server that listens on a free port. */
export interface Listening {
  /** As in `http://127.0.0.1:34567`. */
  readonly address: string
  /** Closes the port, and ends whatever is not answered yet. */
  readonly stop: () => Promise<void>
}

/** @param answering an HTTP server's listener, or a server of another kind */
export async function listen(answering: RequestListener | Server, host = '127.0.0.1'): Promise<Listening> {
  const server = typeof answering === 'function' ? createServer(answering) : answering
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  const { port } = server.address() as AddressInfo
  return {
    address: `${server instanceof TlsServer ? 'https' : 'http'}://${host}:${port}`,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve))
      if (server instanceof HttpServer || server instanceof TlsServer) server.closeAllConnections()
      await closed
    },
  }
}

/** Below the ephemeral ports, so that no other process is given one between its choice and its use. */
const [FIRST_PORT, LAST_PORT] = [10_000, 32_000]
const foundPorts = new Set<number>()

/** A port that nothing listens on, a different one each time. */
export async function findFreePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST_PORT, LAST_PORT)
    if (foundPorts.has(port)) continue
    foundPorts.add(port)
    const server = createServer()
    server.listen(port, '127.0.0.1')
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    )
    if (!isFree) continue
    await new Promise((resolve) => server.close(resolve))
    return port
  }
}

/** Whether something of this machine listens on a port. */
export function isReachable(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  return once(socket, 'connect').then(
    () => Boolean(socket.destroy()),
    () => false,
  )
}
