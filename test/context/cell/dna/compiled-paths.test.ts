import { expect } from 'chai'
import { join, relative } from 'node:path'
import type { CellDna } from '../../../../context/cell/dna'
import { useCompiledPaths } from '../../../../context/cell/dna/compiled-paths'
import { temporaryFolder, writeFiles } from '../../../support/temporary-folder'

describe('the paths of DNA', () => {
  let folder: string

  before(() => {
    folder = temporaryFolder()
    const build = ['plasma/one.js', 'plasma/room/index.js', 'context/models/user.js', 'routes/api/index.js']
    const files = [...build.map((file) => `dist/${file}`), 'plasma/one.ts', 'plasma/beside.js']
    writeFiles(folder, Object.fromEntries(files.map((file) => [file, ''])))
  })

  const compiled = (plasma: object, codeRoot = join(folder, 'dist'), root = folder): unknown => {
    const dna = { plasma } as CellDna
    useCompiledPaths(dna, root, codeRoot)
    return dna.plasma
  }

  const paths: [key: string, written: unknown, used?: unknown][] = [
    ['source', 'plasma/one', 'dist/plasma/one'],
    ['source', 'plasma/one.ts', 'dist/plasma/one'],
    ['source', 'plasma/room', 'dist/plasma/room'],
    ['ownerModelPath', 'context/models/user', 'dist/context/models/user'],
    ['path', 'routes/api', 'dist/routes/api'],
    [
      'migrations',
      { one: 'routes/api', two: 'nowhere', three: 5 },
      { one: 'dist/routes/api', two: 'nowhere', three: 5 },
    ],
    ['migrations', null],
    ['source', 'plasma/beside'],
    ['source', 'plasma/nothing'],
    ['source', 'organic-express-server'],
    ['source', '/plasma/one'],
    ['source', 5],
    ['name', 'plasma/one'],
  ]
  it('lead into a build that has the file', () => {
    for (const [key, written, used] of paths)
      expect(compiled({ one: { [key]: written } })).to.deep.equal({ one: { [key]: used ?? written } })
  })

  it('lead into the build also if an organelle is its source alone; what is no organelle is left alone', () => {
    const odd = { off: false, nothing: null, list: [], number: 5 }
    expect(compiled({ one: 'plasma/one', ...odd })).to.deep.equal({ one: 'dist/plasma/one', ...odd })
  })

  it('lead to the code of another folder for what the root lacks', () => {
    const root = temporaryFolder()
    writeFiles(root, { 'routes/api/index.ts': '', 'plasma/one.ts': '' })
    const dna = { one: { source: 'plasma/one' }, room: { source: 'plasma/room', path: 'routes/api' } }
    expect(compiled(dna, join(folder, 'dist'), root)).to.deep.equal({
      one: { source: 'plasma/one' },
      room: { source: relative(root, join(folder, 'dist/plasma/room')), path: 'routes/api' },
    })
  })

  it('stay what they are if an installed package runs', () => {
    const code = join(folder, 'node_modules/a-package')
    writeFiles(code, { 'plasma/room/index.js': '' })
    expect(compiled({ room: { source: 'plasma/room' } }, code)).to.deep.equal({ room: { source: 'plasma/room' } })
  })

  it('may be names that the package exports, wherever the code is', () => {
    const names = {
      source: 'organic-sessions-cell/express-routes',
      path: 'organic-sessions-cell/routes/api',
      ownerModelPath: 'organic-sessions-cell/models/user',
    }
    for (const code of [folder, join(folder, 'dist'), join(folder, 'node_modules/organic-sessions-cell/dist')])
      expect(compiled({ one: { ...names }, two: 'organic-sessions-cell/audit' }, code)).to.deep.equal({
        one: {
          source: join(code, 'plasma/express-routes'),
          path: join(code, 'routes/api'),
          ownerModelPath: join(code, 'context/models/user'),
        },
        two: join(code, 'plasma/audit'),
      })
  })

  it('are refused, with the name that was meant, if the package does not export them', () => {
    const dna = { plasma: { one: { source: 'organic-sessions-cell/sesions' } } } as unknown as CellDna
    const [error, ...others] = useCompiledPaths(dna, folder, folder)
    expect(error).to.deep.include({ branch: ['plasma', 'one'], key: 'source' })
    expect(error?.expected).to.equal('organic-sessions-cell exports no "sesions", did you mean "sessions"?')
    expect(others).to.deep.equal([])
  })

  it('stay what they are if the sources run', () => {
    expect(compiled({ one: 'plasma/one' }, folder)).to.deep.equal({ one: 'plasma/one' })
  })
})
