import { expect } from 'chai'
import type { Express } from 'express'
import { join } from 'node:path'
import { loadingInOrder } from '../../support/loading-order'
import { RouteApp, answer, closeApps, guard, javascript, send, serveRoutes, typescript } from '../../support/route-app'
import { temporaryFolder } from '../../support/temporary-folder'

const NAMES = ['_user/index', '_user/aindex', 'aindex', 'about', 'index', 'me', 'zzz/_id', 'zzz/deep/er', 'zzz/index']
const EXPECTED = ['/', '/about', '/aindex', '/me', '/zzz', '/zzz/deep/er', '/zzz/:id', '/:user', '/:user/aindex']

/** The paths of an application's routes, in the order in which it asks them. */
function mountedPaths(app: Express): string[] {
  const { stack } = (app as unknown as { _router: { stack: { route?: { path: string | string[] } }[] } })._router
  return stack.flatMap(({ route }) => route?.path ?? [])
}

describe('the order of routes', () => {
  const files = Object.fromEntries(NAMES.map((name) => [`${name}.ts`, typescript(`"GET": ${answer(name)}`)]))
  afterEach(closeApps)

  for (const checkout of ['checkout', 'index-of-things', 'z', 'index/routes/index']) {
    it(`is a URL before those below it and static before parameters, in a project that lies in ${checkout}`, async () => {
      const app = new RouteApp()
      await app.mount(files, {}, join(temporaryFolder(), checkout, 'routes'))
      expect(mountedPaths(app.app)).to.deep.equal(EXPECTED)
    })
  }

  const byDepth = (a: string, b: string): number => b.split('/').length - a.split('/').length
  const orders: Record<string, (a: string, b: string) => number> = {
    forwards: (a, b) => (a < b ? -1 : 1),
    backwards: (a, b) => (a < b ? 1 : -1),
    'with the index files last': (a, b) => Number(/index\.ts$/.test(a)) - Number(/index\.ts$/.test(b)),
    'with the deepest first': byDepth,
    'with the deepest last': (a, b) => -byDepth(a, b),
  }
  for (const [title, compare] of Object.entries(orders)) {
    it(`is the same when the files are found ${title}`, async () => {
      const app = new RouteApp()
      const found: string[] = []
      const order = (a: string, b: string): number => {
        found.push(a, b)
        return compare(a, b)
      }
      await loadingInOrder(order, () => app.mount(files))
      expect(new Set(found)).to.have.property('size', NAMES.length)
      expect(mountedPaths(app.app)).to.deep.equal(EXPECTED)
    })
  }

  it('keeps a guard first, however late its file is found', async () => {
    const app = new RouteApp()
    const guarded = { ...files, 'index.ts': typescript(`"* *": ${guard()}`) }
    await loadingInOrder(orders['with the index files last'] ?? byDepth, () => app.mount(guarded))
    const client = await app.listen()
    for (const url of ['/about', '/aindex', '/zzz', '/ann/aindex']) {
      expect((await client.get(url)).status, url).to.equal(401)
    }
  })

  it('is complete when the ready chemical is stored', async () => {
    const app = new RouteApp()
    let atReady: string[] = []
    app.plasma.once('ReadyRoutes', () => {
      atReady = mountedPaths(app.app)
    })
    await app.mount(files, { emitReady: 'ReadyRoutes' })
    expect(atReady).to.deep.equal(EXPECTED)
    expect(app.plasma.has({ type: 'ReadyRoutes' })).to.equal(true)
  })

  it('never has a ready chemical for routes that were refused', async () => {
    const app = new RouteApp()
    await app.mount({ 'a.ts': 'export default 1' }, { emitReady: 'ReadyRoutes' }).catch(() => undefined)
    expect(app.plasma.has({ type: 'ReadyRoutes' })).to.equal(false)
  })

  it('of an empty folder is ready at once', async () => {
    expect((await (await serveRoutes({ 'README.md': '' })).get('/')).status).to.equal(404)
  })
})

describe('several organelles of routes in one cell', () => {
  afterEach(closeApps)

  it('mount each its own folder under its own prefix', async () => {
    const app = new RouteApp()
    const api = { 'index.ts': typescript(`"* *": ${guard()}`), 'me.ts': typescript(`"GET": ${send('api')}`) }
    const site = { 'index.ts': typescript(`"GET /": ${send('site')}`), 'me.ts': typescript(`"GET": ${send('page')}`) }
    await Promise.all([
      app.mount(api, { mount: '/api' }),
      app.mount(site),
      app.mount({ 'me.js': javascript(`"GET": ${send('docs')}`) }, { mount: '/docs' }),
    ])
    const client = await app.listen()
    expect((await client.get('/api/me')).status).to.equal(401)
    for (const [url, name] of Object.entries({ '/': 'site', '/me': 'page', '/docs/me': 'docs' })) {
      expect((await client.get(url)).body, url).to.deep.equal({ name })
    }
  })

  it('may mount one folder under two prefixes', async () => {
    const app = new RouteApp()
    const files = {
      'index.ts': typescript(`"* *": ${guard()}`),
      'me.js': javascript('"GET": function (req, res) { res.json(dna) }'),
    }
    const folder = join(temporaryFolder(), 'routes')
    await Promise.all([app.mount(files, { mount: '/v1' }, folder), app.mount(files, { mount: '/v2' }, folder)])
    const client = await app.listen()
    for (const mount of ['/v1', '/v2']) {
      expect((await client.get(`${mount}/me`)).status, mount).to.equal(401)
      expect((await client.get(`${mount}/me`, { 'x-pass': 'yes' })).body).to.have.property('mount', mount)
    }
  })
})

describe('the modules of route files', () => {
  it('export what they did before, once they are mounted', async () => {
    const mine = 'module.exports = function mine() { return {} }'
    const folder = await new RouteApp().mount({ 'me.js': mine, 'index.ts': typescript('') })
    expect(require.cache[join(folder, 'me.js')]?.exports).to.have.property('name', 'mine')
    const index = require.cache[join(folder, 'index.ts')]?.exports as (...values: unknown[]) => unknown
    expect(index({}, {}, {})).to.deep.equal({})
  })

  it('export what they did before, also when the boot is stopped', async () => {
    const folder = join(temporaryFolder(), 'routes')
    const files = {
      'a.js': 'module.exports = function mine() { return {} }',
      'b.js': 'module.exports = () => { throw new Error("no") }',
    }
    await new RouteApp().mount(files, {}, folder).catch(() => undefined)
    expect(require.cache[join(folder, 'a.js')]?.exports).to.have.property('name', 'mine')
  })
})
