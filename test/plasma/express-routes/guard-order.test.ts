import { expect } from 'chai'
import express, { Router, type Express, type RequestHandler } from 'express'
import type { Client } from '../../support/client'
import { rejectionOf } from '../../support/rejection'
import { RouteApp, answer, closeApps, guard, javascript, send, serveRoutes } from '../../support/route-app'

const PASS = { 'x-pass': 'yes' }
const GUARD = javascript(`"* *": ${guard()}`)
const get = (name: string): string => javascript(`"GET": ${answer(name)}`)

describe("a guard in a folder's index", () => {
  afterEach(closeApps)

  describe('of /api', () => {
    let client: Client
    const methods = ['GET', 'OPTIONS', 'POST', 'PUT', 'DELETE', 'PATCH', 'PROPFIND']

    beforeEach(async () => {
      const all = javascript(methods.map((method) => `"${method}": ${answer(method)}`).join(', '))
      client = await serveRoutes({ 'index.js': GUARD, 'me.js': get('me'), 'all.js': all }, { mount: '/api' })
    })

    it('stops every method, with a route or without', async () => {
      for (const method of methods) {
        expect((await client.send(method, '/api/all')).status, method).to.equal(401)
        expect((await client.send(method, '/api/all', undefined, PASS)).status, method).to.equal(200)
        expect((await client.send(method, '/api/me')).status, method).to.equal(401)
      }
      expect((await fetch(`${client.address}/api/me`, { method: 'HEAD' })).status).to.equal(401)
    })

    it('stops every spelling of a URL', async () => {
      for (const url of '/api /api/ /api?x /API/ME /api/me/ /api//me /api/nothing /api/%6De'.split(' '))
        expect((await client.get(url)).status, url).to.equal(401)
      for (const url of '//api/me /%61pi/me /x/../api/me /api%2Fme /;/api/me /api;/me'.split(' '))
        expect((await client.get(url)).status, url).to.be.oneOf([401, 404])
    })

    it('leaves alone what only begins like it', async () => {
      for (const url of ['/apiary', '/api-docs', '/api.json', '/ap'])
        expect((await client.get(url)).status, url).to.equal(404)
    })
  })

  it('without a mount stops everything, the root too', async () => {
    const root = javascript(`"* *": ${guard()}, "GET /": ${answer('root')}`)
    const client = await serveRoutes({ 'index.js': root, 'me.js': get('me') })
    for (const url of ['/', '/me', '/nothing']) expect((await client.get(url)).status, url).to.equal(401)
    expect((await client.get('/', PASS)).body).to.deep.include({ name: 'root' })
  })
})

describe('a guard deeper in the routes', () => {
  let client: Client

  before(async () => {
    client = await serveRoutes({
      'index.js': get('root'),
      'admin/index.js': javascript(`"* *": ${guard()}, "GET": ${answer('admin')}`),
      'admin/users.js': get('users'),
      'admin/inner/index.js': javascript(`"* *": ${guard('too', 'x-inner')}`),
      'admin/inner/_id/edit.js': get('edit'),
      'administrators.js': get('administrators'),
      'news/today.js': get('today'),
      // A file beside a folder guards it too.
      'beside.js': GUARD,
      'beside/deep/er.js': get('deeper'),
      '_user/index.js': GUARD,
      '_user/posts.js': get('posts'),
    })
  })
  after(closeApps)

  it('stops its own folder, with everything below', async () => {
    for (const url of '/admin /ADMIN/users /admin/x /beside /beside/deep/er /ann /ann/posts'.split(' '))
      expect((await client.get(url)).status, url).to.equal(401)
    for (const url of '/admin /admin/users /beside/deep/er /ann/posts'.split(' '))
      expect((await client.get(url, PASS)).status, url).to.equal(url === '/beside' ? 404 : 200)
  })

  it('is asked after the one above it, and does not take its place', async () => {
    const url = '/admin/inner/7/edit'
    expect((await client.get(url, PASS)).status).to.equal(401)
    expect((await client.get(url, { 'x-inner': 'too' })).status).to.equal(401)
    expect((await client.get(url, { ...PASS, 'x-inner': 'too' })).body).to.deep.include({ params: { id: '7' } })
  })

  it('leaves its siblings alone, also below a parameter', async () => {
    for (const url of ['/', '/administrators', '/news/today']) expect((await client.get(url)).status, url).to.equal(200)
  })
})

