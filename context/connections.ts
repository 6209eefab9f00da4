import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { Socket } from 'node:net'

/** How long a client may keep its connection busy. Milliseconds. */
export interface ConnectionTimeouts {
  /** From the first byte of a request to its last; a connection that sends nothing is closed after the same time. */
  requestTimeout: number
  /** Without the client reading any of an answer that waits for it. */
  answerTimeout: number
  /** From the stop on, for answers that are under way. */
  stopTimeout: number
}

/** A server whose connections end in bounded time, whatever their clients do. */
export interface BoundedServer {
  readonly server: Server
  /** Closes idle connections and half-sent requests at once, and every other one after its answers or `stopTimeout`. */
  readonly endConnections: () => void
}

/** Node checks for late requests this many times per `requestTimeout`. */
const CHECKS = 6
/** Milliseconds until an idle connection is closed that has had an answer. */
const KEEP_ALIVE_TIMEOUT = 5000
/** Bytes of all the headers of a request. */
const MAX_HEADER_SIZE = 16_384
/** Requests that one connection may have waiting for answers: Node starts on all that a client pipelines. */
export const MAX_PIPELINED = 32

/** Makes an HTTP server that does not wait for slow, silent or deaf clients. */
export function createBoundedServer(listener: RequestListener, { requestTimeout, answerTimeout, stopTimeout }: ConnectionTimeouts): BoundedServer {
  const server = closableTwice(createServer({
    headersTimeout: requestTimeout,
    requestTimeout,
    connectionsCheckingInterval: Math.ceil(requestTimeout / CHECKS),
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT,
    maxHeaderSize: MAX_HEADER_SIZE,
  }))
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
    // Node goes on parsing what it has read, also when the connection is gone.
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

  // Without a listener, Node would also cut off clients that wait for a slow route.
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

/** A request that has not been received whole is not waited for: its client may never send the rest. */
function endIfAnswered(socket: Socket, requests: Set<IncomingMessage>): void {
  if (![...requests].some(({ complete }) => complete)) socket.destroySoon()
}

/**
 * Lets whoever shares the server close it too, as organic-socketio-server does: to Node, a second time is an error. One
 * that is closed before it listens, which Node takes for an error and listens on, closes as soon as it does.
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
    else if (done) server.once('close', () => { done() })
    return server
  }
  return server
}
