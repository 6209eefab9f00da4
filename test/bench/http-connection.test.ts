import { expect } from 'chai'
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { HttpConnection, requestOf } from '../../bench/http-connection'
import { rejectionOf } from '../support/rejection'

describe('the connection of the load', () => {
  let server: Server
  let connection: HttpConnection
  let connections: number

  async function serve(listener: RequestListener): Promise<void> {
    connections = 0
    server = createServer(listener).on('connection', () => (connections += 1))
    await once(server.listen(0, '127.0.0.1'), 'listening')
    connection = new HttpConnection(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  }
  afterEach(() => {
    connection.close()
    server.closeAllConnections()
    server.close()
  })

  const get = requestOf({ path: '/', cookie: '' })

  it('sends a cookie, and JSON as a POST, and reads the answers one after the other', async () => {
    await serve((req, res) => {
      void text(req).then((body) => {
        const answer = JSON.stringify([req.method, req.url, req.headers.cookie, body])
        res.writeHead(201, { 'Content-Length': Buffer.byteLength(answer) }).end(answer)
      })
    })
    expect(await connection.send(requestOf({ path: '/me', cookie: 'id=1' }))).to.deep.equal({
      status: 201,
      body: '["GET","/me","id=1",""]',
    })
    const posted = await connection.send(requestOf({ path: '/login', cookie: '', body: '{"name":"é"}' }))
    expect(JSON.parse(posted.body)).to.deep.equal(['POST', '/login', null, '{"name":"é"}'])
    expect(connections).to.equal(1)
  })

  it('waits for all of an answer that comes in pieces', async () => {
    await serve((_req, res) => {
      res.writeHead(200, { 'Content-Length': 6 }).write('one')
      setImmediate(() => res.end('two'))
    })
    expect(await connection.send(get)).to.deep.equal({ status: 200, body: 'onetwo' })
  })

  it('opens a new one after an answer that ends it', async () => {
    await serve((_req, res) => res.writeHead(200, { Connection: 'close', 'Content-Length': 2 }).end('ok'))
    for (let count = 1; count <= 2; count += 1) {
      expect(await connection.send(get)).to.deep.equal({ status: 200, body: 'ok' })
      expect(connections).to.equal(count)
    }
  })

  it('fails if the server closes it instead of answering', async () => {
    await serve((req) => req.socket.destroy())
    expect((await rejectionOf(() => connection.send(get))).message).to.match(/closed|ECONNRESET/)
  })

  it('fails at an answer whose length it cannot know', async () => {
    await serve((_req, res) => {
      res.write('chunk')
      res.end()
    })
    expect((await rejectionOf(() => connection.send(get))).message).to.contain('without Content-Length')
  })
})
