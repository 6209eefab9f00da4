import { expect } from 'chai'
import { basename, join } from 'node:path'
import { explainError } from '../../../../context/cell/dna'
import { setEnvironment } from '../../../support/environment'
import { loadDna } from '../../../support/load-dna'
import { rejectionOf } from '../../../support/rejection'
import { temporaryFolder, writeFiles } from '../../../support/temporary-folder'

const one = { 'plasma/one.json': { source: 'plasma/one' } }

const newFolder = (files: Record<string, unknown>): string => {
  const folder = join(temporaryFolder(), 'dna')
  writeFiles(folder, files)
  return folder
}

describe('the DNA', () => {
  const leftovers = 'README.md plasma/notes.txt plasma/one.json~ .git/x.json plasma/.one.json.swp plasma/#one.json#'
  const loaded: [what: string, files: Record<string, unknown>, plasma: object, changes?: object][] = [
    ['from files, each a branch', { ...one, 'plasma/two.json': false }, { one: { source: 'plasma/one' }, two: false }],
    [
      'from YAML, with off, no, on and yes as booleans unless they are quoted',
      {
        'plasma/one.yaml': 'a: No # comment\nb: on\nc: YES\nd: "off"\ne:\n  - off\n  - offer\n',
        'plasma/two.yml': 'off',
      },
      { one: { a: false, b: true, c: true, d: 'off', e: [false, 'offer'] }, two: false },
    ],
    ['from JSON with a byte order mark', { 'plasma/one.json': '\ufeff{"a": 1}' }, { one: { a: 1 } }],
    [
      'beside documentation, hidden files and what editors leave',
      { ...one, ...Object.fromEntries(leftovers.split(' ').map((name) => [name, 'anything'])) },
      { one: { source: 'plasma/one' } },
    ],
    [
      'with the changes folded in last, and their references resolved',
      { 'plasma/one.json': { a: 1, b: 1, file: '@{data.folder}/x' }, 'data.json': { folder: 'data' } },
      { one: { a: 3, b: 2, file: 'elsewhere/x' }, two: false },
      { data: { folder: 'elsewhere' }, plasma: { one: { a: 3 }, two: false } },
    ],
    [
      'with keys and branches that nothing but another value refers to',
      {
        'mail.json': { host: 'a' },
        'data.json': { logs: 'l' },
        'plasma/one.json': { x: '@mail.host', y: '@{data.logs}/x' },
      },
      { one: { x: 'a', y: 'l/x' } },
    ],
  ]
  for (const [what, files, plasma, changes] of loaded) {
    it(`is loaded ${what}`, async () => {
      const mode = changes && { '_m/plasma/one.json': { a: 2, b: 2 } }
      const folder = newFolder({ ...files, ...mode })
      expect((await loadDna({ folder, mode: mode && '_m', changes })).plasma).to.deep.equal(plasma)
    })
  }

  it("leaves out each file's $schema, by which editors find its JSON Schema", async () => {
    const $schema = 'https://example.org/a@{b.c}/{$UNSET}.json'
    const folder = newFolder({
      'plasma.json': { $schema, upper: { a: 1 } },
      'plasma/one.json': { $schema, a: 1 },
      'plasma/two.yaml': `$schema: '${$schema}'\na: off\n`,
      'data.json': { $schema },
      '_m.json': { $schema, plasma: { one: { b: 2 } } },
      '_m/plasma/two.json': { $schema },
    })
    expect(await loadDna({ folder, mode: '_m' })).to.deep.equal({
      data: {},
      plasma: { upper: { a: 1 }, one: { a: 1, b: 2 }, two: { a: false } },
    })
    const other = newFolder({ ...one, '_m.json': { $schema: 1 }, 'data.json': { deep: { $schema } } })
    expect((await rejectionOf(() => loadDna({ folder: other, mode: '_m' }))).message).to.match(/\$schema.*\n.*deep/)
  })

  it('is refused if there is no folder, or no organelle in it', async () => {
    const folder = join(temporaryFolder(), 'dna')
    expect((await rejectionOf(() => loadDna({ folder }))).message).to.include(`no DNA at ${folder}`)
    for (const files of [{ 'data.json': {} }, { 'plasma.json': 'null' }, { 'plasma.json': '[]' }])
      expect((await rejectionOf(() => loadDna({ folder: newFolder(files) }))).message).to.include('no organelles')
  })

  const base = {
    'data.json': { folder: 'data' },
    'plasma/one.json': { source: 'plasma/one', list: [1], deep: {} },
    'plasma/other.json': { source: 'plasma/other' },
    '_t/plasma/one.json': {},
  }
  const unknownKind = 'nothing reads this file: DNA is in .json, .yaml and .yml files'
  const taken = 'is in another file too, keep one of them'
  const dropped = 'an object cannot be folded over a value that is no object: write both as objects'
  const empty = 'folder: must not be empty: files would be kept in the root of the file system'
  const faulty: [files: Record<string, unknown>, ...lines: (string | RegExp)[]][] = [
    [{ 'plazma/a.json': {}, 'plazma/b.json': {} }, 'plazma: nothing reads this folder, did you mean "plasma"?'],
    [{ 'dada.json': {} }, 'dada.json: nothing reads this file, did you mean "data"?'],
    [{ 'other.json': {} }, 'other.json: nothing reads this file, did you mean "plasma/other"?'],
    [{ '_u/othr.json': {} }, '_u/othr.json: nothing reads this file, did you mean "plasma/other"?'],
    [{ '_u.json': { plasma: {}, dat: {} } }, '_u.json: dat: nothing reads this key, did you mean "data"?'],
    [{ '_t/_u/plasma/one.json': {} }, '_t/_u: nothing reads this folder'],
    [{ 'plasma/two.jsonc': '', '3.JSON': '' }, `3.JSON: ${unknownKind}`, `plasma/two.jsonc: ${unknownKind}`],
    [{ 'plasma/one.yml': 'a: 1' }, `plasma/one.yml: plasma.one ${taken}`],
    [{ 'plasma/2.json': '{"a": 1,\n"a": 2}' }, 'plasma/2.json: line 2: this object has the same key twice'],
    [{ 'plasma/2.json': Buffer.from('"\xe9"', 'latin1') }, 'plasma/2.json: is not encoded in UTF-8'],
    [{ 'plasma/2.json': '{"__proto__": {}}' }, 'plasma/2.json: cannot be parsed: must not have a key __proto__'],
    [{ 'plasma/2.yaml': 'secret: !env COOKIE_SECRET' }, /^plasma\/2\.yaml: .*!env/],
    [{ 'plasma/2.json': '{"secret": hush,}' }, /^plasma\/2\.json: cannot be parsed: ((?!hush).)*$/],
    [
      { '_u/plasma/2.yml': 'a: "1', 'x.json': '{' },
      /^_u\/plasma\/2\.yml: cannot be parsed: line 1: .*\nx\.json: cannot be/,
    ],
    [{ '_t/data.json': { foldr: 'x' } }, '_t/data.json: foldr: unknown key, did you mean "folder"?'],
    [{ '_t/data.json': { folder: ' ' } }, `_t/data.json: ${empty}`],
    [{ '_t/data.json': { folder: '/' } }, '_t/data.json: folder: must not be the root of the file system'],
    [
      { 'trust-points.json': { users: 'localhost:1338', app: 'https://a.example' } },
      'trust-points.json: users: expected an http: or https: URL',
      'trust-points.json: app: unknown key, did you mean "apps"?',
    ],
    [
      { '_t/plasma/othre.json': { port: 1 } },
      '_t/plasma/othre.json: source: there is no organelle "othre", did you mean "other"?',
    ],
    [{ '_t/plasma/one.json': 'null' }, /^_t\/plasma\/one\.json: null changes nothing: write the value, or false/],
    [{ '_t/plasma/one.json': { list: { 0: 1 } } }, `_t/plasma/one.json: list: ${dropped}`],
    [{ '_t/plasma/one.json': { list: [null] } }, '_t/plasma/one.json: list: expected no null in a list'],
    [
      {
        'plazma.json': {},
        '_t/plasma/one.json': { x: '{$AN_UNSET_VARIABLE}', y: '@data.fodler' },
        '_t/data.json': { folder: '' },
      },
      'plazma.json: nothing reads this file, did you mean "plasma"?',
      '_t/plasma/one.json: y: refers to "data.fodler", which this DNA does not have, did you mean "data.folder"?',
      '_t/plasma/one.json: x: the environment variable AN_UNSET_VARIABLE is not set',
      `_t/data.json: ${empty}`,
    ],
  ]
  for (const [files, ...lines] of faulty) {
    it(`is refused with a line for each fault: ${JSON.stringify(files)}`, async () => {
      const source = { folder: newFolder({ ...base, ...files }), mode: '_t' }
      const { message } = explainError(await rejectionOf(() => loadDna(source)), source)
      const short = message.replaceAll(`${basename(source.folder)}/`, '')
      if (lines[0] instanceof RegExp) expect(short).to.match(lines[0])
      else expect(short).to.equal(lines.join('\n'))
    })
  }
})

