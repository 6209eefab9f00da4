import { expect } from 'chai'
import { once } from 'node:events'
import type { RequestListener, ServerResponse } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { MAX_PIPELINED, createBoundedServer, type BoundedServer } from '../../../context/http/connections'

const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'
const HALF_BODY = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf'
/** So long that a test which waits for it fails. */
const NEVER = 600_000
const LARGE = 'x'.repeat(20_000_000)

describe('a connection', () => {
  let bounded: BoundedServer
  let sockets: Socket[]

  /** Starts a server, where whatever is not named takes for ever. */
  async function start(timeouts: object, listener: RequestListener = (_req, res) => res.end('done')): Promise<void> {
    sockets = []
    bounded = createBoundedServer(listener, {
      requestTimeout: NEVER,
      answerTimeout: NEVER,
      stopTimeout: NEVER,
      ...timeouts,
    })
    await new Promise<void>((resolve) => bounded.server.listen(0, '127.0.0.1', resolve))
  }

  /** Sends this, and reads nothing until `resume`. @returns both ends of the connection */
  async function send(data: string): Promise<{ client: Socket; served: Socket; closed: Promise<unknown> }> {
    const connected = once(bounded.server, 'connection') as Promise<[Socket]>
    const client = connect((bounded.server.address() as AddressInfo).port, '127.0.0.1')
    // It may be cut off at any time.
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

  describe('is closed', () => {
    for (const [what, data] of [
      ['half the headers of a request', 'GET / HTTP/1.1\r\nHos'],
      ['half a body', HALF_BODY],
      ['half a body after a whole request', GET + HALF_BODY],
      ['nothing', ''],
    ] as const) {
      it(`when a client sends ${what}`, async () => {
        await start({ requestTimeout: 60 }, (req, res) => req.resume().once('end', () => res.end('done')))
        await (
          await send(data)
        ).closed
      })
    }

    it('when a client does not read its answer', async () => {
      await start({ answerTimeout: 60 }, (_req, res) => res.end(LARGE))
      await (
        await send(GET)
      ).closed
    })

    it('when a client pipelines requests and reads no answer', async () => {
      await start({ answerTimeout: 60 }, (_req, res) => res.end(LARGE))
      await (
        await send(GET.repeat(MAX_PIPELINED))
      ).closed
    })

    it('when a client pipelines too many requests, before they reach a route', async () => {
      let begun = 0
      await start({}, () => (begun += 1))
      await (
        await send(GET.repeat(MAX_PIPELINED + 100))
      ).closed
      expect(begun).to.equal(MAX_PIPELINED)
    })
  })

  it('stays open while a client waits for a slow route, even longer than answerTimeout', async () => {
    let answer: ServerResponse | undefined
    await start({ answerTimeout: 20 }, (_req, res) => (answer = res))
    const { client, served } = await send(GET)
    for (let times = 0; times < 3; times += 1) await once(served, 'timeout')
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
    for (const [what, data] of [
      ['nothing', ''],
      ['half the headers', 'GET / HTTP/1.1\r\nHos'],
      ['half a body', HALF_BODY],
    ] as const) {
      it(`is closed at once when its client has sent ${what}`, async () => {
        await start({}, (req) => req.resume())
        await send(data)
        await stop()
      })
    }

    it('is closed at once after an answer to half a body', async () => {
      await start({})
      const { client } = await send(HALF_BODY)
      client.resume()
      await once(client, 'data')
      await stop()
    })

    it('gets the answer to a whole request, but not to half of the next one', async () => {
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

    it('is cut off if its client reads nothing, or its route never answers', async () => {
      await start({ stopTimeout: 60 }, (req, res) => (req.headers.host === 'x' ? res.end(LARGE) : undefined))
      await send(GET.repeat(3))
      const silent = once(bounded.server, 'request')
      await send(GET.replace('x', 'silent'))
      await silent
      await stop()
    })
  })
})
