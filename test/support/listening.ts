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

/** A port that nothing listens on. */
export async function findFreePort(): Promise<number> {
  const { address, stop } = await listen(() => undefined)
  await stop()
  return Number(new URL(address).port)
}

/** Whether something of this machine listens on a port. */
export function isReachable(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  return once(socket, 'connect').then(
    () => Boolean(socket.destroy()),
    () => false,
  )
}