describe('a mode of the DNA', () => {
  const base = { port: 1337, host: 'a', list: [1, 2], deep: { x: 1, y: 1 } }
  const files = {
    'plasma/one.json': base,
    '_a/plasma/one.json': { port: 1, deep: { y: 2 } },
    '_b/plasma/one.json': { port: 2, host: 'b' },
    '_list/plasma/one.json': { list: [9] },
    '_replacing/plasma/one.json': { '~deep': { z: 3 }, '~list': [7] },
    '_off/plasma/one.json': 'false',
  }
  const folder = newFolder(files)

  it('is folded, whatever CELL_MODE is, and no mode is left', async () => {
    const restore = setEnvironment({ CELL_MODE: '_off' })
    try {
      for (const [mode, own] of [
        [undefined, base],
        ['', base],
        ['_a+_b', { ...base, port: 2, host: 'b', deep: { x: 1, y: 2 } }],
        ['_b+_a', { ...base, port: 1, host: 'b', deep: { x: 1, y: 2 } }],
        ['_list', { ...base, list: [9, 2] }],
        ['_replacing', { ...base, deep: { z: 3 }, list: [7] }],
        ['_off', false],
      ] as const)
        expect(await loadDna({ folder, mode }), mode).to.deep.equal({ plasma: { one: own } })
    } finally {
      restore()
    }
  })

  it('is refused if it is unknown', async () => {
    for (const mode of ['test', 'a', 'plasma', '_a+', '+_a', '_a,_b', '_a + _b', '_A', '__proto__']) {
      const { message } = await rejectionOf(() => loadDna({ folder, mode }))
      expect(message, mode).to.match(
        /^CELL_MODE: unknown mode ".*", (expected one of _a, _b, _list, _off, _replacing|did you mean "_\w+"\?)$/m,
      )
    }
  })
})
