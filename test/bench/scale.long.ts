import { expect } from 'chai'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { canCreate } from '../../bench/backends'
import { ROOT } from '../support/project'

const run = promisify(execFile)
const QUICK = ['--sizes', '10', '--cells', '2', '--expired', '200', '--rounds', '1', '--seconds', '1', '--warm-up', '1']

describe('npm run bench:scale', () => {
  it('prints tables of stored sessions, of cells and of clean-ups (pending without PostgreSQL or Redis)', async function () {
    if (!canCreate('Redis')) this.skip()
    const { stdout } = await run('npm', ['run', '--silent', 'bench:scale', '--', ...QUICK], { cwd: ROOT })
    for (const name of ['SQLite, 10', 'PostgreSQL, 10', 'Redis, 10', '2 cells', 'SQLite, before', 'PostgreSQL, for'])
      expect(stdout).to.contain(`| ${name}`)
    expect(stdout).not.to.contain('NaN')
  })
})
