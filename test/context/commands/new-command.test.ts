import { expect } from 'chai'
import { existsSync, readFileSync, readdirSync, writeFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { runNew } from '../../../context/commands/new-command'
import { readOwnPackage } from '../../../context/cell/own-package'
import { startTestCell, type TestCell } from '../../support/cell'
import type { CommandEnd } from '../../support/owners-command'
import { ROOT } from '../../support/project'
import { temporaryFolder, writeFiles } from '../../support/temporary-folder'

const readJson = (file: string): Record<string, unknown> =>
  JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>

/** Runs `npm run new --` in this process. */
async function runHere(root: string, ...parameters: string[]): Promise<CommandEnd> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const code = await runNew(parameters, { stdin: stdin.end(), stdout, stderr }, root)
  return { code, stdout: await text(stdout.end()), stderr: await text(stderr.end()) }
}

describe('npm run new', () => {
  let root: string
  let cell: TestCell | undefined
  beforeEach(() => {
    root = temporaryFolder()
  })
  afterEach(() => cell?.stop())

  it('creates a cell that depends on this version, and greets whoever logs in', async () => {
    const { code, stdout } = await runHere(root, 'cells/my-cell')
    expect([code, stdout]).to.deep.equal([0, 'cd cells/my-cell && npm install && npm test && npm start\n'])
    const folder = join(root, 'cells/my-cell')
    expect(readJson(join(folder, 'package.json'))).to.deep.include({
      name: 'my-cell',
      dependencies: { 'organic-sessions-cell': readOwnPackage().version },
    })
    expect(readFileSync(join(folder, '.gitignore'), 'utf8').split('\n')).to.include.members(['node_modules/', 'data/'])

    cell = await startTestCell({}, folder)
    const client = cell.client()
    expect(await client.get('/about')).to.include({ status: 200 })
    expect(await client.get('/api/greeting')).to.include({ status: 401 })
    const { username } = await client.registerAndLogIn()
    expect((await client.get('/api/greeting')).body).to.deep.equal({ hello: username })
    expect((await client.get('/')).text).to.include(username)
  })

  it('depends on a tarball if it is given one', async () => {
    writeFiles(root, { 'packed.tgz': '' })
    expect(await runHere(root, 'my-cell', '--package', 'packed.tgz')).to.include({ code: 0 })
    const { dependencies } = readJson(join(root, 'my-cell/package.json'))
    expect(dependencies).to.deep.equal({ 'organic-sessions-cell': 'file:../packed.tgz' })
  })

  it('copies all that git has of the example, and nothing that running it may have left there', async () => {
    expect(await runHere(root, 'my-cell')).to.include({ code: 0 })
    const leftovers = ['node_modules', 'package-lock.json', 'data']
    const parts = readdirSync(join(ROOT, 'examples/cell')).filter((part) => !leftovers.includes(part))
    expect(readdirSync(join(root, 'my-cell'))).to.have.members(['.gitignore', ...parts])
  })

  const refused: [parameters: string[], fault: RegExp][] = [
    [['taken'], /taken is not empty$/],
    [['file'], /file is a file$/],
    [['My-Cell'], /"My-Cell" cannot be the name of a package/],
    [['.hidden'], /".hidden" cannot be/],
    [['a b'], /"a b" cannot be/],
    [['http'], /"http" cannot be/],
    [['node_modules'], /"node_modules" cannot be/],
    [['organic-sessions-cell'], /"organic-sessions-cell" cannot be/],
    [['my-cell', '--package', 'nowhere.tgz'], /there is no package .*nowhere\.tgz$/],
    [[], /missing required argument 'folder'/],
    [['my-cell', 'another'], /too many arguments/],
  ]
  it('writes nothing to a folder that is not empty, or has a name that npm refuses', async () => {
    mkdirSync(join(root, 'taken'))
    writeFileSync(join(root, 'taken/notes.txt'), '')
    writeFileSync(join(root, 'file'), '')
    for (const [parameters, fault] of refused) {
      const { code, stdout, stderr } = await runHere(root, ...parameters)
      expect([code, stdout], parameters.join(' ')).to.deep.equal([1, ''])
      expect(stderr.split('\n')[0]).to.match(fault)
    }
    expect(readdirSync(root).sort()).to.deep.equal(['file', 'taken'])
    expect(readdirSync(join(root, 'taken'))).to.deep.equal(['notes.txt'])
  })

  it('copies the DNA of this cell, whose code it names by what the package exports', () => {
    const exported = new Map([...readOwnPackage().code].map(([name, path]) => [path, `organic-sessions-cell/${name}`]))
    const files = (readdirSync(join(ROOT, 'dna'), { recursive: true }) as string[]).filter(
      (name) => name.endsWith('.json') && !/_(apps|users|trusting)\b|trust-points/.test(name),
    )
    for (const name of files) {
      const own = readJson(join(ROOT, 'dna', name))
      for (const [key, value] of Object.entries(own))
        if (exported.has(String(value))) own[key] = exported.get(String(value))
      const laid = join(ROOT, 'examples/cell/dna', name)
      expect(existsSync(laid) && readJson(laid), `examples/cell/dna/${name}: as dna/${name}`).to.deep.equal(own)
    }
  })
})
