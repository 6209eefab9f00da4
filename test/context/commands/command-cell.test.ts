import { expect } from 'chai'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Database } from '../../../context/sql'
import { cellFolder } from '../../support/cell'
import { newCredentials } from '../../support/client'
import { ownersCommand, ownersHere, type CommandEnd } from '../../support/owners-command'
import { START } from '../../support/process'
import { ROOT } from '../../support/project'
import { temporaryFolder } from '../../support/temporary-folder'

const NO_DATABASE = 'This is a string of more than a hundred bytes, which nobody could take for a database. '.repeat(5)
const MAIN = [...START, join(ROOT, 'context/commands/main.ts')]
const SECRET = 'unmistakable-secret'

/** Without the journals of databases: on Node 20, they stay until the garbage is collected. */
const filesIn = (folder: string): string[] => readdirSync(folder).filter((name) => !/-(wal|shm)$/.test(name))

describe('npm run owners, by the DNA of its cell', () => {
  const root = cellFolder({
    'dna/_broken/plasma/database.json': { file: 'data/text.db' },
    'data/text.db': NO_DATABASE,
    'dna/_homeless/plasma/database.json': 'false',
    'dna/_members/plasma/sessions.json': { ownerModelPath: 'context/models/member' },
    'context/models/member.js': 'module.exports = { createOrUpdate() {}, findByCredentials() {}, findById() {} }',
    'dna/_missing/plasma/sessions.json': { ownerModelPath: 'context/models/missing' },
    'dna/_misspelt/plasma/sessions.json': { ownerModelPth: 'context/models/app' },
    'dna/_off/plasma/sessions.json': 'false',
    'dna/_lost/plasma/express-sessions.json': { store: 'redis', reactOn: ['ExpressServer', 'Redis'] },
    'dna/_misnamed/plasma/express-sessions.json': { store: 'reddis' },
    'dna/_mistaken/plasma/express-sessions.json': { store: 'redis', reactOn: ['ExpressServer', 'Redis'] },
    'dna/_mistaken/plasma/redis.json': { source: 'plasma/redis', url: `http://:${SECRET}@127.0.0.1` },
    'dna/_other/plasma/sessions.json': { remoteLoginEndpoint: '{$NO_SUCH_VARIABLE}' },
    'dna/_other/plasma/database.json': { file: '{$OTHER_FILE}' },
    'dna/_silent/plasma/audit.json': 'false',
    'dna/_storeless/plasma/express-sessions.json': 'false',
    'dna/_stranger/plasma/express-sessions.json': { source: 'organelles/stranger' },
    'organelles/stranger.js': 'module.exports = () => { throw new Error("a command has built a stranger") }',
    'dna/_variable/plasma/express-sessions.json': { store: '{$STORE:-redis}', reactOn: ['ExpressServer', 'Redis'] },
    'dna/_variable/plasma/redis.json': { source: 'plasma/redis', emitReady: 'Redis', url: '{$NO_SUCH_URL}' },
    'dna/_variables/plasma/express-sessions.json': {
      idleSeconds: '{$IDLE:-1800}',
      cookie: { secure: '{$SECURE:-false}' },
    },
    'dna/_timeless/plasma/express-sessions.json': { idleSeconds: 'half an hour' },
  })

  const run = (mode: string, parameters: string[], input = '', env = {}): Promise<CommandEnd> =>
    ownersHere({ CELL_MODE: mode, CELL_DATA: undefined, COOKIE_SECRET: undefined, ...env }, { root })(parameters, input)

  async function namesIn(file: string): Promise<string[]> {
    expect(existsSync(file), file).to.equal(true)
    const database = await Database.open(file)
    const rows = await database.query.selectFrom('owners').select(['kind', 'own_name']).orderBy('created_at').execute()
    await database.close()
    return rows.map(({ kind, own_name }) => `${kind} ${own_name}`)
  }

  it('works on the data of the folder that it is run in, in a process of its own', async () => {
    const { username } = newCredentials()
    const { code, stdout, stderr } = await ownersCommand(root, {}, MAIN)(['create', '--generate', username])
    expect(code).to.equal(0)
    expect(stdout).to.match(/^[\w-]{24}\n$/)
    // The audit log would go to the cell's output: a command's own output is for programs.
    expect(JSON.parse(stderr)).to.include({ event: 'OwnerRegistered', reason: 'BY_OPERATOR' })
    expect(stderr).not.to.include(stdout.trim())
    expect(await namesIn(join(root, 'data/cell.db'))).to.deep.equal([`user ${username}`])
    expect(existsSync(join(root, 'data/cookie-secret'))).to.equal(false)
  })

  it('manages applications by their appname where the mode keeps them', async () => {
    const { username: appname, password } = newCredentials()
    expect(await run('_apps+_silent', ['create', appname], password)).to.include({ code: 0 })
    const { stdout } = await run('_apps+_silent', ['show', appname])
    expect(JSON.parse(stdout)).to.include({ appname }).and.to.have.keys('id', 'appname', 'createdAt')
    const unknown = await run('_apps+_silent', ['show', 'nobody'])
    expect(unknown).to.deep.equal({ code: 1, stdout: '', stderr: 'owners: There is no app "nobody".\n' })
    expect(await namesIn(join(root, 'data/apps/cell.db'))).to.deep.equal([`app ${appname}`])
  })

  it('needs no cookie secret in production, and creates none', async () => {
    const [{ username, password }, data] = [newCredentials(), temporaryFolder()]
    const created = await run('_production+_test', ['create', username], password, { CELL_DATA: data })
    expect(created).to.deep.equal({ code: 0, stdout: '', stderr: '' })
    expect(filesIn(data)).to.deep.equal(['audit.log', 'cell.db'])
    const ended = await run('_production+_test', ['end-all-sessions', '--yes'], '', { CELL_DATA: data })
    expect(ended).to.include({ code: 0, stderr: '' })
  })

  it('takes numbers and booleans from variables, as the cell does', async () => {
    expect(await run('_variables', ['end-all-sessions', '--yes'])).to.include({ code: 0, stderr: '' })
  })

  it('needs no variable of organelles that it does not use', async () => {
    const [{ username, password }, file] = [newCredentials(), join(temporaryFolder(), 'other.db')]
    expect(await run('_other+_silent', ['create', username], password, { OTHER_FILE: file })).to.include({ code: 0 })
    expect(await namesIn(file)).to.deep.equal([`user ${username}`])
  })

  it('ends sessions by security stamps alone where the cell has another session store, or none', async () => {
    for (const mode of ['_storeless', '_stranger']) {
      const { code, stderr } = await run(`${mode}+_silent`, ['end-all-sessions', '--yes'])
      expect([code, stderr], mode).to.deep.equal([0, ''])
    }
  })

  const refused: [what: string, mode: string, message: RegExp][] = [
    ['an unset variable', '_test', /the environment variable CELL_DATA is not set/],
    [
      'a file that is not a database',
      '_broken',
      /_broken\/plasma\/database\.json: file: .*text\.db cannot be used: .*not a/,
    ],
    ['no database', '_homeless', /dna\/plasma\/database: there is no database to work on/],
    ['a model that keeps its owners elsewhere', '_members', /member does not keep its owners in the cell's database/],
    ['a model that is not there', '_missing', /Cannot find module .*context\/models\/missing/],
    [
      'a misspelt key of the sessions organelle',
      '_misspelt',
      /ownerModelPth: unknown key, did you mean "ownerModelPath"/,
    ],
    ['no owner model', '_off', /dna\/plasma\/sessions: ownerModelPath/],
    ['an unknown session store', '_misnamed', /_misnamed\/.*: store: expected "sql" or "redis"/],
    ['a session store in a Redis that is off', '_lost', /dna\/plasma\/redis: is off, but .*express-sessions/],
    [
      'an unset URL of a Redis that a variable chose',
      '_variable',
      /url: the environment variable NO_SUCH_URL is not set/,
    ],
    ['the URL of a Redis that is none', '_mistaken', /_mistaken\/plasma\/redis\.json: url: expected a URL/],
    ['a session store that cannot be built', '_timeless', /_timeless\/.*idleSeconds: expected whole seconds/],
  ]
  for (const [what, mode, message] of refused) {
    it(`refuses ${what}, with a line for each fault, and creates nothing`, async () => {
      const before = filesIn(join(root, 'data'))
      const { code, stdout, stderr } = await run(mode, ['create', 'ada'], SECRET)
      expect([code, stdout]).to.deep.equal([1, ''])
      expect(stderr)
        .to.match(/^(owners: .*\n)+$/)
        .and.to.match(message)
        .and.not.to.include(SECRET)
      expect(filesIn(join(root, 'data'))).to.deep.equal(before)
      expect(readFileSync(join(root, 'data/text.db'), 'utf8')).to.equal(NO_DATABASE)
    })
  }

  it('refuses a folder without DNA', async () => {
    const empty = temporaryFolder()
    expect(await ownersHere({ CELL_MODE: '' }, { root: empty })(['list'])).to.deep.equal({
      code: 1,
      stdout: '',
      stderr: `owners: no DNA at ${join(empty, 'dna')}: start the cell in the folder that holds dna/\n`,
    })
    expect(readdirSync(empty)).to.deep.equal([])
  })
})
