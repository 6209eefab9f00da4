import { expect } from 'chai'
import { basename, join } from 'node:path'
import { explain, loadDna } from '../../../../context/cell/dna'
import type { DnaError } from '../../../../context/cell'
import { setEnvironment } from '../../../support/environment'
import { rejectionOf } from '../../../support/rejection'
import { temporaryFolder, writeFiles } from '../../../support/temporary-folder'

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

    it('from JSON that begins with a byte order mark', async () => {
      const { plasma } = await loadDna({ folder: newFolder({ 'plasma/one.json': '\ufeff{"a": 1}' }) })
      expect(plasma).to.deep.equal({ one: { a: 1 } })
    })

    it('from YAML with off, no, on and yes for booleans, unless they are quoted', async () => {
      const yaml = 'a: off\nb: No\nc: on\nd: YES\ne: "off"\nf: [off, offer]\n'
      const { plasma } = await loadDna({ folder: newFolder({ 'plasma/one.yaml': 'off', 'plasma/two.yaml': yaml }) })
      expect(plasma).to.deep.equal({
        one: false,
        two: { a: false, b: false, c: true, d: true, e: 'off', f: [false, 'offer'] },
      })
    })

    it('beside documentation, hidden files and what editors leave', async () => {
      const beside = [
        'README.md',
        'plasma/notes.txt',
        'plasma/one.json~',
        '.git/x.json',
        'plasma/.one.json.swp',
        'plasma/#one.json#',
        'plasma/one.json.bak',
      ]
      const folder = newFolder({ ...organelles, ...Object.fromEntries(beside.map((name) => [name, 'anything'])) })
      expect((await loadDna({ folder })).plasma).to.deep.equal({ one: { source: 'plasma/one' } })
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

    for (const files of [
      { 'data.json': {} },
      { 'plasma.json': 'null' },
      { 'plasma.json': '5' },
      { 'plasma.json': '[]' },
    ]) {
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
        expect((await rejectionOf(() => loadDna({ folder }))).message).to.include(join(basename(folder), name))
      })
    }
  })

  describe('is refused, with a line for each fault:', () => {
    const base = {
      'data.json': { folder: 'data' },
      'plasma/one.json': { source: 'plasma/one', list: [1], deep: {} },
      'plasma/other.json': { source: 'plasma/other' },
    }
    const faulty: [what: string, files: Record<string, unknown>, ...lines: (string | RegExp)[]][] = [
      [
        'a folder that nothing reads',
        { 'plazma/one.json': {}, 'plazma/two.json': {} },
        '<dna>/plazma: nothing reads this folder, did you mean "plasma"?',
      ],
      [
        'a file that nothing reads',
        { 'dada.json': {} },
        '<dna>/dada.json: nothing reads this file, did you mean "data"?',
      ],
      [
        'an organelle outside of its folder',
        { 'other.json': {} },
        '<dna>/other.json: nothing reads this file, did you mean "plasma/other"?',
      ],
      [
        'the same in a mode, in use or not',
        { '_t/othr.json': {} },
        '<dna>/_t/othr.json: nothing reads this file, did you mean "plasma/other"?',
      ],
      [
        'a branch in the one file of a mode',
        { '_t.json': { plasma: {}, dat: {} } },
        '<dna>/_t.json: dat: nothing reads this key, did you mean "data"?',
      ],
      ['a mode within a mode', { '_t/_u/plasma/one.json': {} }, '<dna>/_t/_u: nothing reads this folder'],
      [
        'a file of another kind',
        { 'plasma/two.jsonc': '', 'three.JSON': '' },
        ...['plasma/two.jsonc', 'three.JSON'].map(
          (name) => `<dna>/${name}: nothing reads this file: DNA is in .json, .yaml and .yml files`,
        ),
      ],
      [
        'JSON and YAML of one name',
        { 'plasma/one.yml': 'a: 1' },
        '<dna>/plasma/one.yml: plasma.one is in another file too, keep one of them',
      ],
      [
        'a file and a folder with one key',
        { 'data/folder.json': '"x"' },
        '<dna>/data/folder.json: data.folder is in another file too, keep one of them',
      ],
      [
        'an object with a key twice',
        { 'plasma/two.json': '{"a": 1,\n"a": 2}' },
        '<dna>/plasma/two.json: line 2: this object has the same key twice',
      ],
      [
        'a file that is not in UTF-8',
        { 'plasma/two.json': Buffer.from('{"a": "\xe9"}', 'latin1') },
        '<dna>/plasma/two.json: is not encoded in UTF-8',
      ],
      [
        'a tag of YAML that means nothing here',
        { 'plasma/two.yaml': 'secret: !env COOKIE_SECRET' },
        /^<dna>\/plasma\/two\.yaml: .*!env/,
      ],
      [
        'several broken files',
        { 'plasma/two.json': '{', 'plasma/three.yaml': 'a: [' },
        /^<dna>\/plasma\/three\.yaml: cannot be parsed: line 1: .*\n<dna>\/plasma\/two\.json: cannot be parsed: /,
      ],
      [
        'an unknown key of data',
        { '_t/data.json': { foldr: 'x' } },
        '<dna>/_t/data.json: foldr: unknown key, did you mean "folder"?',
      ],
      [
        'an empty folder of data',
        { '_t/data.json': { folder: ' ' } },
        '<dna>/_t/data.json: folder: must not be empty: files would be kept in the root of the file system',
      ],
      [
        'the root as the folder of data',
        { '_t/data.json': { folder: '/' } },
        '<dna>/_t/data.json: folder: must not be the root of the file system',
      ],
      [
        'trust points that are no URLs',
        { 'trust-points.json': { users: 'localhost:1338', app: 'https://a.example' } },
        '<dna>/trust-points.json: users: expected an http: or https: URL',
        '<dna>/trust-points.json: app: unknown key, did you mean "apps"?',
      ],
      [
        'an organelle that only a mode has, nearly called like another',
        { '_t/plasma/othre.json': { port: 1 } },
        '<dna>/_t/plasma/othre.json: source: there is no organelle "othre", did you mean "other"?',
      ],
      [
        'null in a mode',
        { '_t/plasma/one.json': 'null' },
        '<dna>/_t/plasma/one.json: null changes nothing: write the value, or false to switch an organelle off',
      ],
      [
        'an object over what is none',
        { '_t/plasma/one.json': { list: { 0: 1 } } },
        '<dna>/_t/plasma/one.json: list: an object cannot be folded over a value that is no object: write both as objects',
      ],
      [
        'null in a list of a mode',
        { '_t/plasma/one.json': { list: [null] } },
        '<dna>/_t/plasma/one.json: list: expected no null in a list',
      ],
      [
        'faults of every kind, all at once',
        {
          'plazma.json': {},
          '_t/plasma/one.json': { x: '{$AN_UNSET_VARIABLE}', y: '@data.fodler' },
          '_t/data.json': { folder: '' },
        },
        '<dna>/plazma.json: nothing reads this file, did you mean "plasma"?',
        '<dna>/_t/plasma/one.json: y: refers to "data.fodler", which this DNA does not have, did you mean "data.folder"?',
        '<dna>/_t/plasma/one.json: x: the environment variable AN_UNSET_VARIABLE is not set',
        '<dna>/_t/data.json: folder: must not be empty: files would be kept in the root of the file system',
      ],
    ]
    for (const [what, files, ...lines] of faulty) {
      it(what, async () => {
        const source = { folder: newFolder({ '_t/plasma/one.json': {}, ...base, ...files }), mode: '_t' }
        const message = explain(await rejectionOf(() => loadDna(source)), source).message.replaceAll(
          basename(source.folder),
          '<dna>',
        )
        if (lines[0] instanceof RegExp) expect(message).to.match(lines[0])
        else expect(message).to.equal(lines.join('\n'))
      })
    }

    it('but not a branch or a key that another value refers to', async () => {
      const own = {
        'mail.json': { host: 'a' },
        'data.json': { folder: 'data', logs: 'logs' },
        'plasma/one.json': { x: '@mail.host', y: '@{data.logs}/x' },
      }
      expect((await loadDna({ folder: newFolder(own) })).plasma).to.deep.equal({ one: { x: 'a', y: 'logs/x' } })
    })
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
      'test',
      '_test',
      'a',
      'plasma',
      '_a+',
      '+_a',
      '+',
      '_a,_b',
      '_a+b',
      '_a + _b',
      ' _a',
      '_A',
      '__proto__',
      '_a.plasma',
      '*',
    ]
    for (const mode of unknown) {
      it(`that it does not know is refused: "${mode}"`, async () => {
        const error = await rejectionOf<DnaError>(() => loadDna({ folder: newFolder(files), mode }))
        expect(error.name).to.match(/^DnaErrors?$/)
        expect(error.message).to.match(
          /^CELL_MODE: unknown mode ".*", (expected one of _a, _b, _list, _off, _replacing|did you mean "_\w+"\?)$/m,
        )
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
})
