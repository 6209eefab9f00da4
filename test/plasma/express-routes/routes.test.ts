import { expect } from 'chai'
import { inspect } from 'node:util'
import type { Client } from '../../support/client'
import { keepErrorLog } from '../../support/error-log'
import { buildRoutes, checkTwins, type Route } from '../../../plasma/express-routes/routes'
import { closeApps, javascript, serveRoutes } from '../../support/route-app'

/** The routes of a file at `/me`. */
const routesOf = (built: unknown, segments = ['me'], name = 'me.ts'): Route[] =>
  buildRoutes({ file: `/${name}`, name, segments }, '/api', built)

const plain = function (_req: unknown, _res: unknown, _next: unknown): void {}
const asyncAnswer = async (_req: unknown, _res: unknown): Promise<void> => {}
const asyncGuard = async (_req: unknown, _res: unknown, _next: unknown): Promise<void> => {}

describe('the routes of a file', () => {
  const keys: [key: string, verb: string, url: string, ...paths: string[]][] = [
    ['GET', 'get', '/api/me', '/api/me'],
    ['M-SEARCH', 'm-search', '/api/me', '/api/me'],
    ['POST /inner/:id', 'post', '/api/me/inner/:id', '/api/me/inner/:id'],
    ['* /any', 'all', '/api/me/any', '/api/me/any'],
    // Not '/api/me*': that is also for /api/meadow.
    ['* *', 'all', '/api/me*', '/api/me', '/api/me/*'],
    ['GET *', 'get', '/api/me*', '/api/me', '/api/me/*'],
    ['GET /inner/*', 'get', '/api/me/inner/*', '/api/me/inner/*'],
  ]
  for (const [key, verb, url, ...paths] of keys) {
    it(`are at ${paths.join(' and ')} for "${key}"`, () => {
      expect(routesOf({ [key]: plain })[0]).to.deep.include({ key, verb, url, paths })
    })
  }

  it('are in the order in which they are written, and may be none', () => {
    const built = { 'GET /b': plain, '* *': [plain, asyncAnswer].slice(0, 1), 'GET /a': [plain, asyncAnswer] }
    expect(routesOf(built).map(({ key }) => key)).to.deep.equal(Object.keys(built))
    expect(routesOf({})).to.deep.equal([])
  })

  const odd = [
    '*',
    'get',
    'get /inner',
    'FETCH /inner',
    'ALL /x',
    'GET inner',
    '/inner',
    '**',
    'GET  /inner',
    'GET /a b',
  ]
  for (const key of [...odd, 'GET ', ' GET', 'GET\t/inner', '', 'GET POST']) {
    it(`refuse the key ${JSON.stringify(key)}, which would be ignored or mounted elsewhere`, () => {
      expect(() => routesOf({ GET: plain, [key]: plain })).to.throw(`me.ts: "${key}" is no route: write as in`)
    })
  }

  for (const value of [undefined, null, 'handler', {}, true, [undefined], [plain, null], [[]]]) {
    it(`refuse ${inspect(value)} for a handler`, () => {
      expect(() => routesOf({ GET: value })).to.throw('me.ts: "GET" has a handler that is not a function')
    })
  }

  it('refuse a key without a handler', () => {
    expect(() => routesOf({ '* *': [] })).to.throw('me.ts: "* *" has no handler')
  })

  const nothing = { then: (resolve: (routes: object) => void) => resolve({}) }
  for (const built of [undefined, null, [['GET', plain]], [], Promise.resolve({}), 'GET', 7, false, plain, nothing]) {
    it(`refuse a function that returns ${inspect(built)}`, () => {
      expect(() => routesOf(built)).to.throw(/me\.ts.*(does not return its routes|is no route)/)
    })
  }

  const guards: [key: string, handlers: unknown][] = [
    ['* *', asyncAnswer],
    ['GET *', asyncAnswer],
    ['GET /inner/*', asyncAnswer],
    ['* /inner', asyncAnswer],
    ['GET', [asyncAnswer, plain]],
    ['GET', [plain, asyncAnswer, plain]],
    ['GET', asyncGuard],
    ['GET', [plain, asyncGuard]],
  ]
  for (const [key, handlers] of guards) {
    it(`refuse an async guard, whose "no" nobody would wait for: "${key}" with ${[handlers].flat().length} handlers`, () => {
      expect(() => routesOf({ [key]: handlers })).to.throw(`me.ts: "${key}" is guarded by an async function`)
    })
  }

  const twins: [keyOfIndex: string, segments: string[], key: string][] = [
    ['GET /me', ['me'], 'GET'],
    ['GET /me/', ['me'], 'GET'],
    ['GET /ME', ['me'], 'GET /'],
    ['GET /:id/edit', [':user', 'edit'], 'GET'],
    ['* /me', ['me'], '* /'],
    ['GET /me/*', ['me'], 'GET /*'],
  ]
  for (const [keyOfIndex, segments, key] of twins) {
    it(`refuse what another file answers too: "${keyOfIndex}" of the index and "${key}" of ${segments.join('/')}`, () => {
      const routes = [...routesOf({ [keyOfIndex]: plain }, [], 'index.ts'), ...routesOf({ [key]: plain }, segments)]
      expect(() => checkTwins(routes)).to.throw(/index\.ts and me\.ts both answer .*, keep one of them/)
    })
  }

  it('may share a URL with other methods, or within a file', () => {
    checkTwins([...routesOf({ 'POST /me': plain }, []), ...routesOf({ GET: plain, 'GET /': plain, '* *': plain })])
  })
})

