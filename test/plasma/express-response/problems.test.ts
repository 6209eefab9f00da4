import { expect } from 'chai'
import { Problem, RemoteUnavailable } from '../../../context/cell'
import { keepErrorLog } from '../../support/error-log'
import { answering, closeApps } from '../../support/route-app'
import type { Client } from '../../support/client'

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8'

/** Fails with this at every request. */
function failing(error: unknown): Promise<Client> {
  return answering((_req, _res, next) => {
    next(error)
  })
}

describe('an error that a client may be told of', () => {
  const log = keepErrorLog()
  afterEach(closeApps)

  it('is a problem document', async () => {
    const client = await failing(new Problem(409, 'USERNAME_TAKEN', 'This name is taken.'))
    const { status, headers, body } = await client.get('/')
    expect(status).to.equal(409)
    expect(headers.get('content-type')).to.match(/^application\/problem\+json\b/)
    expect(body).to.deep.equal({
      type: 'about:blank',
      title: 'Conflict',
      status: 409,
      code: 'USERNAME_TAKEN',
      detail: 'This name is taken.',
    })
    expect(log).to.be.empty
  })

  const documents = [
    'application/json',
    'application/problem+json',
    '*/*',
    '',
    'application/json, text/html;q=0.9',
    'image/png',
    'text/plain',
    'text/*;q=0',
  ]
  for (const accept of documents) {
    it(`is a document for Accept: ${accept}`, async () => {
      const { status, headers, body } = await (await failing(new Problem(403, 'NO', 'Not you.'))).get('/', { accept })
      expect(status).to.equal(403)
      expect(headers.get('content-type')).to.match(/^application\/problem\+json\b/)
      expect(headers.get('vary')).to.match(/\bAccept\b/)
      expect(body).to.include({ code: 'NO' })
    })
  }

  for (const accept of [BROWSER, 'text/html', 'text/html, application/json;q=0.9', 'TEXT/HTML', 'text/*']) {
    it(`is a page for Accept: ${accept}`, async () => {
      const { status, headers, text } = await (await failing(new Problem(403, 'NO', 'Not you.'))).get('/', { accept })
      expect(status).to.equal(403)
      expect(headers.get('content-type')).to.match(/^text\/html; charset=utf-8/)
      expect(headers.get('vary')).to.match(/\bAccept\b/)
      expect(text)
        .to.match(/^<!doctype html>/)
        .and.include('Forbidden')
        .and.include('Not you.')
      expect(text).to.not.match(/<script|<style|\sstyle=|\son\w+=/)
    })
  }

  it('keeps what already varies', async () => {
    const client = await answering((_req, res, next) => {
      res.vary('Origin')
      next(new Problem(403, 'NO', 'Not you.'))
    })
    expect((await client.get('/')).headers.get('vary')).to.equal('Origin, Accept')
  })

  it('is escaped in a page', async () => {
    const client = await failing(new Problem(400, 'NO', '<script>alert("1")</script> & \'more\''))
    const { text } = await client.get('/', { accept: BROWSER })
    expect(text).to.not.include('<script')
    expect(text).to.include('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;more&#39;')
  })

  it('is not kept by caches, whatever the route said before it failed', async () => {
    const client = await answering((_req, res, next) => {
      res.set('Cache-Control', 'public, max-age=3600')
      next(new Problem(404, 'NO', 'Not here.'))
    })
    expect((await client.get('/')).headers.get('cache-control')).to.equal('no-store')
  })

  it('takes the place of a response and of a status that were set before', async () => {
    const client = await answering((_req, res, next) => {
      res.status(201).response = { id: 1 }
      next(new Problem(403, 'NO', 'Not you.'))
    })
    const { status, text } = await client.get('/')
    expect(status).to.equal(403)
    expect(text).to.not.include('"id"')
  })

  it('says when to try again', async () => {
    const client = await failing(new Problem(429, 'TOO_MANY', 'Too many.', { retryAfter: 30 }))
    for (const accept of ['application/json', BROWSER]) {
      expect((await client.get('/', { accept })).headers.get('retry-after')).to.equal('30')
    }
  })

  it('says when to try again also where that is at once', async () => {
    const client = await failing(new Problem(503, 'BUSY', 'Busy.', { retryAfter: 0 }))
    expect((await client.get('/')).headers.get('retry-after')).to.equal('0')
  })

  it('says nothing of trying again where it does not know', async () => {
    const { headers } = await (await failing(new Problem(429, 'TOO_MANY', 'Too many.'))).get('/')
    expect(headers.has('retry-after')).to.equal(false)
  })

  it('never tells its cause', async () => {
    const cause = new Error('password=hunter2')
    const errors = [
      new Problem(400, 'NO', 'No.', { cause }),
      new RemoteUnavailable('The trust point is away.', { cause }),
    ]
    for (const error of errors) {
      for (const accept of ['application/json', BROWSER]) {
        const { status, text } = await (await failing(error)).get('/', { accept })
        expect(status).to.equal(error.status)
        expect(text).to.not.include('hunter2').and.not.include('stack').and.not.include('.ts')
      }
    }
  })

  it('is logged from 500 on, with its cause', async () => {
    const error = new RemoteUnavailable('The trust point is away.', { cause: new Error('ECONNREFUSED') })
    await (await failing(error)).get('/some/path?token=1')
    expect(log).to.have.lengthOf(1)
    expect(log[0]).to.include('GET /some/path').and.include('ECONNREFUSED').and.not.include('token')
  })

  const chosen: [code: number, body: unknown][] = [
    [400, 'missing argument'],
    [404, { missing: 'it' }],
    [409, 0],
    [422, null],
    [503, ['later']],
  ]
  for (const [code, body] of chosen) {
    it(`is what the route says by err.code ${code} and err.body ${JSON.stringify(body)}, as in organic-express-response`, async () => {
      const client = await failing(Object.assign(new Error('inside'), { code, body }))
      for (const accept of ['application/json', BROWSER]) {
        const answer = await client.get('/', { accept })
        expect([answer.status, answer.body]).to.deep.equal([code, body])
        expect(answer.headers.get('content-type')).to.match(/^application\/json\b/)
      }
    })
  }

  for (const [code, name] of [
    [400, 'BAD_REQUEST'],
    [404, 'NOT_FOUND'],
    [503, 'INTERNAL'],
  ] as const) {
    it(`has the status of err.code ${code}, and no text of its own without err.body`, async () => {
      const { status, body, text } = await (await failing(Object.assign(new Error('inside'), { code }))).get('/')
      expect(status).to.equal(code)
      expect(body).to.include({ status: code, code: name })
      expect(text).not.to.include('inside')
    })
  }

  it('of a HEAD request has no body', async () => {
    const { address } = await failing(new Problem(403, 'NO', 'Not you.'))
    const response = await fetch(address, { method: 'HEAD' })
    expect([response.status, await response.text()]).to.deep.equal([403, ''])
  })
})
