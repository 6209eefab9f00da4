import { expect } from 'chai'
import { execFile } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Results } from '../../bench/results'
import { benchResults, requestResults } from '../support/bench-results'
import { START } from '../support/process'
import { ROOT } from '../support/project'
import { temporaryFolder } from '../support/temporary-folder'

const run = promisify(execFile)
const [NODE = '', ...PARAMETERS] = START

/** Runs the benchmark on results that were measured before. @returns its code and what it prints */
async function bench(
  results: Results,
  ...options: string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  const file = join(temporaryFolder(), 'results.json')
  writeFileSync(file, JSON.stringify(results))
  const command = [...PARAMETERS, join(ROOT, 'bench/bench.ts'), '--from', file, ...options]
  return run(NODE, command, { cwd: ROOT }).then(
    (output) => ({ code: 0, ...output }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  )
}

describe('npm run bench', () => {
  it('prints results that were kept, and keeps them again', async () => {
    const file = join(temporaryFolder(), 'again.json')
    const { code, stdout } = await bench(benchResults(), '--json', file)
    expect(code).to.equal(0)
    expect(stdout).to.contain('| express-session | memory |')
    expect(JSON.parse(readFileSync(file, 'utf8'))).to.deep.equal(benchResults())
  })

  it('fails its check if the cell has become slower', async () => {
    const slow = [requestResults('cell', [1]), requestResults('express-session', [1000])]
    const { code, stdout } = await bench(benchResults({ requests: slow }), '--check')
    expect(code).to.equal(1)
    expect(stdout).to.contain('| slower |').and.to.contain('The cell has become slower')
  })

  it('passes its check if the cell is as fast as ever', async () => {
    const fast = [requestResults('cell', [1000]), requestResults('express-session', [1])]
    expect(await bench(benchResults({ requests: fast }), '--check')).to.include({ code: 0, stderr: '' })
  })

  it('fails at an option that it does not know', async () => {
    const { code, stderr } = await bench(benchResults(), '--recrod')
    expect(code).to.equal(1)
    expect(stderr).to.contain('--recrod')
  })

  it('is not part of the package', async () => {
    const { stdout } = await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: ROOT })
    expect(stdout)
      .to.contain('dna/data.json')
      .and.not.to.contain('bench/bench.ts')
      .and.not.to.contain('bench/contenders')
    expect(existsSync(join(ROOT, 'bench/contenders/package-lock.json'))).to.equal(true)
  })
})
