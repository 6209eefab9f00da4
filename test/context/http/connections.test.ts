import { expect } from 'chai'
import { once } from 'node:events'
import type { RequestListener, ServerResponse } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { until } from '../../support/until'
import { MAX_PIPELINED, createBoundedServer, type BoundedServer } from '../../../context/http/connections'

const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'
const HALF_HEADERS = 'GET / HTTP/1.1\r\nHos'
const HALF_BODY = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf'
const LARGE = 'x'.repeat(20_000_000)
/** Longer than any test waits. */
const NEVER = 600_000

describe('a connection', () => {
  let bounded: BoundedServer
  let sockets: Socket[]

  async function start(timeouts: object, listener: RequestListener = (_req, res) => res.end('done')): Promise<void> {
    sockets = []
    const never = { requestTimeout: NEVER, answerTimeout: NEVER, stopTimeout: NEVER }
    bounded = createBoundedServer(listener, { ...never, ...timeouts })
    await new Promise<void>((resolve) => bounded.server.listen(0, '127.0.0.1', resolve))
  }

  /** Sends data, and reads nothing until `resume`. @returns both ends of the connection */
  async function send(data: string): Promise<{ client: Socket; served: Socket; closed: Promise<unknown> }> {
    const connected = once(bounded.server, 'connection') as Promise<[Socket]>
    const client = connect((bounded.server.address() as AddressInfo).port, '127.0.0.1')
    // The server may reset it at any time.
    client.on('error', () => undefined)
    sockets.push(client)
    client.pause()
    client.write(data)
    const [served] = await connected
    return { client, served, closed: new Promise((resolve) => served.once('close', resolve)) }
  }

  const stop = (): Promise<unknown> => {
    const closed = new Promise((resolve) => bounded.server.close(resolve))
    bounded.endConnections()
    return closed
  }

  afterEach(() => {
    for (const socket of sockets) socket.destroy()
    bounded.server.closeAllConnections()
    bounded.server.close()
  })

  it('is closed if its client sends no complete request, or not the rest of a second one', async () => {
    await start({ requestTimeout: 60 }, (req, res) => req.resume().once('end', () => res.end('done')))
    const sent = await Promise.all(['', HALF_HEADERS, HALF_BODY, GET + HALF_BODY].map(send))
    await Promise.all(sent.map(({ closed }) => closed))
  })

  it('is closed if its client reads no answer', async () => {
    await start({ answerTimeout: 60 }, (_req, res) => res.end(LARGE))
    for (const count of [1, MAX_PIPELINED]) await send(GET.repeat(count)).then(({ closed }) => closed)
  })

  it('is closed if its client pipelines too many requests, before they reach a route', async () => {
    let begun = 0
    await start({}, () => (begun += 1))
    await send(GET.repeat(MAX_PIPELINED + 100)).then(({ closed }) => closed)
    expect(begun).to.equal(MAX_PIPELINED)
  })

  it('stays open while its client waits for a slow route, even longer than answerTimeout', async () => {
    let answer: ServerResponse | undefined
    await start({}, (_req, res) => (answer = res))
    const { client, served } = await send(GET)
    await until(() => answer !== undefined)
    for (let times = 0; times < 3; times += 1) served.emit('timeout')
    answer?.setHeader('connection', 'close').end('slow')
    expect(await text(client)).to.contain('slow')
  })

  it('answers pipelined requests in order, up to the limit', async () => {
    let count = 0
    await start({}, (_req, res) => res.end(`no. ${(count += 1)};`))
    const { client } = await send(GET.repeat(MAX_PIPELINED - 1) + GET.replace('Host', 'Connection: close\r\nHost'))
    const numbers = [...(await text(client)).matchAll(/no\. (\d+);/g)].map(([, number]) => Number(number))
    expect(numbers).to.deep.equal(Array.from({ length: MAX_PIPELINED }, (_, index) => index + 1))
  })

  describe('at a stop', () => {
    it('is closed at once if its client has sent less than a request, even if there is an answer to that', async () => {
      await start({}, (req, res) => (req.url === '/answered' ? res.end('done') : req.resume()))
      for (const data of ['', HALF_HEADERS, HALF_BODY]) await send(data)
      const { client } = await send(HALF_BODY.replace('/', '/answered'))
      client.resume()
      await once(client, 'data')
      await stop()
    })

    it('gets the answer to a complete request, but not to half of the next one', async () => {
      let answer: ServerResponse | undefined
      await start({}, (req, res) => {
        if (req.method === 'GET') answer = res
        else bounded.server.emit('second')
      })
      const second = once(bounded.server, 'second')
      const { client } = await send(GET + HALF_BODY)
      await second
      const stopped = stop()
      answer?.end('done')
      const [received] = await Promise.all([text(client), stopped])
      expect(received).to.match(/^HTTP\/1\.1 200 [^]*done$/)
    })

    it('is closed after stopTimeout if its client reads nothing, or its route never answers', async () => {
      await start({ stopTimeout: 60 }, (req, res) => (req.headers.host === 'x' ? res.end(LARGE) : undefined))
      await send(GET.repeat(3))
      const silent = once(bounded.server, 'request')
      await send(GET.replace('x', 'silent'))
      await silent
      await stop()
    })
  })
})