describe('what is mounted before a guard', () => {
  const secret: RequestHandler = function secret(_req, res) {
    res.json('secret')
  }
  const passOn: RequestHandler = function passOn(_req, _res, next) {
    next()
  }
  const passing = (): RequestHandler => Object.assign(passOn.bind(undefined), { passesOn: true })
  const routerOf = (path: string): Router => Router().get(path, secret)
  afterEach(closeApps)

  const refused: [what: string, mount: (app: Express) => unknown][] = [
    ['a route', (app) => app.get('/api/secret', secret)],
    ['a route of the URL itself', (app) => app.all('/API', secret)],
    ['a route that may pass on', (app) => app.get('/api/secret', passOn)],
    ['one of several paths', (app) => app.get(['/other', '/api/secret'], secret)],
    ['a route for any page', (app) => app.get('/:page', secret)],
    ['a route for everything', (app) => app.get('*', secret)],
    ['an optional parameter', (app) => app.get('/api/:id?', secret)],
    ['an expression', (app) => app.get(/secret/, secret)],
    ['a middleware below the URL', (app) => app.use('/api/files', passOn)],
    ['a middleware with a parameter', (app) => app.use('/:any/files', passOn)],
    ['a middleware at an expression', (app) => app.use(/^\/api\/x/, passOn)],
    ['a middleware at several paths', (app) => app.use(['/other', '/api/secret'], secret)],
    ['a router for everything', (app) => app.use(routerOf('/api/secret'))],
    ['a router in a router', (app) => app.use('/api', Router().use('/inner', routerOf('/secret')))],
    ['a router that is filled later', (app) => app.use('/api', Router())],
    ['an application', (app) => app.use(express().get('/api/secret', secret))],
    ['an application below the URL', (app) => app.use('/api/inner', express())],
  ]
  for (const [what, mount] of refused) {
    it(`by another organelle stops the boot: ${what}`, async () => {
      const app = new RouteApp()
      mount(app.app)
      const error = await rejectionOf(() => app.mount({ 'index.js': GUARD }, { mount: '/api' }))
      expect(error).to.include({ key: 'reactOn' })
      expect(error.message).to.match(/something at [/*].*index\.js, which guards \/api/)
    })
  }

  const allowed: [what: string, mount: (app: Express) => unknown][] = [
    ['for all URLs', (app) => app.use(passOn, express.static('public'))],
    [
      'elsewhere',
      (app) => app.use(routerOf('/apiary/secret')).use('/docs', routerOf('/api'), Router().get(/x/, secret)),
    ],
    ['at several other paths', (app) => app.use(['/docs', '/apiary'], passOn)],
    ['an application elsewhere', (app) => app.use('/docs', express())],
    ['and passes on, as it says', (app) => app.post('/api/login', passing()).use('/api', passing())],
  ]
  for (const [what, mount] of allowed) {
    it(`by another organelle is left alone if it is mounted ${what}`, async () => {
      const app = new RouteApp()
      mount(app.app)
      await app.mount({ 'index.js': GUARD }, { mount: '/api' })
      expect((await (await app.listen()).get('/api/secret')).status).to.equal(401)
    })
  }

  for (const [mount, name] of [
    ['/api/v2', 'secret'],
    ['/API', 'index'],
    ['', 'api/secret'],
    ['', '_any/secret'],
  ] as const) {
    it(`by another folder stops the boot, by the name of its file: ${name} under "${mount}"`, async () => {
      const app = new RouteApp()
      await app.mount({ [`${name}.js`]: get('secret') }, { mount })
      const error = await rejectionOf(() => app.mount({ 'index.js': GUARD }, { mount: '/api' }))
      expect(error.message).to.match(/\.js was mounted before .*index\.js, which guards \/api/)
    })
  }

  it('by another folder is left alone elsewhere; a guard of the root guards its own folder only', async () => {
    const app = new RouteApp()
    await app.mount({ 'index.js': javascript(`"GET": ${send('open')}`) }, { mount: '/apiary' })
    await app.mount({ 'index.js': GUARD }, { mount: '/api' })
    // What is mounted later is behind it.
    await app.mount({ 'secret.js': get('secret') }, { mount: '/api/v2' })
    app.app.use('/api', routerOf('/inner'))
    await app.mount({ 'index.js': GUARD })
    const client = await app.listen()
    expect((await client.get('/apiary')).status).to.equal(200)
    for (const url of ['/page', '/api/v2/secret', '/api/inner']) expect((await client.get(url)).status).to.equal(401)
  })

  for (const [file, key] of [
    ['_any/index.js', '* *'],
    ['index.js', '* /adm?in/*'],
  ] as const) {
    it(`by another organelle stops the boot if the guard may be for it: "${key}" in ${file}`, async () => {
      const app = new RouteApp()
      app.app.get('/api/admin/secret', secret)
      const files = { [file]: javascript(`"${key}": ${guard()}`) }
      expect(await rejectionOf(() => app.mount(files, { mount: '/api' }))).to.include({ key: 'reactOn' })
    })
  }

  for (const [key, above] of [
    ['GET /admin/stats', ''],
    ['GET /admin', ''],
    ['GET /:section/stats', ''],
    ['POST /Admin/stats', ''],
    ['GET /admin/stats', 'deep/'],
  ]) {
    it(`by an index above stops the boot: "${key}" in ${above}index.js`, async () => {
      const files = {
        [`${above}index.js`]: javascript(`"${key}": ${answer('open')}`),
        [`${above}admin/index.js`]: GUARD,
      }
      const error = await rejectionOf(() => new RouteApp().mount(files, { mount: '/api' }))
      expect(error.message).to.match(/index\.js has \/api.*before the guard in .*admin\/index\.js: move it/)
    })
  }

  it('by an index above is left alone beside it', async () => {
    const index = javascript(`"GET /administration": ${answer('open')}`)
    const client = await serveRoutes({ 'index.js': index, 'admin/index.js': GUARD })
    expect((await client.get('/administration')).status).to.equal(200)
  })
})
