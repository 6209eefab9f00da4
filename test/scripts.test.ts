import { expect } from 'chai'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './support/project'

const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> }

/** What cmd.exe does not know, or reads differently than a POSIX shell. */
function findForeign(script: string): string[] {
  const unquoted = script.replace(/"(?:\\"|[^"])*"/g, (quoted) => (/[$`\\%!]/.test(quoted) ? quoted : '""'))
  const commands = unquoted.split(/&&|\|\|/).map((command) => command.trim())
  const foreign = commands.flatMap((command) => command.match(/['`$\\%^;#*?~{}()&|]/g) ?? [])
  const programs = commands.map((command) => command.split(' ')[0] ?? '')
  return [...foreign, ...programs.filter((program) => !isProgram(program))]
}

/** Whether cmd.exe finds it, given what npm puts into the PATH. */
function isProgram(name: string): boolean {
  return (
    ['node', 'npm'].includes(name) ||
    existsSync(join(ROOT, 'node_modules/.bin', name)) ||
    // Windows' shell looks into the folder that it is in first.
    existsSync(join(ROOT, `${name}.cmd`))
  )
}

describe('the scripts of package.json', () => {
  it("run in Windows' shell as well", () => {
    for (const [name, script] of Object.entries(scripts)) expect(findForeign(script), name).to.deep.equal([])
  })

  it('would be refused with what only a POSIX shell has', () => {
    for (const script of [
      "mocha 'test/**'",
      'mocha test/**/*.ts',
      'NODE_ENV=test mocha',
      'node cell.ts; true',
      'node $PWD/cell.ts',
      'node "$PWD/cell.ts"',
      'node cell.ts &',
      'rm -rf dist',
      'node $(which tsc)',
    ])
      expect(findForeign(script), script).not.to.be.empty
  })
})
