import { expect } from 'chai'
import { execFile } from 'node:child_process'
import { cpSync, readFileSync, readdirSync, symlinkSync } from 'node:fs'
import { delimiter, dirname, join, posix } from 'node:path'
import { promisify } from 'node:util'
import { createCell } from '../../context/commands/new-cell'
import { CellProcess, NO_COVERAGE } from '../support/process'
import { ROOT, copyProject } from '../support/project'
import { temporaryFolder, writeFiles } from '../support/temporary-folder'

/** What is packed besides `exports` and what they lead to. */
const PACKED = [
  /^(CHANGELOG|README|SECURITY|TRUST)\.md$|^LICENSE$|^package\.json$/,
  /^dist\/(cell|(context|package|plasma|routes)\/[\w/-]+)\.(js|d\.ts)$/,
  /^dist\/context\/owners\/hash-thread\.cjs$/,
  /^dna\/[\w/-]+\.json$/,
  /^dist\/context\/pages\/(templates\/[\w-]+\.eta|texts\/\w+\.json|style\.css|mark\.svg)$/,
  /^docs\/[\w-]+\.(json|md|svg|yml)$/,
  /^schemas\/[\w/-]+\.json$/,
  /^examples\/cell\/(cell\.js|package\.json|README\.md|(dna|routes|test)\/[\w/.-]+)$/,
]

const OWN_NODE = dirname(process.execPath)
/** Folders of programs: that of the Node that runs this test, and those that `OTHER_NODES` lists as `PATH` does. */
const NODES = [OWN_NODE, ...(process.env['OTHER_NODES'] ?? '').split(delimiter).filter((each) => each !== '')]

const MODULE = `
import sessions from 'organic-sessions-cell/sessions'
import throttle from 'organic-sessions-cell/throttle'
import users from 'organic-sessions-cell/models/user'
import { Cell, expressAppOf, react, startCell, type RunningCell } from 'organic-sessions-cell/cell'
import type { Routes } from 'organic-sessions-cell/routes'
import { startTestCell } from 'organic-sessions-cell/testing'

export function organelle(plasma: Organic.Plasma, dna: Organic.Dna): void {
  plasma.on('SessionLogin', ({ ownerId, address }) => console.log(ownerId, address))
  plasma.on('Database', ({ data }) => data.clock.now())
  react(plasma, dna, (...chemicals) => expressAppOf(chemicals).get('/', (req, res) => res.json(req.session.id)))
}
export const routes: Routes = {
  'GET': (req, res, next) => next(res.response = req.user?.username.toUpperCase()),
  // @ts-expect-error -- no handler
  'PUT': 5,
}
export const running: Promise<RunningCell> = new Cell({ root: '.' }).start()
export const organelles: ((plasma: Organic.Plasma, dna: Organic.Dna) => unknown)[] = [sessions, throttle]
export const started: Promise<{ address: string | undefined }> = startCell({ root: '.' })
export { startTestCell, users }
`

/** The TypeScript that docs/package.md shows. */
const SHOWN = [...readFileSync(join(ROOT, 'docs/package.md'), 'utf8').matchAll(/^```ts\n([^]*?)^```/gm)].map(
  ([, code = '']) => code,
)

/** The TypeScript files that the other pages show, in a clone, as a cell of one's own has them. */
const SHOWN_FILES = Object.fromEntries(
  ['README.md', ...readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`)]
    .filter((name) => name.endsWith('.md'))
    .flatMap((page) => [
      ...readFileSync(join(ROOT, page), 'utf8').matchAll(/^`([^`\n]+\.ts)`:\n\n```ts\n([^]*?)^```/gm),
    ])
    .map(([, name = '', code = '']) => [name, importFromPackage(name, code)]),
)

