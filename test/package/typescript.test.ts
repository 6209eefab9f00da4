import { expect } from 'chai'
import { spawnSync } from 'node:child_process'
import { readFileSync, readdirSync, truncateSync } from 'node:fs'
import { basename, join } from 'node:path'
import { START } from '../support/process'
import { ROOT } from '../support/project'
import { temporaryFolder, writeFiles } from '../support/temporary-folder'

const CACHE = join(ROOT, 'node_modules/.cache/typescript')

/** Runs `main.ts` of a new folder. @returns what it prints, and the folder */
function run(files: Record<string, string>, folder = temporaryFolder()): { printed: string; folder: string } {
  writeFiles(folder, files)
  const [node = '', ...options] = START
  const { stdout, stderr } = spawnSync(node, [...options, join(folder, 'main.ts')], { encoding: 'utf8' })
  return { printed: `${stdout}${stderr}`.trim(), folder }
}

describe('TypeScript that runs without a build', () => {
  it('imports files by the names that they have in the build, and JSON', () => {
    const { printed } = run({
      'main.ts': `import { one } from './one.js'\nimport two = require('./two.js')\nimport three from './three.json'
        console.log(one, two, three.word)`,
      'one.ts': `export const one: string = 'one'`,
      'two.ts': `export = 'two'`,
      'three.json': `{ "word": "three" }`,
    })
    expect(printed).to.equal('one two three')
  })

  it('names a module that is missing as the code does', () => {
    expect(run({ 'main.ts': `import './no-such.js'` }).printed).to.include("Cannot find module './no-such.js'")
  })

  it('names the file and the line of what does not parse, in whichever folder', () => {
    const { printed, folder } = run({
      'main.ts': `try { require('./inner/index') } catch (error) { console.log(String(error)); throw error }`,
      'inner/index.ts': 'const one = 1\nconst two = = 2\n',
    })
    const found = printed.split('\n').filter((line) => line.endsWith('ERROR: Unexpected "="'))
    expect(new Set(found)).to.deep.equal(new Set([`${join(folder, 'inner/index.ts')}:2:12: ERROR: Unexpected "="`]))
  })

  it('compiles again what a crash of the machine has cut off', () => {
    const folder = temporaryFolder()
    const name = `${basename(folder)}.ts`
    const files = { 'main.ts': `import './${basename(name, '.ts')}'`, [name]: `console.log('whole')` }
    expect(run(files, folder).printed).to.equal('whole')
    const [kept = '', ...others] = readdirSync(CACHE).filter((each) => each.startsWith(`${name}-`))
    expect(others).to.deep.equal([])
    for (const length of [0, 10]) {
      truncateSync(join(CACHE, kept), length)
      expect(run(files, folder).printed).to.equal('whole')
      expect(readFileSync(join(CACHE, kept), 'utf8').length).to.be.greaterThan(10)
    }
  })
})
