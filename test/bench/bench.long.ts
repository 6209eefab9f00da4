import { expect } from 'chai'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { ROOT } from '../support/project'

const run = promisify(execFile)

/** Runs the benchmark for a moment: it needs the npm registry the first time. */
async function bench(only: string): Promise<string> {
  const quick = ['--rounds', '1', '--seconds', '0.5', '--warm-up', '0.5', '--requests', '500', '--only', only]
  return (await run('npm', ['run', '--silent', 'bench', '--', ...quick], { cwd: ROOT })).stdout
}

describe('npm run bench', function () {
  this.timeout(600_000)

  it('measures requests, memory, logins and boots of the cell beside Express', async () => {
    const report = await bench('cell,express-session,memory,logins,boots')
    expect(report).to.match(/^\| Express \+ express-session \| memory \| \d/m)
    for (const part of ['**this cell** | SQLite', 'logins per second', 'this cell, `npm start`', 'this cell, SQLite'])
      expect(report).to.contain(`| ${part} |`)
    expect(report).not.to.contain('NaN')
  })

  it('measures each of the others, after it has answered as it should', async () => {
    const names =
      'node-http,fastify,express,original-organelle,passport-memory,passport-sqlite,passport-sqlite-normal,better-auth,cell-start'
    const report = await bench(names)
    expect(report.match(/^\| .* \| (memory|SQLite)[^|]* \| \d/gm)).to.have.length(names.split(',').length)
  })
})
