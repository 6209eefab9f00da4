import type { IncomingMessage, ServerResponse } from 'node:http'
import { ownerKeyOf, printable } from '../../context/cell'
import { pathOf } from '../../context/http/route-pattern'

/** What is written of a request. Nothing else of it is: no query string, no header, no body (OWASP ASVS 16.2.5). */
export interface RequestLine {
  method: string
  /** The pattern of the route, as in `/api/users/:id`. Absent if there was none. */
  route?: string
  path: string
  status: number
  /** Until the answer was sent, in milliseconds. */
  ms: number
  /** The owner whom the guard let in. */
  ownerId?: string
  /** The client went away before the answer was complete. */
  aborted?: true
}

/** Ids that clients may choose: others could forge lines, or fill the log. */
const SAFE_ID = /^[\w.-]{8,128}$/

/** The client's `X-Request-Id`, if it is safe. */
export function findRequestId({ headers }: IncomingMessage): string | undefined {
  const id = headers['x-request-id']
  return typeof id === 'string' && SAFE_ID.test(id) ? id : undefined
}

/** @param ms how long it took */
export function lineOf(req: IncomingMessage, res: ServerResponse, route: string | undefined, ms: number): RequestLine {
  const { user } = req as { user?: { id?: unknown; _id?: unknown } }
  const ownerId = ownerKeyOf(user?.id ?? user?._id)
  return {
    method: req.method ?? '',
    ...(route !== undefined && { route }),
    path: printable(pathOf(req)),
    status: res.statusCode,
    ms,
    ...(ownerId !== null && { ownerId: printable(ownerId) }),
    ...((req.readableAborted || !res.writableFinished) && { aborted: true }),
  }
}

/** The line for people. @param line as JSON */
export function toText(line: string): string {
  const { method, path, status, ms, ownerId, aborted, request } = JSON.parse(line) as RequestLine & { request: string }
  const parts = [
    `${method} ${path} ${status} ${ms} ms`,
    aborted && 'aborted',
    ownerId !== undefined && `owner=${ownerId}`,
    `request=${request}`,
  ]
  return `${parts.filter(Boolean).join(' ')}\n`
}
