import { expect } from 'chai'
import { join } from 'node:path'
import { DnaError, DnaErrors } from '../../../../context/cell/dna/error'
import { explainError } from '../../../../context/cell/dna/explain'
import { temporaryFolder, writeFiles } from '../../../support/temporary-folder'

describe('the explanation of an error', () => {
  let folder: string

  before(() => {
    folder = join(temporaryFolder(), 'dna')
    writeFiles(folder, {
      'plasma/one.json': { a: 1, deep: { x: 1, '/v1.0': 1 }, list: [1, 2] },
      'plasma/two.yaml': 'a: 1',
      'other.yml': 'a: 1',
      '_a/plasma/one.json': { b: 1, deep: { y: 1 } },
      '_b/plasma.json': { one: { a: 2, '~list': [3] } },
    })
  })

  const files: [branch: string, key: string, mode: string, file: string][] = [
    ['plasma/one', 'a', '', 'plasma/one.json'],
    ['plasma/one', 'b', '_a', '_a/plasma/one.json'],
    ['plasma/one', 'a', '_b+_a', '_b/plasma.json'],
    ['plasma/one', 'deep.y', '_a', '_a/plasma/one.json'],
    ['plasma/one', 'deep.x', '_a', 'plasma/one.json'],
    ['plasma/one', 'deep./v1.0', '_a', 'plasma/one.json'],
    ['plasma/one', 'list.0', '_a+_b', '_b/plasma.json'],
    ['plasma/one', 'missing', '_a+_b', 'plasma/one.json'],
    ['plasma/one', '', '_a', '_a/plasma/one.json'],
    ['plasma/two', 'a', '_a', 'plasma/two.yaml'],
    ['other', 'a', '', 'other.yml'],
    ['plasma/three', 'a', '', 'plasma/three'],
  ]
  it('names the file in use that sets the key, or else the first of its branch', () => {
    for (const [branch, key, mode, file] of files) {
      const error = new DnaError(key, 'is wrong')
      error.branch = branch.split('/')
      expect(explainError(error, { folder, mode }).message).to.equal(`dna/${file}: ${error.message}`)
    }
  })

  it('has a line for each error', () => {
    const errors = new DnaErrors([DnaError.at(['plasma', 'one', 'a'], 'out of\nwater'), new DnaError('', 'no DNA')])
    expect(explainError(errors, { folder }).message).to.equal('dna/plasma/one.json: a: out of water\nno DNA')
  })
})
