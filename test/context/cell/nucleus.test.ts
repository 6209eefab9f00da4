import { expect } from 'chai'
import { realpathSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { DnaError } from '../../../context/cell'
import { Nucleus } from '../../../context/cell/nucleus'
import { EventBus } from '../../../context/cell/event-bus'
import { rejectionOf } from '../../support/rejection'
import { temporaryFolder, writeFiles } from '../../support/temporary-folder'

interface Built {
  dna: Organic.Dna
  plasma: Organic.Plasma
  from: string
}

const organelle = (from: string): string =>
  `module.exports = function (plasma, dna) { Object.assign(this, { plasma, dna, from: '${from}' }) }`

describe('the nucleus', () => {
  const plasma = new EventBus()
  let root: string

  before(() => {
    root = realpathSync(temporaryFolder())
    writeFiles(root, {
      'package.json': { name: 'a-cell' },
      'plasma/room/index.js': organelle('room'),
      'plasma/typed.ts': "export = class { from: string = 'typed' }",
      'plasma/plain.js': organelle('plain'),
      'organic-local/index.js': organelle('local'),
      'node_modules/organic-express-server/index.js': organelle('package'),
      'node_modules/@scope/organelle/index.js': organelle('scoped'),
      'node_modules/plain/index.js': organelle('package plain'),
    })
  })

  const build = (dna: Organic.Dna, within = root): Promise<Built> =>
    new Promise((resolve, reject) => {
      new Nucleus(plasma, {}, within).build(dna, (error, built) => {
        if (error instanceof Error) reject(error)
        else resolve(built as Built)
      })
    })

  describe('builds', () => {
    const sources: [source: string, from: string][] = [
      ['organic-express-server', 'package'],
      ['node_modules/organic-express-server', 'package'],
      ['./node_modules/organic-express-server', 'package'],
      ['@scope/organelle', 'scoped'],
      ['node_modules/@scope/organelle', 'scoped'],
      ['./plasma/room', 'room'],
      ['plasma/room', 'room'],
      ['plasma/room/index', 'room'],
      ['plasma/room/index.js', 'room'],
      ['plasma/typed', 'typed'],
      ['./plasma/typed', 'typed'],
      ['plasma/typed.ts', 'typed'],
      ['./plasma/typed.ts', 'typed'],
      ['plasma/plain', 'plain'],
      ['organic-local', 'local'],
    ]
    for (const [source, from] of sources) {
      it(`the source ${source}`, async () => {
        expect((await build({ source })).from).to.equal(from)
      })
    }

    for (const file of ['plasma/room', 'plasma/typed', 'plasma/typed.ts']) {
      it(`the absolute path of ${file}`, async () => {
        expect((await build({ source: join(root, file) })).from).to.equal(file.replace(/^plasma\/|\.ts$/g, ''))
      })
    }

    it("this project's own organelles, in every form", async () => {
      const project = resolve(__dirname, '../../..')
      for (const source of [
        'plasma/sessions',
        './plasma/sessions',
        'plasma/sessions/index.ts',
        join(project, 'plasma/sessions'),
      ]) {
        const error = await rejectionOf<DnaError>(() => build({ source }, project))
        expect(error, source).to.include({ name: 'DnaError' })
        expect(error.key, source).not.to.equal('source')
      }
    })

    it('with the plasma and the DNA as they are', async () => {
      const dna = { source: 'plasma/plain', list: [1] }
      const built = await build(dna)
      expect(built.plasma).to.equal(plasma)
      expect(built.dna).to.equal(dna)
    })

    const exported: [what: string, code: string][] = [
      ['a class', 'module.exports = class { constructor(plasma, dna) { this.from = dna.as } }'],
      ['a function, with new', 'module.exports = function (plasma, dna) { this.from = new.target ? dna.as : "" }'],
      ['a function that returns an object', 'module.exports = function (plasma, dna) { return { from: dna.as } }'],
      ['an arrow function', 'module.exports = (plasma, dna) => ({ from: dna.as })'],
      ['a method', 'module.exports = { organelle(plasma, dna) { return { from: dna.as } } }.organelle'],
      ['a bound function', 'module.exports = function (plasma, dna) { return { from: dna.as } }.bind({})'],
    ]
    for (const [what, code] of exported) {
      it(what, async () => {
        const folder = temporaryFolder()
        writeFiles(folder, { 'organelle.js': code })
        expect((await build({ source: 'organelle', as: what }, folder)).from).to.equal(what)
      })
    }
  })

  describe('refuses', () => {
    for (const source of [undefined, null, '', 5, true, ['plasma/room'], { path: 'plasma/room' }]) {
      it(`the source ${JSON.stringify(source)}`, async () => {
        expect(await rejectionOf(() => build({ source }))).to.include({ name: 'DnaError', key: 'source' })
      })
    }

    const absent = [
      'plasma/nothing',
      './plasma/nothing.ts',
      'organic-nothing',
      'node_modules/organic-nothing',
      '/plasma/room',
      'plasma',
      '../plasma/room',
    ]
    for (const source of absent) {
      it(`the source ${source}, which is not there`, async () => {
        const error = await rejectionOf<DnaError>(() => build({ source }))
        expect(error).to.include({ name: 'DnaError', key: 'source' })
        expect(error.message).to.include(source)
      })
    }

    const bad: [what: string, code: string, expected: RegExp][] = [
      ['a module that throws', "throw new Error('on purpose')", /does not load: on purpose/],
      ['a module that throws nothing to speak of', 'throw null', /does not load/],
      [
        'a module that lacks a module',
        "require('organic-nothing')",
        /does not load: Cannot find module 'organic-nothing'/,
      ],
      ['a module that cannot be parsed', 'module.exports = function (', /does not load/],
      ['an empty module', '', /export = function/],
      ['export default', 'exports.default = function () {}', /export = function/],
      ['an object', 'module.exports = { build() {} }', /export = function/],
      ['a text', "module.exports = 'organelle'", /export = function/],
      ['null', 'module.exports = null', /export = function/],
      ['an async function', 'module.exports = async function (plasma, dna) {}', /export = function/],
      ['an async arrow function', 'module.exports = async (plasma, dna) => {}', /export = function/],
    ]
    for (const [what, code, expected] of bad) {
      it(what, async () => {
        const folder = temporaryFolder()
        writeFiles(folder, { 'organelle.js': code })
        const error = await rejectionOf<DnaError>(() => build({ source: 'organelle' }, folder))
        expect(error).to.include({ name: 'DnaError', key: 'source' })
        expect(error.message).to.match(expected)
      })
    }

    it('an organelle that throws, with its own error, once', () => {
      const folder = temporaryFolder()
      writeFiles(folder, { 'organelle.js': "module.exports = function () { throw new RangeError('on purpose') }" })
      const calls: unknown[][] = []
      new Nucleus(plasma, {}, folder).build({ source: 'organelle' }, (...values) => calls.push(values))
      expect(calls).to.have.length(1)
      expect(calls[0]?.[0]).to.be.instanceOf(RangeError).with.property('message', 'on purpose')
    })

    it('nothing twice, when the callback throws', () => {
      let count = 0
      const fail = (): never => {
        count += 1
        throw new Error('of the callback')
      }
      expect(() => new Nucleus(plasma, {}, root).build({ source: 'plasma/plain' }, fail)).to.throw('of the callback')
      expect(count).to.equal(1)
    })
  })
})
