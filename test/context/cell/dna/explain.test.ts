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
  it('names the file in use that sets the key, or else the first of its branch, and the organelle if the file has several', () => {
    for (const [branch, key, mode, file] of files) {
      const error = new DnaError(key, 'is wrong')
      error.branch = branch.split('/')
      const { message } = explainError(error, { folder, mode })
      const organelle = file === '_b/plasma.json' ? 'one.' : ''
      expect(message).to.equal(`dna/${file}: ${organelle}${error.message}`)
    }
  })

  it('names the organelle of a fault without a key, too, if the file has several', () => {
    const error = DnaError.at(['plasma', 'one'], 'is wrong')
    expect(explainError(error, { folder, mode: '_b' }).message).to.equal('dna/_b/plasma.json: one: is wrong')
  })

  it('has a line for each error', () => {
    const errors = new DnaErrors([DnaError.at(['plasma', 'one', 'a'], 'out of\nwater'), new DnaError('', 'no DNA')])
    expect(explainError(errors, { folder }).message).to.equal('dna/plasma/one.json: a: out of water\nno DNA')
  })
})