const ORGANELLE = `
import sessions = require('organic-sessions-cell/sessions')

const ownerModel: sessions.OwnerModel<{ id: string }, Record<string, string>> = {
  createOrUpdate: () => undefined,
  findByCredentials: (credentials, callback) => callback(null, { id: credentials['username'] ?? '' }),
  findById: async () => ({ id: 'ada' }),
}
export function build(plasma: Organic.Plasma): void {
  sessions(plasma, { name: 'sessions', ownerModel })
  // @ts-expect-error -- no DNA
  sessions(plasma)
  plasma.on('SessionLogin', ({ ownerId }) => ownerId)
}
export type Api = sessions.Sessions<{ id: string }, { username: string }>
`

describe('the package', () => {
  const folder = temporaryFolder()
  const [newCell, organelleOnly] = [join(folder, 'my-cell'), join(folder, 'organelle-only')]
  let tarball: string

  before(async () => {
    const project = copyProject()
    for (const part of [
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'SECURITY.md',
      'TRUST.md',
      'docs',
      'examples',
      'package',
      'schemas',
    ])
      cpSync(join(ROOT, part), join(project, part), { recursive: true })
    await run('npm', ['pack', '--silent', '--pack-destination', folder], project)
    // Nothing but the build stays behind.
    expect(readdirSync(project).filter((name) => name.endsWith('.js'))).to.deep.equal([])
    tarball = join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '')

    createCell(newCell, tarball)
    cpSync(join(ROOT, 'examples/organelle-only'), organelleOnly, { recursive: true })
    const manifest = readFileSync(join(organelleOnly, 'package.json'), 'utf8')
    writeFiles(organelleOnly, { 'package.json': manifest.replace('"0.1.0"', JSON.stringify(`file:${tarball}`)) })
    const install = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts']
    await Promise.all([newCell, organelleOnly].map((cell) => run('npm', install, cell)))
  })

  it('has what runs, its types and its documentation, and nothing else', async () => {
    const listed = (await run('tar', ['tzf', tarball], folder)).trim().split('\n')
    const files = listed.map((file) => file.replace('package/', ''))
    const { exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      exports: Record<string, string | { types: string; default: string }>
    }
    const targets = Object.values(exports).flatMap((target) =>
      typeof target === 'string' ? target : Object.values(target),
    )
    expect(files).to.include.members(targets.map((target) => target.replace('./', '')))
    // For organic-nucleus, which knows nothing of exports.
    const plain = Object.keys(exports).map((name) => `${name.replace('./', '')}.js`)
    expect(
      files.filter((file) => !plain.includes(file) && !PACKED.some((pattern) => pattern.test(file))),
    ).to.deep.equal([])
  })

  it('is all that a new cell needs: its tests pass, it starts, and ends when it is told to', async () => {
    for (const node of NODES) await run('npm', ['test'], newCell, {}, node)
    const env = { CELL_MODE: '_test', CELL_DATA: 'data' }
    const cell = new CellProcess(newCell, env, [process.execPath, 'cell.js'])
    expect((await fetch(`${await cell.ready()}/about`)).status).to.equal(200)
    expect((await cell.end()).code).to.equal(0)
    expect(await run('node_modules/.bin/organic-sessions-cell', ['owners', 'list'], newCell, env)).to.equal('')
  })

  it('gives its sessions organelle to a plain cell, without the packages that only a whole cell needs', async () => {
    expect(readdirSync(join(organelleOnly, 'node_modules'))).to.not.include.members(['express', 'kysely', 'pg'])
    for (const node of NODES) await run('npm', ['test'], organelleOnly, {}, node)
  })

  it('carries an application in strict TypeScript; modules and what docs/package.md shows compile beside it', async () => {
    const notes = join(folder, 'notes')
    cpSync(join(ROOT, 'examples/notes'), notes, { recursive: true })
    symlinkSync(join(newCell, 'node_modules'), join(notes, 'node_modules'))
    // What it needs besides the package, to develop.
    for (const tool of ['tsx', '.bin/tsc'])
      symlinkSync(join(ROOT, 'node_modules', tool), join(notes, 'node_modules', tool))
    const shown = Object.fromEntries(SHOWN.map((code, index) => [`shown-${index}.cts`, code]))
    writeFiles(notes, { ...shown, 'module.mts': MODULE })
    for (const node of NODES) await run('npm', ['test'], notes, {}, node)
    // The commands load its TypeScript.
    const command = join(newCell, 'node_modules/.bin/organic-sessions-cell')
    expect(await run(command, ['dna', 'check'], notes)).to.match(/^ok: /)
    await run(command, ['owners', 'create', 'ada', '--generate'], notes, { CELL_MODE: '_test' })
    expect(await run(command, ['owners', 'list'], notes, { CELL_MODE: '_test' })).to.match(/"username":"ada"/)
  })

  it('has all that the documentation imports', async () => {
    const shown = join(folder, 'shown')
    const tsconfig = readFileSync(join(ROOT, 'examples/notes/tsconfig.json'), 'utf8')
    writeFiles(shown, { ...SHOWN_FILES, 'tsconfig.json': tsconfig })
    symlinkSync(join(newCell, 'node_modules'), join(shown, 'node_modules'))
    expect(Object.values(SHOWN_FILES).join('')).to.match(/databaseOf[^]*guarded[^]*pagesOf/)
    await run(process.execPath, [join(ROOT, 'node_modules/.bin/tsc')], shown)
  })

  it('gives its types to strict TypeScript that takes only the organelle', async () => {
    writeFiles(organelleOnly, { 'organelle.cts': ORGANELLE })
    const strict = [
      '--ignoreConfig',
      '--noEmit',
      '--strict',
      '--skipLibCheck',
      '--module',
      'node16',
      '--target',
      'es2022',
    ]
    const tsc = join(ROOT, 'node_modules/.bin/tsc')
    await run(process.execPath, [tsc, ...strict, '--types', '', 'organelle.cts'], organelleOnly)
  })

  it('may be loaded from an ES module by name', async () => {
    const script = `
      import sessions from 'organic-sessions-cell/sessions'
      import { Cell, Problem, runCell, startCell } from 'organic-sessions-cell/cell'
      import { startTestCell } from 'organic-sessions-cell/testing'
      console.log([sessions, Cell, Problem, runCell, startCell, startTestCell].every((each) => typeof each === 'function'))`
    expect(await run(process.execPath, ['--input-type=module', '--eval', script], newCell)).to.equal('true\n')
  })
})

