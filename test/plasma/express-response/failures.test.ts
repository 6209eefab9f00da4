import { expect } from 'chai'
import { inspect } from 'node:util'
import { keepErrorLog } from '../../support/error-log'
import { answering, closeApps } from '../../support/route-app'

const INTERNAL = {
  type: 'about:blank',
  title: 'Internal Server Error',
  status: 500,
  code: 'INTERNAL',
  detail: 'Something went wrong here.',
}

describe('a failure inside', () => {
  const log = keepErrorLog()
  afterEach(closeApps)

  const thrown: [title: string, value: unknown][] = [
    ['an error', new Error('inside')],
    ['an error with a cause', new Error('inside', { cause: new Error('inside it') })],
    ['a text', 'inside'],
    ['a number', 404],
    ['true', true],
    ['an object', { message: 'inside' }],
    ['an object without a prototype', Object.create(null)],
    ['a list of errors', [new Error('inside')]],
    ['a symbol', Symbol('inside')],
    ['a function', () => 'inside'],
    ['an error with a status of 500', Object.assign(new Error('inside'), { status: 500 })],
    ['an error with a status of 503', Object.assign(new Error('inside'), { status: 503, expose: true })],
    ['an error with a status that is a text', Object.assign(new Error('inside'), { status: '404' })],
    ['an error with a status of 200', Object.assign(new Error('inside'), { status: 200 })],
    ['an error with a status of 0', Object.assign(new Error('inside'), { status: 0 })],
    ['an error with a status that is no number', Object.assign(new Error('inside'), { status: NaN })],
    ['a refused connection', Object.assign(new Error('inside'), { code: 'ECONNREFUSED' })],
    ['a code that is a text, and a body', Object.assign(new Error('inside'), { code: '404', body: 'inside' })],
    ['a code that is no status, and a body', Object.assign(new Error('inside'), { code: 11_000, body: 'inside' })],
    ['a code of success, and a body', Object.assign(new Error('inside'), { code: 200, body: 'inside' })],
    [
      'a body without a code, as a parser leaves it',
      Object.assign(new Error('inside'), { body: 'inside', response: 'inside' }),
    ],
    ['the answer of another server', Object.assign(new Error('inside'), { code: 500, response: { data: 'inside' } })],
    ['an error with a status of 600', Object.assign(new Error('inside'), { status: 600 })],
  ]
  for (const [title, value] of thrown) {
    it(`with ${title} says nothing of the inside, and is logged (OWASP ASVS 16.5.1)`, async () => {
      const client = await answering(() => {
        throw value
      })
      const { status, headers, body } = await client.get('/path?secret=1')
      expect(status).to.equal(500)
      expect(headers.get('content-type')).to.match(/^application\/problem\+json\b/)
      expect(body).to.deep.equal(INTERNAL)
      expect(log).to.have.lengthOf(1)
      expect(log[0]).to.include('GET /path').and.not.include('secret')
      if (inspect(value).includes('inside')) expect(log[0]).to.include('inside')
    })
  }

  it('says nothing of the inside to a browser either', async () => {
    const client = await answering(() => {
      throw new Error('<b>inside</b>')
    })
    const { status, headers, text } = await client.get('/', { accept: 'text/html' })
    expect(status).to.equal(500)
    expect(headers.get('content-type')).to.match(/^text\/html\b/)
    expect(text).to.include('Something went wrong here.').and.not.include('inside').and.not.include('.ts')
  })

  it('is logged only so many times a minute', async () => {
    const client = await answering((req) => {
      throw new Error(req.path)
    })
    for (let count = 0; count < 65; count += 1) await client.get('/same')
    await client.get('/other')
    expect(log).to.have.lengthOf(61)
    expect(log.at(-1)).to.include('Error: /other')
  })

  it('leaves the application running', async () => {
    const client = await answering((req, res) => {
      if (req.path === '/broken') throw new Error('inside')
      res.json('fine')
    })
    expect((await client.get('/broken')).status).to.equal(500)
    expect((await client.get('/')).body).to.equal('fine')
  })

  for (const nothing of [undefined, null, 0, '', false]) {
    it(`that is thrown as ${nothing === '' ? '""' : String(nothing)} never answers with success`, async () => {
      const client = await answering(() => {
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- what a route may do
        throw nothing
      })
      expect((await client.get('/')).status).to.be.at.least(400)
    })
  }

  it('cannot write lines of its own into the log (OWASP ASVS 16.4.1)', async () => {
    const client = await answering(() => {
      throw new Error('inside')
    })
    await client.get('/a%0Ab%0D%0Aforged')
    expect(log[0]?.split('\n')[0]).to.include('/a%0Ab%0D%0Aforged')
  })

  it('after half an answer ends the connection, and is logged', async () => {
    const client = await answering((_req, res, next) => {
      res.set('Content-Length', '1000').write('half')
      setTimeout(() => {
        next(new Error('inside'))
      }, 5)
    })
    const failed = await client.get('/').then(
      () => 'answered',
      () => 'ended',
    )
    expect(failed).to.equal('ended')
    expect(log.join('\n')).to.include('inside')
  })

  it('after half an answer in chunks ends the connection, too', async () => {
    const client = await answering((_req, res, next) => {
      res.type('json').write('{"half":')
      setTimeout(() => {
        next(new Error('inside'))
      }, 5)
    })
    const response = await fetch(client.address)
    const text = await response.text().catch(() => 'ended')
    expect(text).to.equal('ended')
  })

  it('after a whole answer leaves that answer as it is', async () => {
    const client = await answering((_req, res, next) => {
      res.end('whole')
      setImmediate(() => {
        next(new Error('inside'))
      })
    })
    expect((await client.get('/')).text).to.equal('whole')
    while (log.length === 0) await new Promise(setImmediate)
    expect(log).to.have.lengthOf(1)
    expect(log[0]).to.include('inside')
  })
})
