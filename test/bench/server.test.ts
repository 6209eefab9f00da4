import { expect } from 'chai'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { checkServer } from '../../bench/server'
import { rejectionOf } from '../support/rejection'

const CLIENTS = [0, 1].map((index) => ({ cookie: `id=${String(index).repeat(40)}`, expected: `"owner-${index}"` }))

describe('the check of a server before it is measured', () => {
  let server: Server
  afterEach(() => {
    server.closeAllConnections()
    server.close()
  })

  /** Checks a server that finds owners in this way. */
  async function check(find: (cookie: string) => string | undefined): Promise<void> {
    server = createServer((req, res) => {
      const owner = find(req.headers.cookie ?? '')
      const body = JSON.stringify(owner ?? 'log in first')
      res.writeHead(owner ? 200 : 401, { 'Content-Length': Buffer.byteLength(body) }).end(body)
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    await checkServer({ address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, clients: CLIENTS })
  }
  const right = (cookie: string): string | undefined => {
    const index = CLIENTS.findIndex((client) => client.cookie === cookie)
    return index < 0 ? undefined : `owner-${index}`
  }

  it('passes right answers', () => check(right))

  it('fails if an owner gets the answer of another', async () => {
    expect((await rejectionOf(() => check((cookie) => right(cookie) && 'owner-0'))).message).to.contain(
      '200: "owner-0"',
    )
  })

  it('fails if somebody without a cookie is let in', async () => {
    expect((await rejectionOf(() => check((cookie) => right(cookie || 'id=0') ?? 'guest'))).message).to.contain(
      '"": 200',
    )
  })

  it('fails if a cookie is taken whose beginning is right', async () => {
    const careless = (cookie: string): string | undefined =>
      right(CLIENTS.find((client) => cookie.startsWith(client.cookie.slice(0, 20)))?.cookie ?? '')
    expect((await rejectionOf(() => check(careless))).message).to.match(/A.*": 200/)
  })

  it('fails if a cookie is taken whose end is right', async () => {
    const careless = (cookie: string): string | undefined =>
      right(CLIENTS.find((client) => cookie.endsWith(client.cookie.slice(-20)) && cookie)?.cookie ?? '')
    expect((await rejectionOf(() => check(careless))).message).to.match(/A.*": 200/)
  })
})