/** Imports from the package what a file in a clone imports by path, as the table in docs/package.md says. */
function importFromPackage(file: string, code: string): string {
  const rows = readFileSync(join(ROOT, 'docs/package.md'), 'utf8').matchAll(/^\| (.*`\w+\/.*) \| `([^`]+)` \|$/gm)
  const names = new Map(
    [...rows].flatMap(([, paths = '', name = '']) =>
      [...paths.matchAll(/`([^`]+)`/g)].map(([, path = '']) => [path, name] as const),
    ),
  )
  return code.replace(/from '(\.[^']+)'/g, (all, path: string) => {
    const name = names.get(posix.join(posix.dirname(file), path))
    return name === undefined ? all : `from '${name}'`
  })
}

/** Runs a program, with the Node that runs this test unless it is told which. @returns what it prints. @throws {Error} with it if the program fails */
async function run(
  program: string,
  parameters: string[],
  cwd: string,
  env: Record<string, string> = {},
  node = OWN_NODE,
): Promise<string> {
  const PATH = [node, process.env['PATH']].join(delimiter)
  const options = { cwd, env: { ...process.env, PATH, ...env, ...NO_COVERAGE } }
  try {
    return (await promisify(execFile)(program, parameters, options)).stdout
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    throw new Error(`${program} ${parameters.join(' ')}: ${stdout}${stderr}`, { cause: error })
  }
}
