import { expect } from 'chai'
import { relative } from 'node:path'
import { refusal } from '../../support/refusal'
import { RouteApp, answer, closeApps, guard, javascript, newRouteFolder, serveRoutes } from '../../support/route-app'
import { uncaughtDuring } from '../../support/uncaught'

const TYPESCRIPT = 'export = (plasma: object, dna: { path: string }, helpers: object): object => (ROUTES)'
const NAMES = { 'index.js': javascript('"GET": (req, res) => res.json(Object.keys(helpers).sort())') }

/** A folder of helpers. @returns what DNA calls it */
const helpersOf = (files: Record<string, string>): string => relative(process.cwd(), newRouteFolder(files))

describe('a route file', () => {
  afterEach(closeApps)

  const noFunction: [exports: string, extension: 'ts' | 'js', source: string][] = [
    ['a default', 'ts', `export default function () { return { "* *": ${guard()} } }`],
    ['its routes themselves', 'ts', 'export = { GET: (req: object, res: { end(): void }) => res.end() }'],
    ['a named function', 'js', 'exports.routes = function () { return {} }'],
    ['{ default }', 'js', 'module.exports = { default: function () { return {} } }'],
    ['null', 'js', 'module.exports = null'],
    ['nothing, being empty', 'ts', ''],
  ]
  for (const [exports, extension, source] of noFunction) {
    it(`that exports ${exports} stops the boot, and is not silently left out (.${extension})`, async () => {
      const { key, message } = await refusal({ [`inner/guarded.${extension}`]: source })
      expect(key).to.equal('path')
      expect(message).to.include(`inner/guarded.${extension} does not export a function: write export = function`)
    })
  }

  const failing: [what: string, extension: 'ts' | 'js', source: string, message: string][] = [
    ['does not parse', 'ts', 'export = function () { return {{ }', 'does not load: '],
    ['throws while it loads', 'js', 'throw new Error("broken")', 'does not load: broken'],
    ['throws nothing while it loads', 'js', 'throw undefined', 'does not load: undefined'],
    ['lacks a module', 'js', 'require("./no-such-module")', "does not load: Cannot find module './no-such-module'"],
    ['throws when it is called', 'js', 'module.exports = () => { throw new Error("no") }', 'throws: no'],
    ['throws a string when it is called', 'js', 'module.exports = () => { throw "no" }', 'throws: no'],
    ['lacks a helper', 'js', javascript('"GET": helpers["build"]()'), 'throws: helpers.build is not a function'],
    ['is async', 'js', `module.exports = async () => ({ "* *": ${guard()} })`, 'does not return its routes'],
    ['has a key that would lose "index"', 'js', javascript(`"GET /index-page": ${answer('it')}`), 'write another path'],
    [
      'has a key that would become a parameter',
      'js',
      javascript(`"GET /the/_id": ${answer('it')}`),
      'write another path',
    ],
  ]
  for (const [what, extension, source, expected] of failing) {
    it(`that ${what} stops the boot by its name, and throws into no stream`, async () => {
      const uncaught = await uncaughtDuring(async () => {
        const { message } = await refusal({ [`inner/guarded.${extension}`]: source })
        expect(message).to.include(`inner/guarded.${extension}`).and.include(expected)
      })
      expect(uncaught).to.deep.equal([])
    })
  }

  it('that is refused keeps all others from being mounted, and the organelle from being ready', async () => {
    const app = new RouteApp()
    const files = { 'about.js': javascript(`"GET": ${answer('about')}`), 'me.js': javascript('"get": 1') }
    expect(await app.mount(files, { emitReady: 'Ready' }).catch(String)).to.include('me.js')
    const twins = { 'index.js': javascript(`"GET /about": ${answer('twin')}`), 'about.js': files['about.js'] }
    expect(await app.mount(twins).catch(String)).to.include('keep one of them')
    expect(app.plasma.has({ type: 'Ready' })).to.equal(false)
    expect((await (await app.listen()).get('/about')).status).to.equal(404)
  })

  it('is called with the plasma, the DNA of its organelle and the helpers by their paths, in JavaScript and TypeScript', async () => {
    const helpers = helpersOf({
      'one.js': 'module.exports = 1',
      'sub/deep/name.ts': 'export = "a name"',
      'one.test.ts': 'throw new Error("a test was loaded")',
      'types.d.ts': 'throw new Error("a declaration was loaded")',
    })
    const app = new RouteApp()
    Object.assign(app.plasma, { answer: 42 })
    const seen = '{ ...dna, helpers, answer: (plasma as { answer?: number }).answer }'
    const handler = `{ GET: (req: object, res: { json(body: object): void }) => res.json(${seen}) }`
    await app.mount({ 'me.ts': TYPESCRIPT.replace('ROUTES', handler), ...NAMES }, { helpers, mount: '/api' })
    const client = await app.listen()
    const expected = { answer: 42, mount: '/api', helpers: { one: 1, 'sub/deep/name': 'a name' } }
    expect((await client.get('/api/me')).body).to.deep.include(expected)
    expect((await client.get('/api')).body).to.deep.equal(['one', 'sub/deep/name'])
    expect((await client.get('/api/one')).status).to.equal(404)
  })

  it('has no helpers if DNA names no folder', async () => {
    expect((await (await serveRoutes(NAMES)).get('/')).body).to.deep.equal([])
  })

  const broken = { 'throws.ts': 'throw new Error("broken")', 'unparsable.js': 'export = {{' }
  for (const [name, source] of Object.entries(broken)) {
    it(`stops the boot if a helper does not load, and throws into no stream: ${name}`, async () => {
      const uncaught = await uncaughtDuring(async () => {
        const { key, message } = await refusal(NAMES, { helpers: helpersOf({ [name]: source }) })
        expect([key, message]).to.have.nested.property('[0]', 'helpers')
        expect(message).to.include(`${name} does not load`)
      })
      expect(uncaught).to.deep.equal([])
    })
  }

  it('stops the boot if there is no folder of helpers', async () => {
    expect((await refusal(NAMES, { helpers: 'no/such' })).message).to.equal('helpers: there is no folder no/such')
  })
})

describe('two cells in one process', () => {
  afterEach(closeApps)

  it('may mount one folder at the same time, each with its own plasma and DNA, and leave its modules alone', async () => {
    const builder =
      'module.exports = function mine(plasma, dna) { return { GET: (q, res) => res.json([plasma.of, dna.mount]) } }'
    const folder = newRouteFolder({ 'index.js': javascript(`"* *": ${guard()}`), 'me.js': builder })
    const apps = ['one', 'two'].map((of) => {
      const app = new RouteApp()
      Object.assign(app.plasma, { of })
      return app
    })
    const mounting = apps.flatMap((app) => ['/v1', '/v2'].map((mount) => app.mount({}, { mount }, folder)))
    // A broken one beside them does not disturb them.
    const failing = newRouteFolder({ 'a.js': 'module.exports = () => { throw 1 }' })
    const failed = new RouteApp().mount({}, {}, failing).catch(() => 'failed')
    await Promise.all(mounting)
    expect(await failed).to.equal('failed')
    for (const [index, app] of apps.entries()) {
      const client = await app.listen()
      for (const mount of ['/v1', '/v2']) {
        expect((await client.get(`${mount}/me`)).status).to.equal(401)
        expect((await client.get(`${mount}/me`, { 'x-pass': 'yes' })).body).to.deep.equal([
          ['one', 'two'][index],
          mount,
        ])
      }
    }
    expect(require.cache[`${folder}/me.js`]?.exports).to.have.property('name', 'mine')
  })
})
