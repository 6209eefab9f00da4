import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { Socket } from 'node:net'
import type { MessageClasses } from './message-classes'

/** How long a connection may stay busy, in milliseconds. */
export interface ConnectionTimeouts {
  /** For receiving a complete request. A connection that sends nothing is closed after the same time. */
  requestTimeout: number
  /** For a client that has an answer to read and reads nothing. */
  answerTimeout: number
  /** For requests in flight once the server stops. */
  stopTimeout: number
}

/** A server that closes every connection in bounded time, whatever its client does. */
export interface BoundedServer {
  readonly server: Server
  /** From now on, ends each connection with its answer, so that clients open the next one elsewhere. */
  readonly drainConnections: () => void
  /** Closes idle and half-sent connections at once, and all others after their answers or `stopTimeout`. */
  readonly endConnections: () => void
}

/** How many times per `requestTimeout` Node checks for late requests. */
const CHECKS = 6
/** Milliseconds for which a connection may stay idle after an answer. */
const KEEP_ALIVE_TIMEOUT = 5000
/** Bytes, for all headers of a request together. */
const MAX_HEADER_SIZE = 16_384
/** Unanswered requests per connection. Node itself has no limit. */
export const MAX_PIPELINED = 32

/**
 * Creates an HTTP server that does not wait for clients that are slow, send nothing or read nothing.
 *
 * @param classes of requests and responses, if not Node's own
 * @example
 * const { server, endConnections } = createBoundedServer(app, { requestTimeout: 30_000, answerTimeout: 30_000, stopTimeout: 5000 })
 * server.listen(1337)
 */
export function createBoundedServer(
  listener: RequestListener,
  { requestTimeout, answerTimeout, stopTimeout }: ConnectionTimeouts,
  classes?: MessageClasses,
): BoundedServer {
  const server = allowClosingTwice(
    createServer({
      ...classes,
      headersTimeout: requestTimeout,
      requestTimeout,
      connectionsCheckingInterval: Math.ceil(requestTimeout / CHECKS),
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT,
      maxHeaderSize: MAX_HEADER_SIZE,
    }),
  )
  const unanswered = new Map<Socket, Set<IncomingMessage>>()
  let isDraining = false
  let isStopping = false

  server.on('connection', (socket: Socket) => {
    unanswered.set(socket, new Set())
    socket.once('close', () => unanswered.delete(socket))
    if (isStopping) socket.destroy()
  })

  server.on('request', (req, res) => {
    const { socket } = req
    const requests = unanswered.get(socket)
    // Node keeps parsing what it has received, even after the connection is gone.
    if (!requests || socket.destroyed) return
    if (requests.size >= MAX_PIPELINED) {
      socket.destroy()
      return
    }
    requests.add(req)
    if (isDraining) res.shouldKeepAlive = false
    res.once('close', () => {
      requests.delete(req)
      if (isStopping) endIfAnswered(socket, requests)
    })
    listener(req, res)
  })

  // By default, Node would also cut off clients that wait for a slow route.
  server.setTimeout(answerTimeout, (socket) => {
    const isWaitingForRoute = (unanswered.get(socket)?.size ?? 0) > 0 && socket.writableLength === 0
    if (isWaitingForRoute) socket.setTimeout(answerTimeout)
    else socket.destroy()
  })

  return {
    server,
    drainConnections() {
      isDraining = true
    },
    endConnections() {
      isStopping = true
      for (const [socket, requests] of unanswered) endIfAnswered(socket, requests)
      if (unanswered.size === 0) return
      const timer = setTimeout(() => {
        for (const socket of unanswered.keys()) socket.destroy()
      }, stopTimeout)
      server.once('close', () => clearTimeout(timer))
    },
  }
}

/** Does not wait for incomplete requests, whose clients may never send the rest. */
function endIfAnswered(socket: Socket, requests: Set<IncomingMessage>): void {
  if (![...requests].some(({ complete }) => complete)) socket.destroySoon()
}

/**
 * Lets others close the server too, as organic-socketio-server does. Node rejects a second `close`, and one before the server
 * listens, which it then does anyway. Here the first is harmless, and the second takes effect once the server listens.
 */
function allowClosingTwice(server: Server): Server {
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
    else if (done) server.once('close', () => done())
    return server
  }
  return server
}
