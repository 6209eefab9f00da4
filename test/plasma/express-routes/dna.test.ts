import { expect } from 'chai'
import { join, relative } from 'node:path'
import { DnaError } from '../../../context/cell'
import { EventBus } from '../../../context/cell/event-bus'
import expressRoutes from '../../../plasma/express-routes'
import { rejectionOf } from '../../support/rejection'
import { RouteApp, answer, closeApps, javascript, typescript } from '../../support/route-app'
import { temporaryFolder, writeFiles } from '../../support/temporary-folder'

const DNA = { reactOn: 'ExpressServer', emitReady: 'Routes', path: 'routes/api' }

describe('the DNA of express-routes', () => {
  afterEach(closeApps)

  const rows: [title: string, dna: Organic.Dna, key: string][] = [
    ['no path', { reactOn: 'ExpressServer', emitReady: 'Routes' }, 'path'],
    ['an empty path', { ...DNA, path: '' }, 'path'],
    ['a path that is no text', { ...DNA, path: 7 }, 'path'],
    ['a list of paths', { ...DNA, path: ['routes/api'] }, 'path'],
    ['a mount without a slash', { ...DNA, mount: 'api' }, 'mount'],
    ['a mount with a slash at its end', { ...DNA, mount: '/api/' }, 'mount'],
    ['a mount that is a slash', { ...DNA, mount: '/' }, 'mount'],
    ['a mount with a parameter', { ...DNA, mount: '/:tenant' }, 'mount'],
    ['a mount with a star', { ...DNA, mount: '/api*' }, 'mount'],
    ['a mount with two slashes', { ...DNA, mount: '//api' }, 'mount'],
    ['a mount with a query', { ...DNA, mount: '/api?x' }, 'mount'],
    ['a mount that is null', { ...DNA, mount: null }, 'mount'],
    ['helpers that are no text', { ...DNA, helpers: true }, 'helpers'],
    ['empty helpers', { ...DNA, helpers: '' }, 'helpers'],
    ['a log that is a text', { ...DNA, log: 'true' }, 'log'],
    ['no reactOn', { emitReady: 'Routes', path: 'routes/api' }, 'reactOn'],
    ['an empty list in reactOn', { ...DNA, reactOn: [] }, 'reactOn'],
    ['no emitReady', { reactOn: 'ExpressServer', path: 'routes/api' }, 'emitReady'],
    ['an empty emitReady', { ...DNA, emitReady: '' }, 'emitReady'],
    ['an unknown key', { ...DNA, mounts: '/api' }, 'mounts'],
    ['a pattern of names', { ...DNA, pattern: '/**/*.route.js' }, 'pattern'],
    ['a pattern of one folder', { ...DNA, pattern: '/*.js' }, 'pattern'],
  ]
  for (const [title, dna, key] of rows) {
    it(`with ${title} is refused`, async () => {
      const error = await rejectionOf<DnaError>(() => expressRoutes(new EventBus(), dna), DnaError)
      expect(error.key).to.equal(key)
      expect(error.message).to.match(new RegExp(`^${key}: .+`))
    })
  }

  const paths: Record<string, (folder: string) => string> = {
    'a ./ before it': (folder) => `./${relative(process.cwd(), folder)}`,
    'a slash behind it': (folder) => `${relative(process.cwd(), folder)}/`,
    'the whole of it': (folder) => folder,
    'dots within': (folder) => `${relative(process.cwd(), folder)}/../routes`,
  }
  for (const [title, write] of Object.entries(paths)) {
    it(`may write its path with ${title}`, async () => {
      const folder = join(temporaryFolder(), 'routes')
      const app = new RouteApp()
      const files = { 'a/b.ts': typescript(`"GET": ${answer('b')}`) }
      await app.mount(files, { path: write(folder), mount: '/api' }, folder)
      expect((await (await app.listen()).get('/api/a/b')).status).to.equal(200)
    })
  }

  it("may name several chemicals, the first of them the server's", async () => {
    const app = new RouteApp()
    await app.plasma.store('ExpressSessions')
    await app.mount(
      { 'me.ts': typescript(`"GET": ${answer('me')}`) },
      { reactOn: ['ExpressServer', 'ExpressSessions'] },
    )
    expect((await (await app.listen()).get('/me')).status).to.equal(200)
  })

  it('may be the DNA in the README of organic-express-routes', async () => {
    const helpers = join(temporaryFolder(), 'routes-helpers')
    writeFiles(helpers, { 'name.js': 'module.exports = () => "from a helper"' })
    const app = new RouteApp()
    // As it is there, but for the two paths, and for the source, which is this organelle's.
    await app.mount(
      { 'about.js': javascript('"GET": (req, res) => res.json(helpers.name())'), 'left-out.ts': '!' },
      {
        reactOn: 'ExpressServer',
        pattern: '/**/*.js',
        helpers: relative(process.cwd(), helpers),
        mount: '/myroutes',
        log: false,
        emitReady: 'ExpressRoutes',
      },
    )
    const client = await app.listen()
    expect((await client.get('/myroutes/about')).body).to.equal('from a helper')
    expect((await client.get('/myroutes/left-out')).status).to.equal(404)
  })

  it('is refused with a pattern that leaves out a possible guard', async () => {
    const files = { 'index.ts': typescript(''), 'about.js': javascript('') }
    const error = await rejectionOf<DnaError>(() => new RouteApp().mount(files, { pattern: '/**/*.js' }))
    expect(error.key).to.equal('pattern')
    expect(error.message).to.match(/leaves out .*index\.ts, which may guard .*about\.js/)
  })
})
