import { expect } from 'chai'
import { relative } from 'node:path'
import { DnaError } from '../../../context/cell'
import { EventBus } from '../../../context/cell/event-bus'
import expressRoutes from '../../../plasma/express-routes'
import { RouteApp, answer, closeApps, javascript, newRouteFolder } from '../../support/route-app'

const DNA = { reactOn: 'ExpressServer', emitReady: 'Routes', path: 'routes/api' }
const get = (name: string): string => javascript(`"GET": ${answer(name)}`)

describe('the DNA of express-routes', () => {
  afterEach(closeApps)

  const wrong: Record<string, unknown[]> = {
    path: [undefined, '', 7, ['routes/api']],
    mount: ['api', '/api/', '/', '/:tenant', '/api*', '//api', '/api?x', null],
    helpers: [true, ''],
    log: ['true'],
    reactOn: [undefined, []],
    emitReady: [undefined, ''],
    mounts: ['/api'],
    pattern: ['/**/*.route.js', '/*.js'],
  }
  for (const [key, values] of Object.entries(wrong)) {
    it(`is refused by the key ${key} if that is ${values.map((value) => JSON.stringify(value)).join(' or ')}`, () => {
      for (const value of values) {
        expect(() => expressRoutes(new EventBus(), { ...DNA, [key]: value }), String(value))
          .to.throw(DnaError, /./)
          .with.property('key', key)
      }
    })
  }

  it('may write its path in several ways', async () => {
    const folder = newRouteFolder({ 'a/b.js': get('b') })
    const short = relative(process.cwd(), folder)
    for (const path of [`./${short}`, `${short}/`, folder, `${short}/../routes`]) {
      const app = new RouteApp()
      await app.mount({}, { path, mount: '/api' }, folder)
      expect(app.paths, path).to.deep.equal(['/api/a/b'])
    }
  })

  it('may be the DNA in the README of organic-express-routes, and wait for several chemicals', async () => {
    const helpers = relative(process.cwd(), newRouteFolder({ 'name.js': 'module.exports = () => "from a helper"' }))
    const app = new RouteApp()
    await app.plasma.store('Other')
    // As it is there, but for the two paths, and for the source, which is this organelle's.
    await app.mount(
      { 'about.js': javascript('"GET": (req, res) => res.json(helpers.name())'), 'left-out.ts': '!' },
      {
        reactOn: ['Other', 'ExpressServer'],
        pattern: '/**/*.js',
        helpers,
        mount: '/myroutes',
        log: false,
        emitReady: 'ExpressRoutes',
      },
    )
    const client = await app.listen()
    expect((await client.get('/myroutes/about')).body).to.equal('from a helper')
    expect((await client.get('/myroutes/left-out')).status).to.equal(404)
  })
})

describe('express-routes', () => {
  afterEach(closeApps)

  it('is ready when everything is mounted', async () => {
    const app = new RouteApp()
    let atReady: string[] = []
    app.plasma.once('Ready', () => {
      atReady = app.paths
    })
    await app.mount({ 'index.js': get('index'), 'me.js': get('me') }, { emitReady: 'Ready' })
    expect(atReady).to.deep.equal(['/', '/me'])
    expect(app.plasma.has({ type: 'Ready' })).to.equal(true)
  })

  it('names URLs by files and keys', async () => {
    const keys: [file: string, ...keys: string[]][] = [
      ['index', 'GET', 'GET /inner', 'GET /index-page'],
      ['about', 'GET', 'GET /', 'GET /inner/:id', 'M-SEARCH'],
      ['deep/er/index', 'GET'],
      ['users/_userId/posts/_postId', 'GET'],
      ['style.css', 'GET'],
      ['well~known-1_0', '* /any'],
      ['_id/index', 'GET'],
    ]
    const files = keys.map(([file, ...own]) => {
      return [`${file}.js`, javascript(own.map((key) => `"${key}": ${answer(file)}`).join(', '))] as const
    })
    for (const mount of ['', '/api/v1.0']) {
      const app = new RouteApp()
      await app.mount(Object.fromEntries(files), { mount })
      const urls = [
        ...['/', '/inner', '/index-page', '/about', '/about/', '/about/inner/:id', '/about', '/deep/er', '/style.css'],
        ...['/users/:userId/posts/:postId', '/well~known-1_0/any', '/:id'],
      ].map((url) => (url === '/' ? mount || '/' : mount + url))
      expect(app.paths).to.deep.equal(urls)
      const client = await app.listen()
      expect((await client.get(`${mount}/a%20b`)).body).to.deep.equal({ name: '_id/index', params: { id: 'a b' } })
      expect((await client.get(`${mount}/7/8`)).status).to.equal(404)
      expect((await client.send('M-SEARCH', `${mount}/about`)).body).to.have.property('name', 'about')
    }
  })
})
