import { expect } from 'chai'
import type { RequestHandler } from 'express'
import { DnaError, Problem, RemoteUnavailable } from '../../../context/cell'
import { EventBus } from '../../../context/cell/event-bus'
import expressResponse from '../../../plasma/express-response'
import type { Client } from '../../support/client'
import { keepErrorLog } from '../../support/error-log'
import { RouteApp, answering, closeApps } from '../../support/route-app'

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8'
const HTML = { accept: BROWSER }

/** An app that answers every request with this. */
const answer = (value: unknown): Promise<Client> =>
  answering((_req, res, next) => {
    res.response = value
    next()
  })
/** An app in which every request fails with this. */
const fail = (error: unknown): Promise<Client> =>
  answering((_req, _res, next) => {
    next(error)
  })

describe('express-response', () => {
  const log = keepErrorLog()
  afterEach(closeApps)

  describe('sends res.response', () => {
    for (const value of [
      { list: [{ deep: [[null]] }], more: {} },
      [],
      null,
      false,
      0,
      -1.5,
      '',
      'ünï \u2028 🧬 "<b>',
    ]) {
      it(`as JSON, even to browsers: ${JSON.stringify(value)}`, async () => {
        const { status, headers, text } = await (await answer(value)).get('/', HTML)
        expect([status, headers.get('content-type')]).to.deep.equal([200, 'application/json; charset=utf-8'])
        expect(JSON.parse(text)).to.deep.equal(value)
      })
    }

    it('as its toJSON says', async () => {
      const client = await answer({ hash: 'secret', toJSON: () => ({ id: 1 }), list: [] })
      expect((await client.get('/')).text).to.equal('{"id":1}')
    })

    it('also under the name res.body, with the status in res.code or res.status()', async () => {
      const client = await answering((req, res, next) => {
        res.set('x-own', 'kept').body = { id: 1 }
        if (req.path === '/code') res.code = 202
        else res.status(409)
        if (res.response !== res.body) throw new Error('they differ')
        next()
      })
      for (const [path, expected] of [
        ['/code', 202],
        ['/status', 409],
      ] as const) {
        const { status, body, headers } = await client.get(path)
        expect([status, body, headers.get('x-own')]).to.deep.equal([expected, { id: 1 }, 'kept'])
      }
    })

    it('with a challenge if the status is 401, unless the route has its own (RFC 9110)', async () => {
      const client = await answering((req, res, next) => {
        if (req.path === '/own') res.set('WWW-Authenticate', 'Bearer')
        res.status(401).response = {}
        next()
      })
      expect((await client.get('/')).headers.get('www-authenticate')).to.equal('Cookie realm="login"')
      expect((await client.get('/own')).headers.get('www-authenticate')).to.equal('Bearer')
    })

    it('only if JSON can hold it: half an answer never leaves', async () => {
      const circle: Record<string, unknown> = {}
      circle['self'] = circle
      for (const value of [circle, { big: 1n }])
        expect((await (await answer(value)).get('/')).body).to.include({ status: 500, code: 'INTERNAL' })
      expect(log).to.have.lengthOf(2)
    })

    const handlers: [what: string, handler: RequestHandler][] = [
      ['calls next', (_req, res, next) => (res.json({ first: true }), next())],
      ['calls next twice', (_req, res, next) => ((res.response = { first: true }), next(), next())],
      ['sets it after its own answer', (_req, res, next) => (res.json({ first: true }), (res.response = 2), next())],
      ['calls next with an error', (_req, res, next) => (res.json({ first: true }), next(new Error('late')))],
      ['fails after next', (_req, res, next) => ((res.response = { first: true }), next(), next(new Error('late')))],
    ]
    for (const [what, handler] of handlers) {
      it(`once if a handler ${what}`, async () => {
        const client = await answering(handler)
        for (const path of ['/', '/again']) expect((await client.get(path)).body).to.deep.equal({ first: true })
        expect(log).to.have.lengthOf(/error|fails/.test(what) ? 1 : 0)
        expect(log.join()).to.not.include('ERR_HTTP_HEADERS_SENT')
      })
    }
  })

  it('answers 404 with every method if nothing else answers', async () => {
    const client = await answering((_req, _res, next) => next())
    for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS']) {
      const { status, body } = await client.send(method, '/nothing/here')
      expect(status, method).to.equal(404)
      expect(body, method).to.include({ status: 404, code: 'NOT_FOUND', title: 'Not Found' })
    }
    expect(log).to.be.empty
  })

  describe('answers a problem', () => {
    const problem = new Problem(403, 'NO', 'Not you: <script>alert("1")</script>')

    for (const accept of [
      'application/json',
      '*/*',
      '',
      'application/json, text/html;q=0.9',
      'image/png',
      'text/*;q=0',
    ]) {
      it(`as a document for Accept: ${accept}`, async () => {
        const { status, headers, body } = await (await fail(problem)).get('/', { accept })
        expect([status, headers.get('vary')]).to.deep.equal([403, 'Accept'])
        expect(headers.get('content-type')).to.match(/^application\/problem\+json\b/)
        const document = { type: 'about:blank', title: 'Forbidden', status: 403, code: 'NO', detail: problem.message }
        expect(body).to.deep.equal(document)
      })
    }

    for (const accept of [BROWSER, 'TEXT/HTML', 'text/html, application/json;q=0.9', 'text/*']) {
      it(`as a page that escapes it for Accept: ${accept}`, async () => {
        const { status, headers, text } = await (await fail(problem)).get('/', { accept })
        expect([status, headers.get('content-type')]).to.deep.equal([403, 'text/html; charset=utf-8'])
        expect(text)
          .to.match(/^<!doctype html>[^]*Forbidden[^]*Not you: &lt;script&gt;alert/)
          .and.not.include('<script')
      })
    }

    it('instead of a response set before, and lets no cache keep it', async () => {
      const client = await answering((_req, res, next) => {
        res.status(201).set('Cache-Control', 'public, max-age=3600').vary('Origin').response = { id: 1 }
        next(problem)
      })
      const { status, headers, text } = await client.get('/')
      expect([status, headers.get('cache-control'), headers.get('vary')]).to.deep.equal([
        403,
        'no-store',
        'Origin, Accept',
      ])
      expect(text).to.not.include('"id"')
    })

    for (const [retryAfter, header] of [
      [30, '30'],
      [0, '0'],
      [undefined, null],
    ] as const) {
      it(`with Retry-After: ${String(header)} if it says ${String(retryAfter)}`, async () => {
        const client = await fail(new Problem(429, 'MANY', 'Too many.', retryAfter === undefined ? {} : { retryAfter }))
        expect((await client.get('/')).headers.get('retry-after')).to.equal(header)
      })
    }

    it('without its cause, which only the log shows', async () => {
      const client = await fail(new RemoteUnavailable('It is away.', { cause: new Error('password=hunter2') }))
      for (const headers of [{}, HTML]) {
        const { status, text } = await client.get('/some/path?token=1', headers)
        expect(status).to.equal(503)
        expect(text).to.not.match(/hunter2|stack|\.ts/)
      }
      expect(log).to.have.lengthOf(1)
      expect(log[0])
        .to.match(/^GET \/some\/path: [^]*hunter2/)
        .and.not.include('token')
    })

    it('with the code and body that the route chose, as in organic-express-response', async () => {
      const client = await fail(Object.assign(new Error('inside'), { code: 422, body: { missing: 'it' } }))
      for (const headers of [{}, HTML]) {
        const { status, body } = await client.get('/', headers)
        expect([status, body]).to.deep.equal([422, { missing: 'it' }])
      }
    })
  })

  describe('answers a failure', () => {
    it('without details, and logs it (OWASP ASVS 16.5.1)', async () => {
      const client = await answering(() => {
        throw new Error('<b>inside</b>')
      })
      // OWASP ASVS 16.4.1: no line break of the client's reaches the log.
      for (const headers of [{}, HTML]) {
        const { status, text } = await client.get('/a%0Ab%0D%0Aforged?secret=1', headers)
        expect(status).to.equal(500)
        expect(text)
          .to.include('Something went wrong here.')
          .and.not.match(/inside|\.ts/)
      }
      expect(log).to.have.lengthOf(1)
      expect(log[0]).to.match(/^GET \/a%0Ab%0D%0Aforged: Error: <b>inside<\/b>\n/)
    })

    it('and logs one of a kind while it recurs, and how many more there were at the end', async () => {
      const app = new RouteApp()
      app.app.use((req) => {
        throw new Error(req.path)
      })
      const client = await app.listen()
      for (let count = 0; count < 65; count += 1) await client.get('/same')
      await client.get('/other')
      expect(log).to.have.lengthOf(2)
      expect(log.at(-1)).to.include('Error: /other')
      await app.plasma.emit('killed')
      expect(log.slice(2)).to.deep.equal(['64 more requests failed with Error: /same'])
    })

    for (const [what, headers] of [
      ['with a length', { 'Content-Length': '1000' }],
      ['in chunks', {}],
    ] as const) {
      it(`after half an answer ${what} by ending the connection`, async () => {
        const client = await answering((_req, res, next) => {
          res.set(headers).write('half', () => {
            next(new Error('inside'))
          })
        })
        expect(
          await client.get('/').then(
            () => 'answered',
            () => 'ended',
          ),
        ).to.equal('ended')
        expect(log.join()).to.include('inside')
      })
    }
  })

  it('answers 400 for URLs that cannot be decoded', async () => {
    const app = new RouteApp()
    app.app.get('/:name', (_req, _res, next) => next())
    const client = await app.listen()
    for (const url of ['/%E0%A4%A', '/%', '/%C0%80'])
      expect((await client.get(url)).body, url).to.include({ status: 400, code: 'BAD_REQUEST' })
  })
})

describe('the DNA of express-response', () => {
  for (const [what, dna, key] of [
    ['no reactOn', {}, 'reactOn'],
    ['an unknown key', { reactOn: 'ExpressServer', path: 'x' }, 'path'],
    ['a number for reactOn', { reactOn: 7 }, 'reactOn'],
  ] as const) {
    it(`with ${what} is refused`, () => {
      expect(() => expressResponse(new EventBus(), dna))
        .to.throw(DnaError)
        .with.property('key', key)
    })
  }
})
