import { expect } from 'chai'
import { join, relative } from 'node:path'
import { DnaError } from '../../../context/errors'
import { Plasma } from '../../../context/plasma'
import expressRoutes from '../../../plasma/express-routes'
import { rejectionOf } from '../../support/rejection'
import { RouteApp, answer, closeApps, typescript } from '../../support/route-app'
import { temporaryFolder } from '../../support/temporary-folder'

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
    ['a pattern', { ...DNA, pattern: '/**/*.js' }, 'pattern'],
  ]
  for (const [title, dna, key] of rows) {
    it(`with ${title} is refused`, async () => {
      const error = await rejectionOf<DnaError>(() => expressRoutes(new Plasma(), dna), DnaError)
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

  it('may name several chemicals, the first of them the server\'s', async () => {
    const app = new RouteApp()
    await app.plasma.store('ExpressSessions')
    await app.mount({ 'me.ts': typescript(`"GET": ${answer('me')}`) }, { reactOn: ['ExpressServer', 'ExpressSessions'] })
    expect((await (await app.listen()).get('/me')).status).to.equal(200)
  })
})
