import { expect } from 'chai'
import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { EventBus } from '../../../context/cell/event-bus'
import { Nucleus } from '../../../context/cell/nucleus'
import { rejectionOf } from '../../support/rejection'
import { temporaryFolder, writeFiles } from '../../support/temporary-folder'

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

  const build = (dna: Organic.Dna, within = root): Promise<Record<string, unknown>> =>
    new Promise((resolve, reject) => {
      new Nucleus(plasma, {}, within).build(dna, (error, built) => {
        if (error instanceof Error) reject(error)
        else resolve(built as Record<string, unknown>)
      })
    })

  /** Builds an organelle of this code. */
  const buildCode = (code: string): Promise<unknown> => {
    const folder = temporaryFolder()
    writeFiles(folder, { 'organelle.js': code })
    return build({ source: 'organelle', as: 'built' }, folder)
  }

  const sources: Record<string, string[]> = {
    package: ['organic-express-server', 'node_modules/organic-express-server', './node_modules/organic-express-server'],
    scoped: ['@scope/organelle', 'node_modules/@scope/organelle'],
    room: ['./plasma/room', 'plasma/room', 'plasma/room/index', 'plasma/room/index.js', '<root>/plasma/room'],
    typed: ['plasma/typed', './plasma/typed', 'plasma/typed.ts', '<root>/plasma/typed.ts'],
    plain: ['plasma/plain'],
    local: ['organic-local'],
  }
  it('builds packages and paths, as upstream and this project write them', async () => {
    for (const [from, written] of Object.entries(sources))
      for (const source of written)
        expect(await build({ source: source.replace('<root>', root) }), source).to.include({ from })
  })

  it('hands over the plasma and the DNA as they are', async () => {
    const dna = { source: 'plasma/plain', list: [1] }
    expect(await build(dna)).to.include({ plasma, dna })
  })

  it('builds every kind of function', async () => {
    for (const code of [
      'class { constructor(plasma, dna) { this.from = dna.as } }',
      'function (plasma, dna) { this.from = new.target ? dna.as : "" }',
      'function (plasma, dna) { return { from: dna.as } }',
      '(plasma, dna) => ({ from: dna.as })',
      '{ organelle(plasma, dna) { return { from: dna.as } } }.organelle',
    ])
      expect(await buildCode(`module.exports = ${code}`), code).to.include({ from: 'built' })
  })

  it('refuses a source that is not there, or no string', async () => {
    const absent = [
      'plasma/nothing',
      'organic-nothing',
      'node_modules/organic-nothing',
      '/plasma/room',
      '../plasma/room',
    ]
    for (const source of [...absent, undefined, '', 5, ['plasma/room']]) {
      const error = await rejectionOf(() => build({ source }))
      expect(error, inspect(source)).to.include({ name: 'DnaError', key: 'source' })
      expect(error.message).to.match(/there is neither a file nor a package .|expected a path or a package$/)
    }
  })

  const bad: [code: string, expected: RegExp][] = [
    ["throw new Error('on purpose')", /does not load: on purpose/],
    ["require('organic-nothing')", /does not load: Cannot find module 'organic-nothing'/],
    ['', /export = function/],
    ['exports.default = function () {}', /export = function/],
    ['module.exports = null', /export = function/],
    ['module.exports = async function (plasma, dna) {}', /export = function/],
  ]
  it('refuses modules that do not load, or export no such function', async () => {
    for (const [code, expected] of bad) {
      const error = await rejectionOf(() => buildCode(code))
      expect(error, code).to.include({ name: 'DnaError', key: 'source' })
      expect(error.message).to.match(expected)
    }
  })

  it('reports what an organelle throws as it is, and calls back once, also if the callback throws', async () => {
    const error = await rejectionOf(() => buildCode("module.exports = function () { throw new RangeError('its own') }"))
    expect(error).to.be.instanceOf(RangeError).with.property('message', 'its own')
    const nothing = await rejectionOf(() => buildCode('module.exports = function () { throw undefined }'))
    expect(nothing.message).to.equal('threw nothing')
    let count = 0
    const fail = (): never => {
      count += 1
      throw new Error('of the callback')
    }
    expect(() => new Nucleus(plasma, {}, root).build({ source: 'plasma/plain' }, fail)).to.throw('of the callback')
    expect(count).to.equal(1)
  })

  it("builds this project's organelles, whose DNA it checks by their schema without building them", async () => {
    const project = join(__dirname, '../../..')
    const nucleus = new Nucleus(plasma, {}, project)
    for (const source of ['plasma/sessions', join(project, 'plasma/sessions')]) {
      expect(await rejectionOf(() => build({ source }, project)), source)
        .to.have.property('key')
        .not.equal('source')
      expect(() => nucleus.check({ source, nmae: 'x' })).to.throw('nmae: unknown key, did you mean "name"?')
    }
    expect(new Nucleus(plasma, {}, root).check({ source: 'plasma/plain', any: 1 })).to.equal(undefined)
  })
})
