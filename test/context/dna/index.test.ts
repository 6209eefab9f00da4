import { expect } from 'chai'
import { join, relative } from 'node:path'
import { dnaFiles, loadDna } from '../../../context/dna'
import type { DnaError } from '../../../context/errors'
import { setEnvironment } from '../../support/environment'
import { rejectionOf } from '../../support/rejection'
import { temporaryFolder, writeFiles } from '../../support/temporary-folder'

const organelles = { 'plasma/one.json': { source: 'plasma/one' } }

describe('the DNA', () => {
  let restore: () => void

  before(() => {
    restore = setEnvironment({ CELL_MODE: undefined })
  })
  after(() => restore())

  const newFolder = (files: Record<string, unknown>): string => {
    const folder = join(temporaryFolder(), 'dna')
    writeFiles(folder, files)
    return folder
  }

  describe('is loaded', () => {
    it('from files, each a branch', async () => {
      const folder = newFolder({ ...organelles, 'data.json': { folder: 'data' }, 'plasma/two.json': false })
      const { plasma, data } = await loadDna({ folder })
      expect(data).to.deep.equal({ folder: 'data' })
      expect(plasma).to.deep.equal({ one: { source: 'plasma/one' }, two: false })
    })

    it('from YAML as from JSON', async () => {
      const yaml = 'source: plasma/one # a comment\nreactOn:\n  - A\n  - B\n'
      const { plasma } = await loadDna({ folder: newFolder({ 'plasma/one.yaml': yaml, 'plasma/two.yml': yaml }) })
      const own = { source: 'plasma/one', reactOn: ['A', 'B'] }
      expect(plasma).to.deep.equal({ one: own, two: own })
    })

    it('from two files of one branch, merged', async () => {
      const { plasma } = await loadDna({ folder: newFolder({ 'plasma/one.json': { a: 1 }, 'plasma/one.yaml': 'b: 2\n' }) })
      expect(plasma['one']).to.deep.equal({ a: 1, b: 2 })
    })

    it('with the changes folded in last, over the modes', async () => {
      const folder = newFolder({ 'plasma/one.json': { a: 1, b: 1, c: 1 }, '_test/plasma/one.json': { b: 2, c: 2 } })
      const { plasma } = await loadDna({ folder, mode: '_test', changes: { plasma: { one: { c: 3 }, two: false } } })
      expect(plasma).to.deep.equal({ one: { a: 1, b: 2, c: 3 }, two: false })
    })

    it('with the references in the changes resolved', async () => {
      const folder = newFolder({ 'plasma/one.json': { file: '@{data.folder}/x' }, 'data.json': { folder: 'data' } })
      const { plasma } = await loadDna({ folder, changes: { data: { folder: 'elsewhere' } } })
      expect(plasma['one']).to.deep.equal({ file: 'elsewhere/x' })
    })
  })

  describe('is refused', () => {
    it('where there is no folder of it', async () => {
      const folder = join(temporaryFolder(), 'dna')
      expect(await rejectionOf(() => loadDna({ folder }))).to.have.property('name', 'DnaError')
      expect((await rejectionOf(() => loadDna({ folder }))).message).to.include(folder)
    })

    for (const files of [{ 'data.json': {} }, { 'plasma.json': 'null' }, { 'plasma.json': '5' }, { 'plasma.json': '[]' }]) {
      it(`without organelles: ${JSON.stringify(files)}`, async () => {
        expect((await rejectionOf(() => loadDna({ folder: newFolder(files) }))).message).to.include('no organelles')
      })
    }

    const broken: [name: string, content: string][] = [
      ['plasma/broken.json', '{"source": "plasma/one",}'],
      ['plasma/broken.json', ''],
      ['_test/plasma/broken.json', '{"port": '],
      ['plasma/broken.yaml', 'a: [1\nb: }'],
      ['plasma/broken.yml', 'a: "1'],
    ]
    for (const [name, content] of broken) {
      it(`with a file that cannot be parsed, and names it: ${name} ${JSON.stringify(content)}`, async () => {
        const folder = newFolder({ ...organelles, [name]: content })
        expect((await rejectionOf(() => loadDna({ folder }))).message).to.include(relative(process.cwd(), join(folder, name)))
      })
    }
  })

  describe('in a mode', () => {
    const files = {
      'plasma/one.json': { port: 1337, host: 'a', list: [1, 2], deep: { x: 1, y: 1 } },
      '_a/plasma/one.json': { port: 1, deep: { y: 2 } },
      '_b/plasma/one.json': { port: 2, host: 'b' },
      '_list/plasma/one.json': { list: [9] },
      '_replacing/plasma/one.json': { '~deep': { z: 3 }, '~list': [7] },
      '_off/plasma/one.json': 'false',
    }
    const base = { port: 1337, host: 'a', list: [1, 2], deep: { x: 1, y: 1 } }
    const modes: [mode: string | undefined, own: unknown][] = [
      [undefined, base],
      ['', base],
      ['_a', { ...base, port: 1, deep: { x: 1, y: 2 } }],
      ['_a+_b', { ...base, port: 2, host: 'b', deep: { x: 1, y: 2 } }],
      ['_b+_a', { ...base, port: 1, host: 'b', deep: { x: 1, y: 2 } }],
      ['_list', { ...base, list: [9, 2] }],
      ['_replacing', { ...base, deep: { z: 3 }, list: [7] }],
      ['_off', false],
    ]
    for (const [mode, own] of modes) {
      it(`is folded, and holds no mode of its own: ${String(mode)}`, async () => {
        const dna = await loadDna({ folder: newFolder(files), mode })
        expect(dna.plasma).to.deep.equal({ one: own })
        expect(Object.keys(dna)).to.deep.equal(['plasma'])
      })
    }

    const unknown = [
      'test', '_test', 'a', 'plasma', '_a+', '+_a', '+', '_a,_b', '_a+b', '_a + _b', ' _a', '_A', '__proto__', '_a.plasma', '*',
    ]
    for (const mode of unknown) {
      it(`that it does not know is refused: "${mode}"`, async () => {
        const error = await rejectionOf<DnaError>(() => loadDna({ folder: newFolder(files), mode }))
        expect(error.name).to.equal('DnaError')
        expect(error.message).to.match(/^CELL_MODE: unknown mode ".*", expected one of _a, _b, _list, _off, _replacing$/)
      })
    }

    it('is in none where none is given, whatever the environment says', async () => {
      const restore = setEnvironment({ CELL_MODE: '_a' })
      try {
        expect((await loadDna({ folder: newFolder(files), mode: '' })).plasma['one']).to.deep.equal(base)
        expect((await loadDna({ folder: newFolder(files) })).plasma['one']).to.deep.equal(base)
      } finally {
        restore()
      }
    })
  })

  describe('names, for messages,', () => {
    let folder: string
    const inFolder = (...files: string[]): string =>
      files.map((file) => relative(process.cwd(), join(folder, file))).join(' + ')

    before(() => {
      folder = join(temporaryFolder(), 'dna')
      writeFiles(folder, { 'plasma/one.json': {}, 'plasma/two.yaml': 'a: 1', 'other.yml': 'a: 1' })
      writeFiles(folder, { '_a/plasma/one.json': {}, '_b/plasma.json': {} })
    })

    const files: [branch: string[], mode: string | undefined, expected: () => string][] = [
      [['plasma', 'one'], undefined, () => inFolder('plasma/one.json')],
      [['plasma', 'one'], '', () => inFolder('plasma/one.json')],
      [['plasma', 'two'], '_a', () => inFolder('plasma/two.yaml')],
      [['other'], undefined, () => inFolder('other.yml')],
      [['plasma', 'one'], '_a', () => inFolder('plasma/one.json', '_a/plasma/one.json')],
      [['plasma', 'one'], '_a+_b', () => inFolder('plasma/one.json', '_a/plasma/one.json', '_b/plasma.json')],
      [['plasma', 'three'], '_a', () => 'dna/plasma/three'],
    ]
    for (const [branch, mode, expected] of files) {
      it(`the files of ${branch.join('.')} in ${String(mode)}`, () => {
        expect(dnaFiles({ folder, mode }, branch)).to.equal(expected())
      })
    }
  })
})
