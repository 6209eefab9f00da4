import { expect } from 'chai'
import { join } from 'node:path'
import { dnaErrorsOf } from '../../../../context/cell/dna/error'
import { loadDna } from '../../../support/load-dna'
import { rejectionOf } from '../../../support/rejection'
import { temporaryFolder, writeFiles } from '../../../support/temporary-folder'

const data = { folder: 'data', port: 5, tags: ['a', 'b'], greeting: 'hello <=name=>' }

describe('references in the DNA', () => {
  const { log } = console
  let printed: number
  beforeEach(() => {
    printed = 0
    console.log = () => (printed += 1)
  })
  afterEach(() => {
    console.log = log
  })

  const load = async (own: object): Promise<unknown> => {
    const folder = join(temporaryFolder(), 'dna')
    // A file that nothing refers to is refused.
    const used = { 'values.json': data, 'plasma/user.json': { all: '@values' }, '_unused.json': { plasma: {} } }
    writeFiles(folder, { ...used, 'plasma/one.json': own })
    return (await loadDna({ folder })).plasma['one']
  }

  const similar = ['user@example.com', '50%', 'a & b', '/*.@(js|ts)']
  const good: [own: object, resolved: object][] = [
    [{ x: '@values.port' }, { x: 5 }],
    [{ x: '@values' }, { x: data }],
    [{ x: '!@values.tags' }, { x: ['a', 'b'] }],
    [{ x: '@{values.folder}/@{values.folder}' }, { x: 'data/data' }],
    [
      { name: 'n', x: ['is &{name}'] },
      { name: 'n', x: ['is n'] },
    ],
    [{ x: [{ '@': 'values.port' }, { '!@': 'values.tags' }] }, { x: [5, ['a', 'b']] }],
    [{ x: '%values.greeting(name=world)' }, { x: 'hello world' }],
    [
      { x: '@plasma.one.y', y: '@values.port' },
      { x: 5, y: 5 },
    ],
    [{ x: similar }, { x: similar }],
  ]
  for (const [own, resolved] of good) {
    it(`are resolved: ${JSON.stringify(own)}`, async () => {
      expect(await load(own)).to.deep.equal(resolved)
      expect(printed).to.equal(0)
    })
  }

  const dangling: [own: object, key: string, name: string][] = [
    [{ x: '@values.nothing' }, 'x', 'values.nothing'],
    [{ x: '@organic/express' }, 'x', 'organic/express'],
    [{ x: '!@values.nothing' }, 'x', 'values.nothing'],
    [{ x: '@{values.folder}/@{nothing.here}' }, 'x', 'nothing.here'],
    [{ x: 'is &{a.b}', a: {} }, 'x', 'a.b'],
    [{ x: [{ '@': 'values.nothing' }] }, 'x.0', 'values.nothing'],
    [{ x: [{ '!@': 'values.nothing' }] }, 'x.0', 'values.nothing'],
    [{ x: '%nothing(x=1)' }, 'x', 'nothing'],
    [{ x: 'a %values.nothing(x=1)' }, 'x', 'a template must be the whole value'],
    [{ y: { z: ['a', { w: '@values.nothing' }] } }, 'y.z.1.w', 'values.nothing'],
    [{ x: '@_unused.plasma' }, 'x', '_unused.plasma'],
    [{ x: { y: '@plasma.one' } }, 'x.y', 'plasma.one'],
    [{ x: '@plasma.one.y', y: '@{plasma.one.x}' }, 'x', 'plasma.one'],
    [{ x: '&{x}' }, 'x', 'x'],
  ]
  for (const [own, key, name] of dangling) {
    it(`that lead nowhere are refused, and nothing is printed: ${JSON.stringify(own)}`, async () => {
      const [error] = dnaErrorsOf(await rejectionOf(() => load(own)))
      expect(printed).to.equal(0)
      expect(error).to.deep.include({ name: 'DnaError', key, branch: ['plasma', 'one'] })
      expect(error?.message).to.include(name)
    })
  }
})
