import { expect } from 'chai'
import { connect } from 'node:net'
import { text as textOf } from 'node:stream/consumers'
import { newCredentials } from '../../support/client'
import { FREE, startThrottledCell, type ThrottledCell } from '../../support/throttled-cell'

/** Ways to write the URL of a login, some of which lead there. */
const URLS = [
  '/api/login',
  '/API/login',
  '/api/LOGIN',
  '/Api/Login',
  '/api/login/',
  '/api/login?',
  '/api/login?a=b',
  '/api/login/?x',
  '/api/login#x',
  '//api/login',
  '/api//login',
  '/api/login//',
  '/api/./login',
  '/x/../api/login',
  '/api/login/.',
  '/api/%6cogin',
  '/%61pi/login',
  '/api/login%2f',
  '/api/login%20',
  '/api/login%00',
  '/api/login;a=b',
  '/api/login.json',
  '/api\\login',
  'http://localhost/api/login',
  'http://evil.example/API/login/',
]

describe('a guesser who writes things in other ways', () => {
  let cell: ThrottledCell

  before(async () => {
    cell = await startThrottledCell({ account: { failures: 6 } })
  })
  after(() => cell.stop())

  const password = 'correct horse battery'

  it('is counted under one name, however it is spelled: in capitals, or as Unicode has it twice (OWASP ASVS 6.3.1)', async () => {
    const tail = crypto.randomUUID()
    await cell.stranger().post('/api/register', { username: `kate-${tail}`, password })
    const statuses: number[] = []
    for (const spelled of ['KATE', '\u212aate', '\uff4bate', 'K\uff21te', '\uff2b\uff21\uff34\uff25', '\u{1d4c0}ate']) {
      statuses.push(await cell.stranger().logIn({ username: `${spelled}-${tail}`, password: 'a wrong guess' }))
      // Of each it is shown that it leads to her.
      if (statuses.length === 3)
        expect(await cell.stranger().logIn({ username: `${spelled}-${tail.toUpperCase()}`, password })).to.equal(200)
    }
    expect(new Set(statuses)).to.deep.equal(new Set([401]))
    for (const spelled of ['kate', 'KATE', '\u212aate', 'kat\uff45']) {
      expect(await cell.stranger().logIn({ username: `${spelled}-${tail}`, password }), spelled).to.equal(429)
    }
  })

  it('makes nobody normalize a name that is too long to be one', async () => {
    // Quadratic: 7,800 combining marks take a third of a second.
    const name = 'a' + '\u0301\u0316'.repeat(3900)
    // eslint-disable-next-line @typescript-eslint/unbound-method -- is called with the `this` of each call
    const { normalize } = String.prototype
    let longest = 0
    String.prototype.normalize = function (form) {
      longest = Math.max(longest, this.length)
      return normalize.call(this, form)
    }
    try {
      expect(await cell.stranger().logIn({ username: name, password })).to.equal(400)
      expect(await cell.stranger().logIn({ email: name, password })).to.equal(400)
      expect(await cell.stranger().logIn({ username: 'x'.repeat(256), password })).to.equal(401)
    } finally {
      String.prototype.normalize = normalize
    }
    expect(longest).to.equal(256)
  })

  it('is counted as JSON and as a form alike', async () => {
    const { username } = await cell.stranger().register()
    for (let count = 0; count < 3; count += 1) {
      expect(await cell.stranger().logIn({ username, password: 'a wrong guess' })).to.equal(401)
      expect((await cell.stranger().submit('/api/login', { username, password: 'a wrong guess' })).status).to.equal(401)
    }
    expect((await cell.stranger().submit('/api/login', { username, password })).status).to.equal(429)
    expect(await cell.stranger().logIn({ username, password, remember: true })).to.equal(429)
  })

  it('is not judged under a name that is none, with the right password or not', async () => {
    const { username } = await cell.stranger().register()
    for (const name of [[username], { 0: username }, { $eq: username }, [[username]], null, 5, true, undefined]) {
      const from = cell.stranger()
      for (let count = 0; count < FREE.address + 1; count += 1) {
        expect(await from.logIn({ username: name, password }), JSON.stringify(name)).to.equal(400)
      }
    }
    const twice = `username=${username}&username=${username}&password=${encodeURIComponent(password)}`
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    expect((await cell.stranger().send('POST', '/api/login', twice, form)).status).to.equal(400)
    // The last of two wins, for the one who counts as for the one who judges.
    const last = `{"username":"${newCredentials().username}","password":"a wrong guess","username":"${username}"}`
    for (let count = 0; count < 6; count += 1) {
      expect(
        (await cell.stranger().send('POST', '/api/login', last, { 'content-type': 'application/json' })).status,
      ).to.equal(401)
    }
    expect(await cell.stranger().logIn({ username, password })).to.equal(429)
  })

  it('is not judged with two names, and hides behind none of them', async () => {
    const { username } = await cell.stranger().register()
    for (const field of ['appname', 'email', 'Username', 'ownerId']) {
      expect(await cell.stranger().logIn({ [field]: 'somebody', username, password }), field).to.equal(400)
    }
    expect(await cell.stranger().guess(username, 7)).to.deep.equal([401, 401, 401, 401, 401, 401, 429])
    expect(await cell.stranger().logIn({ appname: newCredentials().username, username, password })).to.equal(429)
  })

  it('gets in by no URL while he is throttled, however it is written (OWASP ASVS 6.3.1)', async () => {
    const { username } = await cell.stranger().register()
    const before: string[] = []
    for (const url of URLS) before.push(await post(url, { username, password }))
    // Some lead there, or nothing is shown.
    expect(before.filter((line) => line.includes(' 200 '))).to.have.length.of.at.least(8)
    await cell.stranger().guess(username, 6)
    const after: Record<string, string> = {}
    for (const [index, url] of URLS.entries()) {
      const line = await post(url, { username, password })
      if (line.includes(' 200 ') || (before[index]?.includes(' 200 ') && !line.includes(' 429 '))) after[url] = line
    }
    expect(after).to.deep.equal({})
  })

  /** Posts to a URL as it is, from an address of its own, which no client that knows URLs would do. */
  async function post(url: string, body: object): Promise<string> {
    const json = JSON.stringify(body)
    const socket = connect(Number(new URL(cell.address ?? '').port), '127.0.0.1')
    const headers = `Host: localhost\r\nConnection: close\r\nAccept: application/json\r\nX-Forwarded-For: ${cell.stranger().from}`
    socket.write(
      `POST ${url} HTTP/1.1\r\n${headers}\r\nContent-Type: application/json\r\nContent-Length: ${json.length}\r\n\r\n${json}`,
    )
    return (await textOf(socket)).split('\r\n')[0] ?? ''
  }
})
