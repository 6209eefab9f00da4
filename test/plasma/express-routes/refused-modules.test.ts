import { expect } from 'chai'
import { refusal } from '../../support/refusal'
import { RouteApp, answer, closeApps, guard, javascript, typescript } from '../../support/route-app'

describe('a route file', () => {
  afterEach(closeApps)

  const noFunction: [title: string, extension: 'ts' | 'js', source: string][] = [
    ['a default', 'ts', `export default function () { return { "* *": ${guard()} } }`],
    ['a default as an arrow function', 'ts', 'export default () => ({})'],
    ['its routes themselves', 'ts', 'export = { GET: (req: object, res: { end(): void }) => res.end() }'],
    ['its routes themselves', 'js', 'module.exports = { GET: (req, res) => res.end() }'],
    ['a named function', 'ts', 'export function routes(): object { return {} }'],
    ['a named function', 'js', 'exports.routes = function () { return {} }'],
    ['{ default }', 'js', 'module.exports = { default: function () { return {} } }'],
    ['a text', 'js', 'module.exports = "routes"'],
    ['null', 'js', 'module.exports = null'],
    ['undefined', 'js', 'module.exports = undefined'],
    ['a list', 'js', 'module.exports = [function () { return {} }]'],
    ['nothing', 'js', '"GET /"'],
    ['nothing', 'ts', 'const routes = {}'],
    ['nothing, being empty', 'js', ''],
    ['nothing, being empty', 'ts', ''],
  ]
  for (const [title, extension, source] of noFunction) {
    it(`that exports ${title} stops the boot (.${extension})`, async () => {
      const { key, message } = await refusal({ [`inner/guarded.${extension}`]: source })
      expect(key).to.equal('path')
      expect(message).to.include(`inner/guarded.${extension}`).and.include('export = function (plasma, dna, helpers)')
    })
  }

  const noRoutes: [title: string, expression: string][] = [
    ['nothing', 'undefined'],
    ['null', 'null'],
    ['a list', `[["GET", ${answer('it')}]]`],
    ['an empty list', '[]'],
    ['a promise', `Promise.resolve({ "* *": ${guard()} })`],
    ['a text', '"GET"'],
    ['a number', '7'],
    ['false', 'false'],
    ['a function', answer('it')],
    ['something to be awaited', '{ then: function (resolve) { resolve({}) } }'],
  ]
  for (const [title, expression] of noRoutes) {
    it(`whose function returns ${title} stops the boot`, async () => {
      const { message } = await refusal({ 'guarded.js': `module.exports = function () { return ${expression} }` })
      expect(message).to.include('guarded.js')
    })
  }

  it('whose function is async stops the boot', async () => {
    const source = `module.exports = async function () { return { "* *": ${guard()} } }`
    const { message } = await refusal({ 'guarded.js': source })
    expect(message).to.include('guarded.js').and.include('return an object')
  })

  for (const [thrown, text] of [
    ['new Error("no such helper")', 'no such helper'],
    ['"no such helper"', 'no such helper'],
    ['undefined', 'guarded.js'],
  ] as const) {
    it(`whose function throws ${thrown} stops the boot`, async () => {
      const failed = await new RouteApp()
        .mount({ 'guarded.js': `module.exports = function () { throw ${thrown} }` })
        .then(
          () => 'mounted',
          (error: unknown) => (error as Error).message,
        )
      expect(failed).to.include(text).and.include('guarded.js')
    })
  }

  it('that uses a helper that is not there stops the boot with its name', async () => {
    const failed = await new RouteApp().mount({ 'guarded.js': javascript('"GET": helpers["build"]()') }).then(
      () => 'mounted',
      (error: unknown) => (error as Error).message,
    )
    expect(failed).to.include('guarded.js').and.include('is not a function')
  })

  const broken: [title: string, extension: 'ts' | 'js', source: string][] = [
    ['does not parse', 'ts', 'export = function () { return {{ }'],
    ['does not parse', 'js', 'module.exports = function ( { '],
    ['throws while it loads', 'ts', 'throw new Error("broken")'],
    ['throws a text while it loads', 'js', 'throw "broken"'],
    ['throws nothing while it loads', 'js', 'throw undefined'],
    ['requires a module that is missing', 'js', 'require("./no-such-module")'],
    ['imports a package that is missing', 'ts', 'import nothing from "no-such-package"\nexport = () => ({ nothing })'],
  ]
  for (const [title, extension, source] of broken) {
    it(`that ${title} stops the boot (.${extension})`, async () => {
      const { message } = await refusal({ [`inner/guarded.${extension}`]: source })
      expect(message).to.include(`inner/guarded.${extension}`).and.include('does not load')
    })
  }

  it('that is refused keeps the others from being mounted', async () => {
    const app = new RouteApp()
    const files = { 'about.ts': typescript(`"GET": ${answer('about')}`), 'index.ts': 'export default 1' }
    expect(await app.mount(files).catch(String)).to.include('index.ts')
    expect((await (await app.listen()).get('/about')).status).to.equal(404)
  })
})
