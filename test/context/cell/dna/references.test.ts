import { expect } from 'chai'
import { join } from 'node:path'
import { loadDna, type CellDna } from '../../../../context/cell/dna'
import { dnaErrorsOf } from '../../../../context/cell/dna/error'
import { setEnvironment } from '../../../support/environment'
import { rejectionOf } from '../../../support/rejection'
import { temporaryFolder, writeFiles } from '../../../support/temporary-folder'

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
    restore = setEnvironment({ CELL_MODE: undefined })
  })
  afterEach(() => {
    console.log = log
    restore()
  })

  const load = (own: unknown, files: Record<string, unknown> = {}): Promise<CellDna> => {
    const folder = join(temporaryFolder(), 'dna')
    // What nothing refers to is refused.
    const used = { all: '@values' }
    writeFiles(folder, { 'values.json': data, 'plasma/one.json': own, 'plasma/user.json': used, ...files })
    return loadDna({ folder })
  }

  describe('lead to', () => {
    const good: [what: string, own: object, resolved: unknown][] = [
      ['a value', { x: '@values.port' }, { x: 5 }],
      ['a branch', { x: '@values.tags' }, { x: ['a', 'b'] }],
      ['a whole file', { x: '@values' }, { x: data }],
      ['a copy of a branch', { x: '!@values.tags' }, { x: ['a', 'b'] }],
      ['a value within a text', { x: '@{values.folder}/cell.db' }, { x: 'data/cell.db' }],
      ['a value, twice in a text', { x: '@{values.folder}/@{values.folder}' }, { x: 'data/data' }],
      ['a value of the same object', { name: 'n', x: 'is &{name}' }, { name: 'n', x: 'is n' }],
      ['a value of the same object, from its list', { name: 'n', x: ['is &{name}'] }, { name: 'n', x: ['is n'] }],
      ['a value, from a list', { x: ['@values.port', 'y'] }, { x: [5, 'y'] }],
      ['a value, as an object in a list', { x: [{ '@': 'values.port' }] }, { x: [5] }],
      ['a copy, as an object in a list', { x: [{ '!@': 'values.tags' }] }, { x: [['a', 'b']] }],
      ['a template', { x: '%values.greeting(name=world)' }, { x: 'hello world' }],
      ['a reference', { x: '@plasma.one.y', y: '@values.port' }, { x: 5, y: 5 }],
      [
        'nothing, where they only look so',
        { x: ['user@example.com', '50%', 'a & b', '/*.@(js|ts)'] },
        { x: ['user@example.com', '50%', 'a & b', '/*.@(js|ts)'] },
      ],
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
      [{ x: '@values.nothing' }, 'x', 'values.nothing'],
      [{ x: '@nothing' }, 'x', 'nothing'],
      [{ x: '@values.folder.deeper' }, 'x', 'values.folder.deeper'],
      [{ x: '@organic/express' }, 'x', 'organic/express'],
      [{ x: '!@values.nothing' }, 'x', 'values.nothing'],
      [{ x: '@{values.nothing}/cell.db' }, 'x', 'values.nothing'],
      [{ x: '@{values.folder}/@{nothing.here}' }, 'x', 'nothing.here'],
      [{ x: '&{nothing}' }, 'x', 'nothing'],
      [{ x: 'is &{a.b}', a: {} }, 'x', 'a.b'],
      [{ x: [{ '@': 'values.nothing' }] }, 'x.0', 'values.nothing'],
      [{ x: [{ '!@': 'values.nothing' }] }, 'x.0', 'values.nothing'],
      [{ x: '%values.nothing(x=1)' }, 'x', 'values.nothing'],
      [{ x: '%nothing(x=1)' }, 'x', 'nothing'],
      [{ x: 'a %values.nothing(x=1)' }, 'x', ''],
      [{ x: 'deep in', y: { z: ['a', { w: '@values.nothing' }] } }, 'y.z.1.w', 'values.nothing'],
      [{ x: '@_unused.plasma' }, 'x', '_unused.plasma'],
      [{ x: '@plasma' }, 'x', 'plasma'],
      [{ x: { y: '@plasma.one' } }, 'x.y', 'plasma.one'],
      [{ x: '@plasma.one.x' }, 'x', 'plasma.one.x'],
      [{ x: '@plasma.one.y', y: '@{plasma.one.x}' }, 'x', 'plasma.one'],
      [{ x: '&{x}' }, 'x', 'x'],
    ]
    for (const [own, key, name] of dangling) {
      it(JSON.stringify(own), async () => {
        const [error] = dnaErrorsOf(await rejectionOf(() => load(own, { '_unused.json': { plasma: {} } })))
        expect(printed, 'times printed').to.equal(0)
        expect(error).to.include({ name: 'DnaError', key })
        expect(error?.branch).to.deep.equal(['plasma', 'one'])
        expect(error?.message).to.include(name)
      })
    }
  })
})
