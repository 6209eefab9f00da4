import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { Socket } from 'node:net'

/** How long a client may keep its connection busy, in milliseconds. */
export interface ConnectionTimeouts {
  /** For receiving a whole request, from its first byte. A connection that sends nothing is closed after the same time. */
  requestTimeout: number
  /** How long a client may read nothing of a waiting answer. */
  answerTimeout: number
  /** For requests in flight, once the server stops. */
  stopTimeout: number
}

/** A server whose connections end in bounded time, whatever their clients do. */
export interface BoundedServer {
  readonly server: Server
  /** Closes connections that are idle or half-sent at once, and all others after their answers or `stopTimeout`. */
  readonly endConnections: () => void
}

/** Node checks for late requests this many times per `requestTimeout`. */
const CHECKS = 6
/** Milliseconds that a connection may stay idle after an answer. */
const KEEP_ALIVE_TIMEOUT = 5000
/** For all headers of a request together, in bytes. */
const MAX_HEADER_SIZE = 16_384
/** Unanswered requests per connection. Node itself starts every request that a client pipelines. */
export const MAX_PIPELINED = 32

/** Creates an HTTP server that does not wait for clients that are slow, send nothing or read nothing. */
export function createBoundedServer(
  listener: RequestListener,
  { requestTimeout, answerTimeout, stopTimeout }: ConnectionTimeouts,
): BoundedServer {
  const server = closableTwice(
    createServer({
      headersTimeout: requestTimeout,
      requestTimeout,
      connectionsCheckingInterval: Math.ceil(requestTimeout / CHECKS),
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT,
      maxHeaderSize: MAX_HEADER_SIZE,
    }),
  )
  const unanswered = new Map<Socket, Set<IncomingMessage>>()
  let isStopping = false

  server.on('connection', (socket: Socket) => {
    unanswered.set(socket, new Set())
    socket.once('close', () => unanswered.delete(socket))
    if (isStopping) socket.destroy()
  })

  server.on('request', (req, res) => {
    const { socket } = req
    const requests = unanswered.get(socket)
    // Node keeps parsing what it has read, even if the connection is gone.
    if (!requests || socket.destroyed) return
    if (requests.size >= MAX_PIPELINED) {
      socket.destroy()
      return
    }
    requests.add(req)
    res.once('close', () => {
      requests.delete(req)
      if (isStopping) endIfAnswered(socket, requests)
    })
    listener(req, res)
  })

  // Node's default would also cut off clients that wait for a slow route.
  server.setTimeout(answerTimeout, (socket) => {
    const isWaitingForRoute = (unanswered.get(socket)?.size ?? 0) > 0 && socket.writableLength === 0
    if (isWaitingForRoute) socket.setTimeout(answerTimeout)
    else socket.destroy()
  })

  return {
    server,
    endConnections() {
      isStopping = true
      for (const [socket, requests] of unanswered) endIfAnswered(socket, requests)
      if (unanswered.size === 0) return
      const timer = setTimeout(() => {
        for (const socket of unanswered.keys()) socket.destroy()
      }, stopTimeout)
      server.once('close', () => {
        clearTimeout(timer)
      })
    },
  }
}

/** Ignores incomplete requests, whose clients may never send the rest. */
function endIfAnswered(socket: Socket, requests: Set<IncomingMessage>): void {
  if (![...requests].some(({ complete }) => complete)) socket.destroySoon()
}

/**
 * Lets others who share the server close it too, as organic-socketio-server does. In Node, closing it twice is an error,
 * and so is closing it before it listens: it would listen all the same. Here, it then closes as soon as it listens.
 */
function closableTwice(server: Server): Server {
  const close = server.close.bind(server)
  let state: 'open' | 'closing' | 'closed' = 'open'
  server.once('close', () => {
    state = 'closed'
  })
  server.close = (done) => {
    if (state === 'open' && server.listening) {
      state = 'closing'
      return close(done)
    }
    if (state === 'open') {
      server.once('listening', () => close())
      state = 'closed'
    }
    if (state === 'closed') done?.()
    else if (done)
      server.once('close', () => {
        done()
      })
    return server
  }
  return server
}
