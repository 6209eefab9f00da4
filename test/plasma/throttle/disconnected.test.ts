import { expect } from 'chai'
import type { ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { newCredentials } from '../../support/client'
import { keepErrorLog } from '../../support/error-log'
import { pause } from '../../support/seeded-random'
import { FREE, startThrottledCell, type ThrottledCell } from '../../support/throttled-cell'
import { TrustPoint } from '../../support/trust-point'

describe('who hangs up before the answer', () => {
  keepErrorLog()
  let cell: ThrottledCell
  let users: TrustPoint
  let username = ''
  /** Logins that the trust point has not answered yet. */
  const held: ServerResponse[] = []

  before(async () => {
    users = await TrustPoint.start((_req, res) => held.push(res))
    cell = await startThrottledCell({}, { sessions: { remoteLoginEndpoint: users.endpoint, remoteFailures: 1000 } })
  })
  beforeEach(() => {
    held.length = 0
    username = newCredentials().username
  })
  after(async () => {
    await cell.stop()
    await users.stop()
  })

  const request = (from: string, name = username): string => {
    const json = JSON.stringify({ username: name, password: 'a wrong guess' })
    const headers = `Host: localhost\r\nAccept: application/json\r\nX-Forwarded-For: ${from}\r\nContent-Type: application/json`
    return `POST /api/login HTTP/1.1\r\n${headers}\r\nContent-Length: ${json.length}\r\n\r\n${json}`
  }

  /** Sends requests over one connection, all at once. @returns hangs up */
  function send(...requests: string[]): () => void {
    const socket = connect(Number(new URL(cell.address ?? '').port), '127.0.0.1')
    socket.on('error', () => undefined).write(requests.join(''))
    return () => socket.destroy()
  }

  /** Waits until the trust point is asked about so many. */
  async function asked(count: number): Promise<void> {
    for (const deadline = Date.now() + 5000; held.length < count; await pause(5)) {
      if (Date.now() > deadline) throw new Error(`only ${held.length} of ${count} were asked about`)
    }
  }

  async function answerAll(): Promise<void> {
    for (const res of held.splice(0)) res.writeHead(401, { 'content-type': 'application/json' }).end('{}')
    await pause(100)
  }

  /** What a stranger's login comes to, while the trust point answers. */
  async function strangersLogin(): Promise<number> {
    const login = cell.stranger().logIn({ username, password: 'a wrong guess' })
    let status: number | undefined
    void login.then((answered) => (status = answered))
    while (status === undefined) {
      await pause(5)
      if (held.length > 0) await answerAll()
    }
    return status
  }

  it('has failed: he may know the answer otherwise (OWASP ASVS 6.3.1)', async () => {
    for (let count = 1; count <= FREE.account; count += 1) {
      const hangUp = send(request(cell.stranger().from))
      await asked(count)
      hangUp()
      await pause(50)
    }
    await answerAll()
    expect(await strangersLogin()).to.equal(429)
  })

  it('has failed while his password is being judged, and what he began is not waited for', async () => {
    const hangUps = []
    for (let count = 1; count < FREE.account; count += 1) hangUps.push(send(request(cell.stranger().from)))
    await asked(FREE.account - 1)
    for (const hangUp of hangUps) hangUp()
    await pause(50)
    // Those are held still: answered along with this one, they change nothing more.
    expect(await strangersLogin()).to.equal(401)
    expect(await strangersLogin()).to.equal(429)
  })

  it('has not failed while he waited for others, and is not judged', async () => {
    const first = Array.from({ length: FREE.account }, () => cell.stranger().logIn({ username, password: 'the right one' }))
    await asked(FREE.account)
    const hangUps = Array.from({ length: 10 }, () => send(request(cell.stranger().from)))
    await pause(100)
    for (const hangUp of hangUps) hangUp()
    await pause(50)
    const owner = JSON.stringify({ id: crypto.randomUUID(), username })
    for (const res of held.splice(0)) res.writeHead(200, { 'content-type': 'application/json' }).end(owner)
    expect(await Promise.all(first)).to.deep.equal([200, 200, 200])
    await pause(50)
    expect(held).to.deep.equal([])
    const after = []
    for (let count = 0; count < FREE.account + 1; count += 1) after.push(await strangersLogin())
    expect(after).to.deep.equal([401, 401, 401, 429])
  })

  it('has failed with each of the requests that he sent ahead over one connection, and nobody waits for them', async () => {
    const hangUp = send(...Array.from({ length: FREE.account - 1 }, () => request(cell.stranger().from)))
    await asked(FREE.account - 1)
    hangUp()
    await pause(50)
    await answerAll()
    // One guess is left.
    expect(await strangersLogin()).to.equal(401)
    expect(await strangersLogin()).to.equal(429)
  })

  it('keeps nobody out with requests that he sent ahead, at his address, once they are over', async () => {
    const { from } = cell.stranger()
    const names = Array.from({ length: FREE.address }, () => newCredentials().username)
    const hangUp = send(...names.map((name) => request(from, name)))
    await asked(FREE.address)
    hangUp()
    await pause(50)
    await answerAll()
    // Throttled, as after any eight guesses, and not "too busy" for good.
    expect(await cell.at(from).logIn(newCredentials())).to.equal(429)
  })
})