describe('a handler', () => {
  const log = keepErrorLog()
  const LATER = 'await new Promise(setImmediate)'
  /** What answers a request to each: a status, and what the error log names. `behind` answers what gets past it. */
  const rows: [what: string, handler: string, status: number, body?: unknown, logged?: RegExp][] = [
    ['async, sets res.response', `async (req, res) => { ${LATER}; res.response = { id: 1 } }`, 200, { id: 1 }],
    ['async, has not answered', `async (req, res) => { ${LATER} }`, 200, 'behind'],
    [
      'async, last of a list',
      '[(req, res, next) => { req.x = 1; next() }, async (req, res) => { res.json(req.x) }]',
      200,
      1,
    ],
    ['async, answers itself', `async (req, res) => { ${LATER}; res.status(403).json('no') }`, 403, 'no'],
    ['async, answers and fails', 'async (req, res) => { res.json(1); throw new Error("late") }', 200, 1, /late/],
    ...['{}', '"text"', 'null', '0', 'false', 'res'].map((value): [string, string, number, unknown, RegExp] => [
      `async, returns ${value}`,
      `async (req, res) => { ${LATER}; return ${value} }`,
      ...([500, undefined, /\.js: "GET" returned a value: set res\.response/] as const),
    ]),
    ['async, fails for the client', 'async () => { throw Object.assign(new Error("x"), { status: 404 }) }', 404],
    // Express takes falsy values and two words for "go on".
    ...['undefined', 'null', '0', '""', 'false', '"route"', '"router"', '"text"', 'new Error("inside")'].flatMap(
      (thrown): [string, string, number][] => [
        [`async, throws ${thrown}`, `async () => { ${LATER}; throw ${thrown} }`, 500],
        [`throws ${thrown}`, `() => { throw ${thrown} }`, 500],
        [`returns a promise that rejects with ${thrown}`, `() => Promise.reject(${thrown})`, 500],
      ],
    ),
  ]
  let client: Client

  before(async () => {
    const files = rows.map(([, handler], index) => [`case-${index}.js`, javascript(`"GET": ${handler}`)] as const)
    const guards = rows
      .map(([, handler], index) => [`guard-${index}`, handler] as const)
      .filter(([, handler]) => !handler.includes('async'))
      .flatMap(([name, handler]): [string, string][] => [
        [`${name}/index.js`, javascript(`"* *": ${handler}`)],
        [`${name}/secret.js`, javascript('"GET": (req, res) => res.json("let in")')],
      ])
    const behind = { '_any.js': javascript('"GET": (req, res) => res.json("behind")') }
    client = await serveRoutes({ ...Object.fromEntries([...files, ...guards]), ...behind })
  })
  after(closeApps)

  rows.forEach(([what, handler, status, body, logged], index) => {
    it(`that is ${what} is answered ${status}`, async () => {
      const answer = await client.get(`/case-${index}`)
      expect(answer.status).to.equal(status)
      if (body !== undefined) expect(answer.body).to.deep.equal(body)
      expect(answer.text).not.to.match(/inside|\.js/)
      if (logged) expect(log.join('\n')).to.match(logged)
      else if (status < 500) expect(log).to.deep.equal([])
      if (!handler.includes('async')) expect((await client.get(`/guard-${index}/secret`)).status).to.equal(500)
    })
  })
})
