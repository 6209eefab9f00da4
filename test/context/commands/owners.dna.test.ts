import { expect } from 'chai'
import { existsSync, readFileSync, readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { closeDatabase, database, openDatabase } from '../../../context/sql'
import App from '../../../context/models/app'
import User from '../../../context/models/user'
import { newCredentials } from '../../support/client'
import { ownersCommand, type CommandEnd } from '../../support/owners-command'
import { copyProject } from '../../support/project'
import { temporaryFolder } from '../../support/temporary-folder'

const NO_DATABASE = 'This is a text of more than a hundred bytes, which nobody could take for a database. '.repeat(5)
const MEMBERS = 'module.exports = { createOrUpdate() {}, findByCredentials() {}, findById() {} }'

describe('npm run owners, by its DNA', () => {
  let project: string

  before(() => {
    project = copyProject({
      'dna/_broken/plasma/database.json': { file: 'data/text.db' },
      'data/text.db': NO_DATABASE,
      'dna/_homeless/plasma/database.json': 'false',
      'dna/_members/plasma/sessions.json': { ownerModelPath: 'context/models/member' },
      'context/models/member.js': MEMBERS,
      'dna/_missing/plasma/sessions.json': { ownerModelPath: 'context/models/missing' },
      'dna/_off/plasma/sessions.json': 'false',
      'dna/_other/plasma/sessions.json': { remoteLoginEndpoint: '{$NO_SUCH_VARIABLE}' },
      'dna/_other/plasma/database.json': { file: '{$OTHER_FILE}' },
    })
  })

  const run = (mode: string, parameters: string[], input = '', env: NodeJS.ProcessEnv = {}): Promise<CommandEnd> =>
    ownersCommand(project, { CELL_MODE: mode, CELL_DATA: undefined, COOKIE_SECRET: undefined, ...env })(
      parameters,
      input,
    )

  async function inDatabase<T>(file: string, work: () => Promise<T>): Promise<T> {
    expect(existsSync(file), file).to.equal(true)
    await openDatabase(file)
    try {
      return await work()
    } finally {
      await closeDatabase()
    }
  }

  it('works on the data of the folder that it is run in', async () => {
    const credentials = newCredentials()
    expect((await run('', ['create', credentials.username], credentials.password)).code).to.equal(0)
    const found = await inDatabase(join(project, 'data/cell.db'), () => User.findByCredentials(credentials))
    expect(found).to.include({ username: credentials.username })
  })

  it('manages applications by their appnames where the mode keeps them', async () => {
    const { username: appname, password } = newCredentials()
    expect(await run('_apps', ['create', appname], password)).to.include({ code: 0, stdout: '' })
    const shown = JSON.parse((await run('_apps', ['show', appname])).stdout) as object
    expect(shown).to.include({ appname }).and.to.have.keys('id', 'appname', 'createdAt')
    const file = join(project, 'data/apps/cell.db')
    expect(await inDatabase(file, () => App.findByCredentials({ appname, password }))).to.include({ appname })
    expect(await run('_apps', ['show', 'nobody'])).to.include({
      code: 1,
      stderr: 'owners: There is no app "nobody".\n',
    })
    expect(await run('_apps', ['create', appname], password)).to.include({
      code: 1,
      stderr: 'owners: This appname is taken.\n',
    })
    await run('_apps', ['disable', appname])
    expect(await inDatabase(file, () => App.findByCredentials({ appname, password }))).to.equal(undefined)
  })

  it('needs no secret of the cell, in production', async () => {
    const { username, password } = newCredentials()
    const data = temporaryFolder()
    const made = await run('_production+_test', ['create', username], password, { CELL_DATA: data })
    expect(made).to.deep.equal({ code: 0, stdout: '', stderr: '' })
    expect(await inDatabase(join(data, 'cell.db'), () => User.findByCredentials({ username, password }))).to.include({
      username,
    })
    // Nor does it make one.
    expect(readdirSync(data).filter((name) => !/^(cell\.db|audit\.log)/.test(name))).to.be.empty
  })

  it('needs no variable but those of the database and the owner model', async () => {
    const file = join(temporaryFolder(), 'other.db')
    const { username, password } = newCredentials()
    expect(await run('_other', ['create', username], password, { OTHER_FILE: file })).to.include({
      code: 0,
      stdout: '',
    })
    const rows = await inDatabase(file, () => database().selectFrom('owners').select('own_name').execute())
    expect(rows).to.deep.equal([{ own_name: username }])
  })

  describe('refuses, with a line for each fault that says why:', () => {
    const refused: [what: string, mode: string, message: RegExp][] = [
      ['an unknown mode', '_nothing', /CELL_MODE: unknown mode "_nothing"/],
      ['an unset variable', '_test', /the environment variable CELL_DATA is not set/],
      ['a database that is none', '_broken', /data\/text\.db cannot be used: .*not a database/],
      ['no database', '_homeless', /dna\/plasma\/database: there is no database to work on/],
      [
        'an owner model that keeps its owners elsewhere',
        '_members',
        /ownerModelPath: context\/models\/member does not keep its owners in the cell's database/,
      ],
      ['an owner model that is not there', '_missing', /Cannot find module .*context\/models\/missing/],
      ['no owner model', '_off', /dna\/plasma\/sessions: ownerModelPath/],
    ]
    for (const [what, mode, message] of refused) {
      it(what, async () => {
        const before = readdirSync(join(project, 'data'))
        const { code, stdout, stderr } = await run(mode, ['create', 'ada'], 'unmistakable-secret\n')
        expect([code, stdout]).to.deep.equal([1, ''])
        expect(stderr)
          .to.match(/^(owners: .*\n)+$/)
          .and.to.match(message)
          .and.not.to.include('unmistakable-secret')
        expect(readdirSync(join(project, 'data'))).to.deep.equal(before)
        expect(readFileSync(join(project, 'data/text.db'), 'utf8')).to.equal(NO_DATABASE)
      })
    }
  })

  it('refuses a folder without DNA, and makes no database there', async () => {
    const empty = copyProject()
    renameSync(join(empty, 'dna'), join(empty, 'dna-elsewhere'))
    const { code, stdout, stderr } = await ownersCommand(empty)(['list'])
    expect([code, stdout]).to.deep.equal([1, ''])
    expect(stderr).to.equal(`owners: no DNA at ${join(empty, 'dna')}: start the cell in the folder that holds dna/\n`)
    expect(existsSync(join(empty, 'data'))).to.equal(false)
  })

  it('refuses DNA that cannot be read, and does not repeat what is in it', async () => {
    const unreadable = copyProject({ 'dna/plasma/sessions.json': '{ "name": unmistakable-secret }' })
    const { code, stderr } = await ownersCommand(unreadable)(['list'])
    expect(code).to.equal(1)
    expect(stderr)
      .to.match(/^owners: .*sessions\.json.*\n$/)
      .and.not.to.include('unmistakable')
  })
})
