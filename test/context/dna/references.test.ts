import { expect } from 'chai'
import { join } from 'node:path'
import { loadDna, type CellDna } from '../../../context/dna'
import type { DnaError } from '../../../context/errors'
import { setEnvironment } from '../../support/environment'
import { rejectionOf } from '../../support/rejection'
import { temporaryFolder, writeFiles } from '../../support/temporary-folder'

const data = { folder: 'data', port: 5, tags: ['a', 'b'], greeting: 'hello <=name=>' }

describe('references in the DNA', () => {
  let restore: () => void
  const log = console.log
  let printed: number

  beforeEach(() => {
    printed = 0
    console.log = () => {
      printed += 1
    }
    restore = setEnvironment({
      CELL_MODE: undefined,
      A_VARIABLE: 'its value',
      DOLLARS_2: 'a$$b$&c',
      REFERENCE: '@data.port',
      A_PRICE: '$& $$ $1',
      AN_EMPTY_VARIABLE: '',
      AN_UNSET_VARIABLE: undefined,
    })
  })
  afterEach(() => {
    console.log = log
    restore()
  })

  const load = (own: unknown, files: Record<string, unknown> = {}, mode?: string): Promise<CellDna> => {
    const folder = join(temporaryFolder(), 'dna')
    writeFiles(folder, { 'data.json': data, 'plasma/one.json': own, ...files })
    return loadDna({ folder, mode })
  }

  describe('lead to', () => {
    const good: [what: string, own: object, resolved: unknown][] = [
      ['a value', { x: '@data.port' }, { x: 5 }],
      ['a branch', { x: '@data.tags' }, { x: ['a', 'b'] }],
      ['a whole file', { x: '@data' }, { x: data }],
      ['a copy of a branch', { x: '!@data.tags' }, { x: ['a', 'b'] }],
      ['a value within a text', { x: '@{data.folder}/cell.db' }, { x: 'data/cell.db' }],
      ['a value, twice in a text', { x: '@{data.folder}/@{data.folder}' }, { x: 'data/data' }],
      ['a value of the same object', { name: 'n', x: 'is &{name}' }, { name: 'n', x: 'is n' }],
      ['a value of the same object, from its list', { name: 'n', x: ['is &{name}'] }, { name: 'n', x: ['is n'] }],
      ['a value, from a list', { x: ['@data.port', 'y'] }, { x: [5, 'y'] }],
      ['a value, as an object in a list', { x: [{ '@': 'data.port' }] }, { x: [5] }],
      ['a copy, as an object in a list', { x: [{ '!@': 'data.tags' }] }, { x: [['a', 'b']] }],
      ['a template', { x: '%data.greeting(name=world)' }, { x: 'hello world' }],
      ['a reference', { x: '@plasma.one.y', y: '@data.port' }, { x: 5, y: 5 }],
      ['a variable', { x: '{$A_VARIABLE}' }, { x: 'its value' }],
      ['a variable with dollars in its value', { x: '{$DOLLARS_2}!' }, { x: 'a$$b$&c!' }],
      ['a variable whose value looks like a reference', { x: '{$REFERENCE}' }, { x: '@data.port' }],
      ['a variable within a text', { x: 'is {$A_VARIABLE}.' }, { x: 'is its value.' }],
      ['a variable with signs that a replacement has', { x: '{$A_PRICE}' }, { x: '$& $$ $1' }],
      ['nothing, where they only look so', { x: ['user@example.com', '50%', 'a & b', '$HOME'] }, { x: ['user@example.com', '50%', 'a & b', '$HOME'] }],
    ]
    for (const [what, own, resolved] of good) {
      it(what, async () => {
        expect((await load(own)).plasma['one']).to.deep.equal(resolved)
        expect(printed).to.equal(0)
      })
    }
  })

  describe('that lead nowhere are refused, with branch and key, and nothing is printed:', () => {
    const dangling: [own: object, key: string, name: string][] = [
      [{ x: '@data.nothing' }, 'x', 'data.nothing'],
      [{ x: '@nothing' }, 'x', 'nothing'],
      [{ x: '@data.folder.deeper' }, 'x', 'data.folder.deeper'],
      [{ x: '@organic/express' }, 'x', 'organic/express'],
      [{ x: '!@data.nothing' }, 'x', 'data.nothing'],
      [{ x: '@{data.nothing}/cell.db' }, 'x', 'data.nothing'],
      [{ x: '@{data.folder}/@{nothing.here}' }, 'x', 'nothing.here'],
      [{ x: '&{nothing}' }, 'x', 'nothing'],
      [{ x: 'is &{a.b}', a: {} }, 'x', 'a.b'],
      [{ x: [{ '@': 'data.nothing' }] }, 'x.0', 'data.nothing'],
      [{ x: [{ '!@': 'data.nothing' }] }, 'x.0', 'data.nothing'],
      [{ x: '%data.nothing(x=1)' }, 'x', 'data.nothing'],
      [{ x: '%nothing(x=1)' }, 'x', 'nothing'],
      [{ x: 'a %data.nothing(x=1)' }, 'x', ''],
      [{ x: 'deep in', y: { z: ['a', { w: '@data.nothing' }] } }, 'y.z.1.w', 'data.nothing'],
      [{ x: '@_unused.secret' }, 'x', '_unused.secret'],
      [{ x: '@plasma.one.x' }, 'x', 'plasma.one.x'],
      [{ x: '@plasma.one.y', y: '@{plasma.one.x}' }, 'x', 'plasma.one'],
      [{ x: '&{x}' }, 'x', 'x'],
    ]
    for (const [own, key, name] of dangling) {
      it(JSON.stringify(own), async () => {
        const error = await rejectionOf<DnaError>(() => load(own, { '_unused.json': { secret: 1 } }))
        expect(printed, 'times printed').to.equal(0)
        expect(error).to.include({ name: 'DnaError', key })
        expect(error.branch).to.deep.equal(['plasma', 'one'])
        expect(error.message).to.include(name)
      })
    }
  })

  describe('to variables are refused, with file, key and variable:', () => {
    const unset: [text: string, name: string][] = [
      ['{$AN_UNSET_VARIABLE}', 'AN_UNSET_VARIABLE'],
      ['before {$AN_UNSET_VARIABLE} after', 'AN_UNSET_VARIABLE'],
      ['{$A_VARIABLE}{$AN_UNSET_VARIABLE}', 'AN_UNSET_VARIABLE'],
      ['{$AN_EMPTY_VARIABLE}', 'AN_EMPTY_VARIABLE'],
      ['{$VARIABLE_2}', 'VARIABLE_2'],
      ['{$A-VARIABLE}', 'A-VARIABLE'],
      ['{$A_VARIABLE:-default}', 'A_VARIABLE'],
      ['{$}', '{$}'],
    ]
    for (const [text, name] of unset) {
      it(text, async () => {
        const error = await rejectionOf<DnaError>(() => load({ deep: { list: [text] } }))
        expect(error).to.include({ name: 'DnaError', key: 'deep.list.0' })
        expect(error.branch).to.deep.equal(['plasma', 'one'])
        expect(error.message).to.include(name)
      })
    }

    it('in a file beside the organelles, where an organelle refers to it', async () => {
      const data = { 'data.json': { folder: '{$AN_UNSET_VARIABLE}' } }
      const error = await rejectionOf<DnaError>(() => load({ file: '@{data.folder}/x' }, data))
      expect(error.branch).to.deep.equal(['plasma', 'one'])
      expect(error.message).to.equal('file: the environment variable AN_UNSET_VARIABLE is not set')
      expect((await load({}, data))['data']).to.deep.equal({ folder: '{$AN_UNSET_VARIABLE}' })
    })

    it('in a mode that is in use, and not in one that is not', async () => {
      const mode = { '_production/plasma/one.json': { secret: '{$AN_UNSET_VARIABLE}' } }
      expect((await load({}, mode)).plasma['one']).to.deep.equal({})
      const error = await rejectionOf<DnaError>(() => load({}, mode, '_production'))
      expect(error.message).to.equal('secret: the environment variable AN_UNSET_VARIABLE is not set')
    })

    it('and not where the mode in use replaces them', async () => {
      const mode = { '_test/plasma/one.json': { secret: 'a secret' } }
      const { plasma } = await load({ secret: '{$AN_UNSET_VARIABLE}' }, mode, '_test')
      expect(plasma['one']).to.deep.equal({ secret: 'a secret' })
    })
  })
})
