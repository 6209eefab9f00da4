import { expect } from 'chai'
import { join, relative } from 'node:path'
import type { CellDna } from '../../../../context/cell/dna'
import { useCompiledPaths } from '../../../../context/cell/dna/compiled-paths'
import { temporaryFolder, writeFiles } from '../../../support/temporary-folder'

describe('the paths of DNA, in a compiled build', () => {
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
  })

  const compiled = (plasma: unknown): unknown => {
    const dna = { plasma } as CellDna
    useCompiledPaths(dna, folder, `${folder}/dist`)
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

  it('lead to the code of another folder for what the root lacks', () => {
    const root = temporaryFolder()
    writeFiles(root, { 'routes/api/index.ts': '', 'plasma/one.ts': '' })
    const dna = {
      plasma: { one: { source: 'plasma/one' }, room: { source: 'plasma/room', path: 'routes/api' } },
    } as CellDna
    useCompiledPaths(dna, root, join(folder, 'dist'))
    expect(dna.plasma).to.deep.equal({
      one: { source: 'plasma/one' },
      room: { source: relative(root, join(folder, 'dist/plasma/room')), path: 'routes/api' },
    })
  })

  it('stay what they are where the sources run', () => {
    const dna = { plasma: { one: { source: 'plasma/one' } } } as CellDna
    useCompiledPaths(dna, folder, folder)
    expect(dna.plasma).to.deep.equal({ one: { source: 'plasma/one' } })
  })
})
