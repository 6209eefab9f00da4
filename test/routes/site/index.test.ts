import { expect } from 'chai'
import { startTestCell, type TestCell } from '../../support/cell'
import { newCredentials, type Answer } from '../../support/client'

describe('the start page', () => {
  let cell: TestCell

  before(async () => {
    cell = await startTestCell()
  })
  after(() => cell.stop())

  /** The page of somebody who has registered under this name and logged in, by the forms. */
  async function pageOf(username: string): Promise<Answer> {
    const client = cell.client()
    const credentials = { ...newCredentials(), username }
    expect((await client.submit('/api/register', credentials)).status).to.equal(303)
    expect((await client.submit('/api/login', credentials)).status).to.equal(303)
    return client.get('/', { accept: 'text/html' })
  }

  it('says that nobody is logged in, and has the forms to change that', async () => {
    const { status, headers, text } = await cell.client().get('/', { accept: 'text/html' })
    expect(status).to.equal(200)
    expect(headers.get('content-type')).to.equal('text/html; charset=utf-8')
    expect(text).to.include('Nobody is logged in.')
    expect(text).to.include('<form method="post" action="/api/login">')
    expect(text).to.include('<form method="post" action="/api/register">')
    expect(text).to.not.include('/api/logout')
    expect(text.match(/type="password"/g)).to.have.lengthOf(2)
    expect(text).to.include('autocomplete="current-password"').and.include('autocomplete="new-password"')
  })

  it('says who is logged in, and has a form to log out', async () => {
    const { username } = newCredentials()
    const { status, text } = await pageOf(username)
    expect(status).to.equal(200)
    expect(text).to.include(`<strong>${username}</strong>`)
    expect(text).to.include('<form method="post" action="/api/logout">')
    expect(text).to.not.include('/api/login').and.not.include('/api/register').and.not.include('Nobody is logged in')
  })

  it('shows that a logout is done (OWASP ASVS 7.4.4)', async () => {
    const client = cell.client()
    const credentials = newCredentials()
    await client.submit('/api/register', credentials)
    await client.submit('/api/login', credentials)
    await client.submit('/api/logout', {})
    expect((await client.get('/')).text).to.include('Nobody is logged in.')
  })

  for (const [name, escaped] of [
    ['<b>x</b>', '&lt;b&gt;x&lt;/b&gt;'],
    ['<script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;'],
    ['"><img src=x onerror=1>', '&quot;&gt;&lt;img src=x onerror=1&gt;'],
    ["a & 'b'", 'a &amp; &#39;b&#39;'],
    ['&lt;b&gt;', '&amp;lt;b&amp;gt;'],
  ] as const) {
    it(`escapes the name ${name}`, async () => {
      const { text } = await pageOf(name)
      expect(text).to.include(`<strong>${escaped}</strong>`)
      expect(text).to.not.include(name)
    })
  }

  it("is nobody else's: caches may not keep it", async () => {
    const { headers } = await pageOf(newCredentials().username)
    expect(headers.get('cache-control')).to.equal('no-store')
  })

  it('shows nothing of a login to a visitor with a forged cookie', async () => {
    const { status, text } = await cell.client().get('/', { cookie: `id=${encodeURIComponent('s:forged.forged')}` })
    expect(status).to.equal(200)
    expect(text).to.include('Nobody is logged in.')
  })

  it('does not answer to other methods, or to other URLs', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
      expect((await cell.client().send(method, '/')).status, method).to.equal(404)
    }
    const urls = [
      '/index',
      '/index.html',
      '/style',
      '/style.css/x',
      '/cell.ts',
      '/dna/data.json',
      '/..%2fcell.ts',
      '/.git',
    ]
    for (const url of urls) {
      expect((await cell.client().get(url)).status, url).to.equal(404)
    }
  })

  it('has a style sheet that caches may keep', async () => {
    const { status, headers, text } = await cell.client().get('/style.css')
    expect(status).to.equal(200)
    expect(headers.get('content-type')).to.equal('text/css; charset=utf-8')
    expect(headers.get('cache-control')).to.match(/^public, max-age=\d+$/)
    expect(headers.getSetCookie()).to.be.empty
    expect(text).to.include('body {')
  })

  for (const [title, load] of Object.entries({
    'logged out': () => cell.client().get('/', { accept: 'text/html' }),
    'logged in': () => pageOf(newCredentials().username),
    'an error': () => cell.client().get('/nothing', { accept: 'text/html' }),
  })) {
    it(`needs no inline script or style, and its policy allows none (${title})`, async () => {
      const { headers, text } = await load()
      const policy = headers.get('content-security-policy') ?? ''
      expect(policy)
        .to.match(/default-src 'none'/)
        .and.match(/style-src 'self'/)
        .and.match(/form-action 'self'/)
      expect(policy)
        .to.match(/frame-ancestors 'none'/)
        .and.match(/base-uri 'none'/)
      expect(policy).to.not.match(/unsafe|\*|data:|https?:/)
      expect(text).to.not.match(/<script|<style|\sstyle=|\son\w+=|javascript:/i)
      expect(text).to.include('<link rel="stylesheet" href="/style.css">')
      expect(headers.get('x-content-type-options')).to.equal('nosniff')
      expect(headers.has('x-powered-by')).to.equal(false)
    })
  }
})
