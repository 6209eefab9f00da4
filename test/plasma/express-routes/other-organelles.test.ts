import { expect } from 'chai'
import express, { Router, type Express, type RequestHandler } from 'express'
import { rejectionOf } from '../../support/rejection'
import { RouteApp, closeApps } from '../../support/route-app'

const guard = `module.exports = () => ({ 'POST /login': (req, res) => res.json('in'), '* *': (req, res) => res.sendStatus(401) })`
const open = `module.exports = () => ({ 'GET': (req, res) => res.json('open') })`

const answer: RequestHandler = function answer(_req, res) {
  res.json('secret')
}
const passOn: RequestHandler = function passOn(_req, _res, next) {
  next()
}
const routerOf = (path: string): Router => Router().get(path, answer)

describe('what another organelle mounts', () => {
  afterEach(closeApps)

  const refused: [what: string, mount: (app: Express) => unknown][] = [
    ['a route', (app) => app.get('/api/secret', answer)],
    ['a route of the URL itself', (app) => app.all('/API', answer)],
    ['a route that may pass on', (app) => app.get('/api/secret', passOn)],
    ['one of several paths', (app) => app.get(['/other', '/api/secret'], answer)],
    ['a route for any page', (app) => app.get('/:page', answer)],
    ['a route for everything', (app) => app.get('*', answer)],
    ['an optional parameter', (app) => app.get('/api/:id?', answer)],
    ['an expression', (app) => app.get(/secret/, answer)],
    ['a middleware below the URL', (app) => app.use('/api/files', passOn)],
    ['a middleware with a parameter', (app) => app.use('/:any/files', passOn)],
    ['a middleware at an expression', (app) => app.use(/^\/api\/x/, passOn)],
    ['a folder of files', (app) => app.use('/api/static', express.static('public'))],
    ['a router below the URL', (app) => app.use('/api', routerOf('/secret'))],
    ['a router for everything', (app) => app.use(routerOf('/api/secret'))],
    ['a router in a router', (app) => app.use('/api', Router().use('/inner', routerOf('/secret')))],
    ['a middleware at several paths', (app) => app.use(['/other', '/api/secret'], answer)],
    ['a router below the URL that is filled later', (app) => app.use('/api', Router())],
    ['an application', (app) => app.use(express().get('/api/secret', answer))],
    ['an application below the URL', (app) => app.use('/api/inner', express())],
  ]
  for (const [what, mount] of refused) {
    it(`before a guard stops the boot, with the URL and the guard's file: ${what}`, async () => {
      const app = new RouteApp()
      mount(app.app)
      const error = await rejectionOf(() => app.mount({ 'index.js': guard }, { mount: '/api' }))
      expect(error).to.include({ key: 'reactOn' })
      expect(error.message).to.match(/something at [/*].*index\.js, which guards \/api/)
    })
  }

  const passed: [what: string, mount: (app: Express) => unknown][] = [
    ['what is mounted everywhere', (app) => app.use(passOn)],
    ['files of the root', (app) => app.use(express.static('public'))],
    ['a router of something else', (app) => app.use(routerOf('/apiary/secret')).use('/docs', routerOf('/api'))],
    ['a middleware at several paths of something else', (app) => app.use(['/docs', '/apiary'], passOn)],
    ['an application of something else', (app) => app.use('/docs', express())],
    [
      'what says that it passes on',
      (app) => app.post('/api/login', Object.assign(passOn.bind(undefined), { passesOn: true })),
    ],
    ['a middleware that says so', (app) => app.use('/api', Object.assign(passOn.bind(undefined), { passesOn: true }))],
  ]
  for (const [what, mount] of passed) {
    it(`before a guard is left alone: ${what}`, async () => {
      const app = new RouteApp()
      mount(app.app)
      await app.mount({ 'index.js': guard }, { mount: '/api' })
      const client = await app.listen()
      expect((await client.get('/api/secret')).status).to.equal(401)
      expect((await client.post('/api/login')).status).to.equal(200)
    })
  }

  it('after a guard is behind it', async () => {
    const app = new RouteApp()
    await app.mount({ 'index.js': guard }, { mount: '/api' })
    app.app.get('/api/secret', answer).use('/api', routerOf('/inner'))
    const client = await app.listen()
    for (const url of ['/api/secret', '/api/inner']) expect((await client.get(url)).status).to.equal(401)
  })
})

describe('a guard of a folder within', () => {
  afterEach(closeApps)

  const inner = `module.exports = () => ({ '* *': (req, res) => res.sendStatus(401) })`
  for (const key of ['GET /admin/stats', 'GET /admin', 'GET /:section/stats', 'POST /Admin/stats']) {
    it(`stops the boot when an index above has "${key}", which would come before it`, async () => {
      const index = `module.exports = () => ({ '${key}': (req, res) => res.json('open') })`
      const error = await rejectionOf(() =>
        new RouteApp().mount({ 'index.js': index, 'admin/index.js': inner }, { mount: '/api' }),
      )
      expect(error).to.include({ key: 'path' })
      expect(error.message).to.match(/index\.js has \/api.*before the guard in .*admin\/index\.js: move it/)
    })
  }

  it('leaves alone what an index above has beside it', async () => {
    const index = `module.exports = () => ({ 'GET /administration': (req, res) => res.json('open') })`
    const app = new RouteApp()
    await app.mount({ 'index.js': index, 'admin/index.js': inner, 'admin/stats.js': open }, { mount: '/api' })
    const client = await app.listen()
    expect((await client.get('/api/administration')).status).to.equal(200)
    expect((await client.get('/api/admin/stats')).status).to.equal(401)
  })
})
