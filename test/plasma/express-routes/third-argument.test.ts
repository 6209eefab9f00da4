import { expect } from 'chai'
import { join, relative } from 'node:path'
import { rejectionOf } from '../../support/rejection'
import { RouteApp, closeApps, javascript, serveRoutes, typescript } from '../../support/route-app'
import { temporaryFolder, writeFiles } from '../../support/temporary-folder'
import { uncaughtDuring } from '../../support/uncaught'

/** Writes modules to a folder of their own. @returns what DNA calls it */
function writeHelpers(files: Record<string, string>): string {
  const folder = join(temporaryFolder(), 'routes-helpers')
  writeFiles(folder, files)
  return relative(process.cwd(), folder)
}

const NAMES = { 'index.js': javascript('"GET": function (req, res) { res.json(Object.keys(helpers).sort()) }') }

describe('what a route file is called with', () => {
  afterEach(closeApps)

  it('is the plasma and the DNA of its organelle', async () => {
    const app = new RouteApp()
    Object.assign(app.plasma, { answer: 42 })
    const handler = 'function (req, res, next) { res.response = { answer: plasma.answer, dna }; next() }'
    const folder = await app.mount({ 'index.js': javascript(`"GET": ${handler}`) }, { mount: '/api' })
    const { body } = await (await app.listen()).get('/api')
    expect(body).to.have.property('answer', 42)
    expect(body)
      .to.have.property('dna')
      .that.includes({ path: relative(process.cwd(), folder), mount: '/api' })
  })

  it('has the modules of the helpers folder by their names, those below by their paths', async () => {
    const built = 'function (req, res) { res.json({ built: "js" }) }'
    const helpers = writeHelpers({
      'expressHandlerBuilder.js': `module.exports = function () { return ${built} }`,
      'sub/name.ts':
        'export = (built: string) => (req: object, res: { json(body: object): void }) => res.json({ built })',
      'sub/deep/value.js': 'module.exports = { an: "object" }',
    })
    const client = await serveRoutes(
      {
        'index.js': javascript(
          '"GET": helpers["expressHandlerBuilder"](), "DELETE /inner/url/:id": helpers["sub/name"]("ts"), ' +
            '"GET /value": function (req, res) { res.json(helpers["sub/deep/value"]) }',
        ),
      },
      { helpers },
    )
    expect((await client.get('/')).body).to.deep.equal({ built: 'js' })
    expect((await client.send('DELETE', '/inner/url/7')).body).to.deep.equal({ built: 'ts' })
    expect((await client.get('/value')).body).to.deep.equal({ an: 'object' })
  })

  it('has neither tests nor declarations among the helpers', async () => {
    const helpers = writeHelpers({
      'one.ts': 'export = 1',
      'one.test.ts': 'throw new Error("a test was loaded")',
      'one.spec.js': 'throw new Error("a test was loaded")',
      'types.d.ts': 'throw new Error("a declaration was loaded")',
      'notes.md': '# notes',
    })
    expect((await (await serveRoutes(NAMES, { helpers })).get('/')).body).to.deep.equal(['one'])
  })

  it('has no helpers where DNA names no folder', async () => {
    expect((await (await serveRoutes(NAMES)).get('/')).body).to.deep.equal([])
  })

  it('is not mounted when it is a helper', async () => {
    const helpers = writeHelpers({ 'secret.js': javascript('"GET": function (req, res) { res.json("helper") }') })
    expect((await (await serveRoutes(NAMES, { helpers })).get('/secret')).status).to.equal(404)
  })

  it('is the same in TypeScript', async () => {
    const helpers = writeHelpers({ 'name.ts': 'export = "a name"' })
    const handler = '(req: object, res: { json(body: unknown): void }) => res.json([helpers["name"], dna.path !== ""])'
    const client = await serveRoutes({ 'index.ts': typescript(`"GET": ${handler}`) }, { helpers })
    expect((await client.get('/')).body).to.deep.equal(['a name', true])
  })
})

describe('a helpers folder', () => {
  const mount = (helpers: string): Promise<unknown> => new RouteApp().mount(NAMES, { helpers })

  it('that is missing stops the boot', async () => {
    const { message } = await rejectionOf(() => mount('no/such/folder'))
    expect(message).to.include('helpers').and.include('no/such/folder')
  })

  const broken = { 'that throws': 'throw new Error("broken helper")', 'that does not parse': 'export = {{' }
  for (const [title, source] of Object.entries(broken)) {
    it(`with a module ${title} stops the boot with its name`, async () => {
      const helpers = writeHelpers({ 'broken.ts': source })
      const uncaught = await uncaughtDuring(async () => {
        expect((await rejectionOf(() => mount(helpers))).message).to.include('broken.ts')
      })
      expect(uncaught).to.deep.equal([])
    })
  }
})
