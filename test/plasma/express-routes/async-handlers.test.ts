import { expect } from 'chai'
import type { Client } from '../../support/client'
import { keepErrorLog } from '../../support/error-log'
import { refusal } from '../../support/refusal'
import { closeApps, javascript, serveRoutes, typescript } from '../../support/route-app'

const LATER = 'await new Promise((resolve) => setTimeout(resolve, 5))'

/** Mounts a handler for /me, and another one behind it that answers whatever gets there. */
function serveBefore(handler: string): Promise<Client> {
  const behind = 'function (req, res) { res.json("behind") }'
  return serveRoutes({ 'me.js': javascript(`"GET": ${handler}`), '_user.js': javascript(`"GET": ${behind}`) })
}

describe('an async handler', () => {
  const log = keepErrorLog()
  afterEach(closeApps)

  it('answers by res.response', async () => {
    const handler = `async (req: object, res: { response: unknown }) => { ${LATER}; res.response = { id: 1 } }`
    const client = await serveRoutes({ 'me.ts': typescript(`"GET": ${handler}`) })
    const { status, body } = await client.get('/me')
    expect([status, body]).to.deep.equal([200, { id: 1 }])
  })

  it('goes on to what comes next where it has not answered', async () => {
    const client = await serveBefore(`async (req, res) => { ${LATER}; return }`)
    expect((await client.get('/me')).body).to.equal('behind')
  })

  it('may be the last of a list', async () => {
    const plain = 'function (req, res, next) { req.seen = "plain"; next() }'
    const last = `async (req, res) => { ${LATER}; res.response = req.seen }`
    const client = await serveRoutes({ 'me.js': javascript(`"GET": [${plain}, ${last}]`) })
    expect((await client.get('/me')).body).to.equal('plain')
  })

  it('that answers by itself ends the request: nothing runs behind it', async () => {
    const client = await serveBefore(`async (req, res) => { ${LATER}; res.status(403).json({ answered: true }) }`)
    const { status, body } = await client.get('/me')
    expect([status, body]).to.deep.equal([403, { answered: true }])
    expect(log).to.be.empty
  })

  for (const value of ['{ id: 1 }', '"text"', 'null', '0', 'false', 'res']) {
    it(`that returns ${value} is an error that names its file and key`, async () => {
      const client = await serveBefore(`async (req, res) => { ${LATER}; return ${value} }`)
      const { status, text } = await client.get('/me')
      expect(status).to.equal(500)
      expect(text).to.not.include('me.js')
      expect(log.join('\n')).to.include('me.js').and.include('"GET"').and.include('res.response')
    })
  }

  for (const [title, error, status] of [
    ['an error', 'new Error("inside")', 500],
    ['an error for the client', 'Object.assign(new Error("inside"), { status: 404 })', 404],
    ['a text', '"inside"', 500],
  ] as const) {
    it(`that rejects with ${title} is answered like any error`, async () => {
      const client = await serveBefore(`async (req, res) => { ${LATER}; throw ${error} }`)
      const answer = await client.get('/me')
      expect(answer.status).to.equal(status)
      expect(answer.text).to.not.include('inside')
    })
  }

  // What `next` takes for no error, or for a word of its own.
  for (const reason of ['undefined', 'null', '0', '""', 'false', '"route"', '"router"']) {
    it(`that rejects with ${reason} is an error, and nothing runs behind it`, async () => {
      const client = await serveBefore(`async () => { throw ${reason} }`)
      expect((await client.get('/me')).status).to.equal(500)
    })
  }

  it('that rejects after it has answered sends nothing more', async () => {
    const client = await serveBefore('async (req, res) => { res.json("sent"); throw new Error("late") }')
    const { status, body } = await client.get('/me')
    expect([status, body]).to.deep.equal([200, 'sent'])
    expect(log.join('\n')).to.include('late')
  })
})

describe('an async guard', () => {
  const GUARD = 'async (req, res) => { res.status(401).end() }'
  const plain = '(req, res, next) => next()'
  const rows: [title: string, key: string, handlers: string][] = [
    ['of everything', '* *', GUARD],
    ['of one method', 'GET *', GUARD],
    ['of a wildcard path', 'GET /inner/*', GUARD],
    ['of any method', '* /inner', GUARD],
    ['before another handler', 'GET', `[${GUARD}, ${plain}]`],
    ['between others', 'GET', `[${plain}, ${GUARD}, ${plain}]`],
    ['written as a method', '* *', 'async function guard(req, res) {}'],
    ['with a next of its own', 'GET', 'async (req, res, next) => { next() }'],
    ['that is the last of a list, with a next of its own', 'GET', `[${plain}, async (req, res, next) => { next() }]`],
  ]
  for (const [title, key, handlers] of rows) {
    for (const [extension, source] of [
      ['js', javascript],
      ['ts', typescript],
    ] as const) {
      it(`${title} stops the boot, in .${extension} files`, async () => {
        const handler = extension === 'ts' ? handlers.replace(/\(req, res\)/g, '(req: object, res: any)') : handlers
        const { message } = await refusal({ [`me.${extension}`]: source(`"${key}": ${handler}`) })
        expect(message).to.include(`me.${extension}`).and.include(`"${key}"`).and.include('function (req, res, next)')
      })
    }
  }
})
