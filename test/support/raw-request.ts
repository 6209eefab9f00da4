import { request, type IncomingMessage } from 'node:http'
import { text as textOf } from 'node:stream/consumers'
import type { Answer } from './client'
import { PATIENCE } from './until'

/** A request with any headers, some of which `fetch` forbids. A list is sent as repeated headers. */
export interface RawRequest {
  method?: string
  path: string
  headers?: Record<string, string | string[]>
  body?: string
  /** If false, the body never ends, and a server that reads it waits. @default true */
  ends?: boolean
}

/**
 * Sends a request over its own connection. The default method is POST.
 *
 * @param address as in `http://127.0.0.1:1337`
 */
export async function rawRequest(
  address: string,
  { method = 'POST', path, headers = {}, body, ends = true }: RawRequest,
): Promise<Answer> {
  const { hostname, port } = new URL(address)
  const all = {
    accept: 'application/json',
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...headers,
  }
  const sent = request({ hostname, port, method, path, headers: all, agent: false, timeout: PATIENCE })
  sent.once('timeout', () => sent.destroy(new Error(`not answered in ${PATIENCE} ms`)))
  const answering = new Promise<IncomingMessage>((resolve, reject) =>
    sent.once('response', resolve).once('error', reject),
  )
  if (body !== undefined) sent.write(body)
  if (ends) sent.end()
  try {
    return await read(await answering)
  } finally {
    sent.destroy()
  }
}

async function read(answer: IncomingMessage): Promise<Answer> {
  const text = await textOf(answer)
  const headers = new Headers()
  for (let at = 0; at < answer.rawHeaders.length; at += 2)
    headers.append(answer.rawHeaders[at] ?? '', answer.rawHeaders[at + 1] ?? '')
  const isJson = /json/.test(headers.get('content-type') ?? '') && text !== ''
  return { status: answer.statusCode ?? 0, headers, text, body: isJson ? JSON.parse(text) : text }
}
