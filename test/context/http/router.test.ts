import { expect } from 'chai'
import express, { type Express } from 'express'
import { listMounted, type Mounted } from '../../../context/http/router'

const handler = (): void => undefined
const { Router } = express

/** What is mounted, without Express's own middleware. */
function mountedBy(mount: (app: Express) => unknown): Mounted[] {
  const app = express()
  mount(app)
  return listMounted(app).filter(({ handlers: [first] }) => first?.name !== 'query' && first?.name !== 'expressInit')
}

describe('what is mounted on an Express application', () => {
  const rows: [what: string, mount: (app: Express) => unknown, ...expected: string[]][] = [
    ['nothing', () => undefined],
    ['a route', (app) => app.post('/login', handler), 'POST /login'],
    ['a route of several methods', (app) => app.route('/a').get(handler).put(handler), 'GET,PUT /a'],
    ['a route of all methods', (app) => app.all('/a/:id', handler), '* /a/:id'],
    ['a guard', (app) => app.all(['/api', '/api/*'], handler), '* /api|/api/*'],
    ['a regular expression', (app) => app.get(/^\/a/, handler), 'GET /^\\/a/'],
    ['a middleware everywhere', (app) => app.use(handler), ' '],
    ['a middleware below paths', (app) => app.use(['/a.b', '/:id/c'], handler), ' /a.b|/:/c'],
    ['a middleware below an expression', (app) => app.use(/^\/(a|b)/, handler), ' /*'],
    ['an application', (app) => app.use('/sub', express()), ' /sub/*'],
    [
      'routers in routers',
      (app) => app.use('/a', Router().use('/:b', Router().all('/c', handler)).get('/d', handler)),
      ' /a router',
      ' /a/: router',
      '* /a/:/c',
      'GET /a/d',
    ],
  ]
  for (const [what, mount, ...expected] of rows) {
    it(`is listed in the order of its calls: ${what}`, () => {
      const lines = mountedBy(mount).map(
        ({ methods, urls, isRouter }) => `${methods.join()} ${urls.join('|')}${isRouter ? ' router' : ''}`,
      )
      expect(lines).to.deep.equal(expected)
    })
  }

  it('matches what Express would pass to it', () => {
    const mounted = mountedBy((app) => {
      app.use('/V1/:tenant', Router().post('/login', handler)).get(['/a', /^\/b/], handler)
    })
    const [, login, either] = mounted
    const paths = ['/v1/ada/login', '/v1/login', '/v1/ada/login/x', '/v2/ada/login', '/login', '/A/', '/bc', '/ca']
    expect(paths.filter((path) => login?.matches(path))).to.deep.equal(['/v1/ada/login'])
    expect(paths.filter((path) => either?.matches(path))).to.deep.equal(['/A/', '/bc'])
  })

  it('is the route that `app.route` has returned, with its handlers', () => {
    const app = express()
    const route = app.route('/login').post(handler)
    const { route: found, handlers } = listMounted(app).at(-1) ?? expect.fail('nothing is mounted')
    expect(found).to.equal(route)
    expect(handlers).to.deep.equal([handler])
  })
})
