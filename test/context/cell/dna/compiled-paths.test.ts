import { expect } from 'chai'
import type { CellDna } from '../../../../context/cell/dna'
import { useCompiledPaths } from '../../../../context/cell/dna/compiled-paths'
import { temporaryFolder, writeFiles } from '../../../support/temporary-folder'

describe('the paths of DNA, in a compiled build', () => {
  const cwd = process.cwd()
  let folder: string

  before(() => {
    folder = temporaryFolder()
    writeFiles(folder, {
      'dist/plasma/one.js': '',
      'dist/plasma/room/index.js': '',
      'dist/context/models/user.js': '',
      'dist/routes/api/index.js': '',
      'plasma/one.ts': '',
      'plasma/beside.js': '',
      'node_modules/organic-express-server/index.js': '',
    })
    process.chdir(folder)
  })
  after(() => process.chdir(cwd))

  const compiled = (plasma: unknown): unknown => {
    const dna = { plasma } as CellDna
    useCompiledPaths(dna, `${folder}/dist`)
    return dna.plasma
  }

  const paths: [key: string, written: unknown, used: unknown][] = [
    ['source', 'plasma/one', 'dist/plasma/one'],
    ['source', './plasma/one', 'dist/plasma/one'],
    ['source', 'plasma/one.ts', 'dist/plasma/one'],
    ['source', 'plasma/room', 'dist/plasma/room'],
    ['ownerModelPath', 'context/models/user', 'dist/context/models/user'],
    ['path', 'routes/api', 'dist/routes/api'],
    ['source', 'plasma/beside', 'plasma/beside'],
    ['source', 'plasma/nothing', 'plasma/nothing'],
    ['source', 'organic-express-server', 'organic-express-server'],
    ['source', 'node_modules/organic-express-server', 'node_modules/organic-express-server'],
    ['source', '/plasma/one', '/plasma/one'],
    ['source', 5, 5],
    ['name', 'plasma/one', 'plasma/one'],
    ['mount', 'routes/api', 'routes/api'],
  ]
  for (const [key, written, used] of paths) {
    it(`${key} ${JSON.stringify(written)} becomes ${JSON.stringify(used)}`, () => {
      expect(compiled({ one: { [key]: written } })).to.deep.equal({ one: { [key]: used } })
    })
  }

  it('are those of the build also where an organelle is its source alone', () => {
    expect(compiled({ one: 'plasma/one' })).to.deep.equal({ one: 'dist/plasma/one' })
  })

  it('leave alone what is no organelle, for others to refuse', () => {
    const odd = { off: false, nothing: null, list: [], number: 5 }
    expect(compiled({ ...odd })).to.deep.equal(odd)
  })

  it('stay what they are where the sources run', () => {
    const dna = { plasma: { one: { source: 'plasma/one' } } } as CellDna
    useCompiledPaths(dna, folder)
    expect(dna.plasma).to.deep.equal({ one: { source: 'plasma/one' } })
  })
})
