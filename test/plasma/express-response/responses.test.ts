import { expect } from 'chai'
import type { RequestHandler } from 'express'
import { DnaError } from '../../../context/cell'
import { EventBus } from '../../../context/cell/event-bus'
import expressResponse from '../../../plasma/express-response'
import { keepErrorLog } from '../../support/error-log'
import { answering, closeApps } from '../../support/route-app'

describe('res.response', () => {
  const log = keepErrorLog()
  afterEach(closeApps)

  for (const value of [{ id: 1 }, null, 0, false, '']) {
    it(`is res.body by another name: ${JSON.stringify(value)}`, async () => {
      const client = await answering((req, res, next) => {
        if (req.path === '/body') res.body = value
        else res.response = value
        if (res.body !== value || res.response !== value) throw new Error('they differ')
        next()
      })
      for (const path of ['/body', '/response']) {
        const { status, body } = await client.get(path)
        expect([status, body]).to.deep.equal([200, value])
      }
    })
  }

  it('goes out with the status in res.code', async () => {
    const client = await answering((_req, res, next) => {
      res.code = 202
      res.body = { id: 1 }
      next()
    })
    const { status, body } = await client.get('/')
    expect([status, body]).to.deep.equal([202, { id: 1 }])
  })

  it('with 401 has a challenge, unless the route has its own (RFC 9110)', async () => {
    const client = await answering((req, res, next) => {
      if (req.path === '/own') res.set('WWW-Authenticate', 'Bearer')
      res.status(401).response = {}
      next()
    })
    expect((await client.get('/')).headers.get('www-authenticate')).to.equal('Cookie realm="login"')
    expect((await client.get('/own')).headers.get('www-authenticate')).to.equal('Bearer')
  })

  const values: [title: string, value: unknown][] = [
    ['an object', { id: 1, name: 'ann' }],
    ['an empty object', {}],
    ['nested objects and lists', { list: [{ deep: [[null]] }, 'text'], more: { of: { it: true } } }],
    ['a list', [1, 'two', null]],
    ['an empty list', []],
    ['null', null],
    ['false', false],
    ['true', true],
    ['zero', 0],
    ['a number', -1.5],
    ['an empty text', ''],
    ['a text', 'it is "quoted" <b>'],
    ['a text beyond ASCII', 'ünï \u2028 🧬'],
  ]
  for (const [title, value] of values) {
    it(`sends ${title} as JSON`, async () => {
      const client = await answering((_req, res, next) => {
        res.response = value
        next()
      })
      const { status, headers, text } = await client.get('/')
      expect(status).to.equal(200)
      expect(headers.get('content-type')).to.match(/^application\/json\b/)
      expect(JSON.parse(text)).to.deep.equal(value)
    })
  }

  it('sends what toJSON says, and nothing else', async () => {
    const client = await answering((_req, res, next) => {
      res.response = { hash: 'secret', toJSON: () => ({ id: 1 }), list: [] }
      next()
    })
    expect((await client.get('/')).text).to.equal('{"id":1}')
  })

  it('sends dates as texts, and leaves out what JSON does not have', async () => {
    const client = await answering((_req, res, next) => {
      res.response = { at: new Date(0), not: undefined, nor: () => 1 }
      next()
    })
    expect((await client.get('/')).body).to.deep.equal({ at: '1970-01-01T00:00:00.000Z' })
  })

  for (const status of [201, 202, 404, 409]) {
    it(`keeps the status that was set: ${status}`, async () => {
      const client = await answering((_req, res, next) => {
        res.status(status)
        res.response = { id: 1 }
        next()
      })
      const answer = await client.get('/')
      expect([answer.status, answer.body]).to.deep.equal([status, { id: 1 }])
    })
  }

  it('keeps the headers that were set', async () => {
    const client = await answering((_req, res, next) => {
      res.set('x-own', 'kept').response = {}
      next()
    })
    expect((await client.get('/')).headers.get('x-own')).to.equal('kept')
  })

  it('is JSON for browsers too', async () => {
    const client = await answering((_req, res, next) => {
      res.response = '<script>alert(1)</script>'
      next()
    })
    const { headers } = await client.get('/', { accept: 'text/html' })
    expect(headers.get('content-type')).to.match(/^application\/json\b/)
  })

  it('that JSON cannot hold is an error, and not half an answer', async () => {
    const circle: Record<string, unknown> = {}
    circle['self'] = circle
    for (const value of [circle, { big: 1n }]) {
      const client = await answering((_req, res, next) => {
        res.response = value
        next()
      })
      const { status, body } = await client.get('/')
      expect(status).to.equal(500)
      expect(body).to.have.property('code', 'INTERNAL')
    }
    expect(log).to.have.lengthOf(2)
  })

  it('that is not set is a 404, with every method', async () => {
    const client = await answering((_req, _res, next) => {
      next()
    })
    for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      const { status, body } = await client.send(method, '/nothing/here')
      expect(status, method).to.equal(404)
      expect(body, method).to.include({ status: 404, code: 'NOT_FOUND', title: 'Not Found' })
    }
    expect(log).to.be.empty
  })

  const answered: [title: string, handler: RequestHandler][] = [
    [
      'calls next',
      (_req, res, next) => {
        res.json({ first: true })
        next()
      },
    ],
    [
      'calls next with res.response set',
      (_req, res, next) => {
        res.json({ first: true })
        res.response = { second: true }
        next()
      },
    ],
    [
      'calls next twice',
      (_req, res, next) => {
        res.response = { first: true }
        next()
        next()
      },
    ],
    [
      'calls next with an error',
      (_req, res, next) => {
        res.json({ first: true })
        next(new Error('late'))
      },
    ],
    [
      'throws',
      (_req, res) => {
        res.json({ first: true })
        throw new Error('late')
      },
    ],
    [
      'calls next, and then with an error',
      (_req, res, next) => {
        res.response = { first: true }
        next()
        next(new Error('late'))
      },
    ],
  ]
  for (const [title, handler] of answered) {
    it(`is sent once where a handler has answered and ${title}`, async () => {
      const client = await answering(handler)
      for (let request = 0; request < 2; request += 1) {
        const { status, body } = await client.get('/')
        expect([status, body]).to.deep.equal([200, { first: true }])
      }
      if (/error|throws/.test(title)) expect(log.join('\n')).to.include('late')
      else expect(log).to.be.empty
      expect(log.join('\n')).to.not.include('ERR_HTTP_HEADERS_SENT')
    })
  }
})

describe('the DNA of express-response', () => {
  for (const [title, dna, key] of [
    ['no reactOn', {}, 'reactOn'],
    ['an unknown key', { reactOn: 'ExpressServer', path: 'x' }, 'path'],
    ['a reactOn that is no text', { reactOn: 7 }, 'reactOn'],
  ] as const) {
    it(`with ${title} is refused`, () => {
      expect(() => {
        expressResponse(new EventBus(), dna)
      })
        .to.throw(DnaError)
        .with.property('key', key)
    })
  }
})
