import { expect } from 'chai'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startTestCell, type TestCell } from '../../support/cell'
import { newCredentials, type Client } from '../../support/client'
import { ownersCommand, ownersHere } from '../../support/owners-command'
import { ROOT } from '../../support/project'
import { tableRows } from '../../support/table-rows'
import { temporaryFolder } from '../../support/temporary-folder'

const SILENT_SUCCESS = { code: 0, stdout: '', stderr: '' }
/** A password that no message has by chance. */
const SECRET = 'unmistakable-secret'

describe('npm run owners, while the cell runs', () => {
  const data = temporaryFolder()
  const env = { CELL_MODE: '_test', CELL_DATA: data }
  const owners = ownersHere(env)
  let cell: TestCell

  before(async () => {
    cell = await startTestCell({ data: { folder: data }, plasma: { throttle: false } })
  })
  after(() => cell.stop())

  const newLogin = async (): Promise<{ client: Client; username: string; password: string }> => {
    const client = cell.client()
    return { client, ...(await client.registerAndLogIn()) }
  }
  const statusOfLogin = async (username: string, password: string): Promise<number> =>
    (await cell.client().post('/api/login', { username, password })).status
  const isLoggedIn = async (client: Client): Promise<boolean> => (await client.get('/api/me')).status === 200
  const show = async (name: string): Promise<Record<string, string>> =>
    JSON.parse((await owners(['show', name])).stdout) as Record<string, string>
  const countSessions = async (): Promise<number> =>
    (await cell.database.query.selectFrom('sessions').select('id_hash').execute()).length

  it('creates an owner with the password from standard input, through npm as documented', async () => {
    const { username, password } = newCredentials()
    const npm = ownersCommand(ROOT, env, ['npm', 'run', '--silent', 'owners', '--'])
    expect(await npm(['create', username], `${password}\n`)).to.deep.equal(SILENT_SUCCESS)
    expect(await statusOfLogin(username, password)).to.equal(200)
  })

  it('generates passwords that are hard to guess, prints each once, and they log in', async () => {
    const { username } = newCredentials()
    const passwords = []
    for (const command of ['create', 'reset-password']) {
      const { code, stdout, stderr } = await owners([command, username, '--generate'])
      expect([code, stderr]).to.deep.equal([0, ''])
      expect(stdout).to.match(/^[\w-]{24}\n$/)
      passwords.push(stdout.trim())
    }
    const [first = '', second = ''] = passwords
    expect([await statusOfLogin(username, first), await statusOfLogin(username, second)]).to.deep.equal([401, 200])
  })

  it('prints owners as a line of JSON each, by name, and never a hash or a stamp', async () => {
    const names = [newCredentials().username, newCredentials().username].sort()
    const profile = { name: 'Ada Lovelace', email: 'ada@example.org' }
    for (const username of names.toReversed())
      await cell.client().post('/api/register', { ...newCredentials(), username, ...profile })
    const { stdout } = await owners(['list'])
    expect(stdout).not.to.match(/argon2|hash|password|stamp/i)
    const lines = stdout.trimEnd().split('\n')
    expect(lines.length).to.equal((await cell.database.query.selectFrom('owners').select('id').execute()).length)
    const own = lines.filter((line) => names.some((name) => line.includes(name)))
    const listed = own.map((line) => JSON.parse(line) as Record<string, string>)
    for (const [index, owner] of listed.entries()) {
      expect(owner).to.include({ username: names[index], ...profile })
      expect(owner).to.have.keys('id', 'username', 'name', 'email', 'createdAt')
      expect(new Date(owner['createdAt'] ?? '').toISOString()).to.equal(owner['createdAt'])
    }
    for (const parameters of [
      ['show', String(names[0]).toUpperCase()],
      ['--id', 'show', String(listed[0]?.['id'])],
    ])
      expect(await owners(parameters)).to.deep.equal({ ...SILENT_SUCCESS, stdout: `${String(own[0])}\n` })
  })

  it('logs a disabled owner out until they are enabled and log in again (OWASP ASVS 7.4.2)', async () => {
    const [{ client, username, password }, other] = [await newLogin(), await newLogin()]
    const before = await countSessions()
    expect(await owners(['disable', username])).to.deep.equal(SILENT_SUCCESS)
    expect([await isLoggedIn(client), await isLoggedIn(other.client)]).to.deep.equal([false, true])
    expect(await countSessions()).to.equal(before - 1)
    expect((await show(username))['disabledAt']).to.be.a('string')
    expect(await statusOfLogin(username, password)).to.equal(401)
    expect(await owners(['enable', username])).to.deep.equal(SILENT_SUCCESS)
    expect(await isLoggedIn(client)).to.equal(false)
    expect(await statusOfLogin(username, password)).to.equal(200)
    expect(await show(username)).not.to.have.property('disabledAt')
  })

  it("ends an owner's sessions by a new password, end-sessions or delete (OWASP ASVS 7.4.2, 7.4.3, 7.4.5)", async () => {
    const other = await newLogin()
    for (const [command, status] of [
      ['reset-password', 401],
      ['end-sessions', 200],
      ['delete', 401],
    ] as const) {
      const { client, username, password } = await newLogin()
      const before = await countSessions()
      expect(await owners([command, username], 'another password')).to.deep.equal(SILENT_SUCCESS)
      expect([await isLoggedIn(client), await countSessions()], command).to.deep.equal([false, before - 1])
      expect(await statusOfLogin(username, password), command).to.equal(status)
    }
    expect(await isLoggedIn(other.client)).to.equal(true)
  })

  it('ends all sessions, and everybody can log in again (OWASP ASVS 7.4.5)', async () => {
    const { client, username, password } = await newLogin()
    expect(await owners(['end-all-sessions', '--yes'])).to.deep.equal(SILENT_SUCCESS)
    expect([await countSessions(), await isLoggedIn(client)]).to.deep.equal([0, false])
    expect(await statusOfLogin(username, password)).to.equal(200)
  })

  it('asks before it ends all sessions, and only yes is yes', async () => {
    await newLogin()
    const count = await countSessions()
    const said = `This ends all ${count} sessions of all owners.\n`
    const stderr = `${said}owners: there is no terminal to ask on: pass --yes\n`
    expect(await owners(['end-all-sessions'], 'yes\n')).to.deep.equal({ code: 1, stdout: '', stderr })
    const typed = ownersHere(env, { isTTY: true })
    for (const answer of ['\n', 'y\n', 'no\n', 'yes please\n', '']) {
      const refused = await typed(['end-all-sessions'], answer)
      expect([refused.code, await countSessions()], answer).to.deep.equal([1, count])
      expect(refused.stderr).to.match(/^This .*\nEnd them\? Type yes: \n?owners: no session was ended\n$/)
    }
    expect(await typed(['end-all-sessions'], 'yes\n')).to.include({ code: 0, stdout: '' })
    expect(await countSessions()).to.equal(0)
  })

  it('writes to the audit log of the cell, with whom it was done to (OWASP ASVS 16.3.1)', async () => {
    const log = join(data, 'audit.log')
    const before = readFileSync(log, 'utf8').length
    const { username, password } = newCredentials()
    await owners(['create', username], password)
    const { id = '' } = await show(username)
    await owners(['disable', username])
    await owners(['--id', 'enable', id])
    await owners(['reset-password', username], SECRET)
    await owners(['end-sessions', username])
    await owners(['end-all-sessions', '--yes'])
    await owners(['delete', username])
    await owners(['delete', username])
    const written = readFileSync(log, 'utf8').slice(before)
    const lines = written.trim().split('\n')
    const told = lines.map((line) => JSON.parse(line) as Record<string, string>)
    expect(told.map(({ event, ownerId }) => [event, ownerId])).to.deep.equal([
      ['OwnerRegistered', id],
      ['OwnerDisabled', id],
      ['OwnerEnabled', id],
      ['PasswordReset', id],
      ['SessionsEnded', id],
      ['SessionsEnded', undefined],
      ['OwnerDeleted', id],
    ])
    for (const line of told) expect(line).to.include({ outcome: 'success', reason: 'BY_OPERATOR' })
    for (const secret of [username, password, SECRET]) expect(written).not.to.include(secret)
  })

  describe('refuses, with a line that says why, and changes nothing:', () => {
    const short = 'owners: password must have at least 8 characters.'
    const noName = "error: missing required argument 'name'"
    const refused: [parameters: string[], message: string, input?: string][] = [
      [['show', 'nobody'], 'owners: There is no user "nobody".'],
      [['create', 'ada'], 'owners: This username is taken.', SECRET],
      [['create', 'eve\nowners: done'], 'owners: username must not have control characters.', SECRET],
      [['create', 'new'], short, `\n${SECRET}\n`],
      [['reset-password', 'ada'], short],
      // Other users of the machine could see a password among the arguments.
      [['create', 'new', SECRET], "error: too many arguments for 'create'. Expected 1 argument but got 2."],
      [['create', 'new', '--password', SECRET], "error: unknown option '--password'", SECRET],
      [['remove', 'ada'], "error: unknown command 'remove'"],
      // What a variable may hold in the place of a name.
      [['end-sessions'], noName],
      [['end-sessions', '--all'], "error: unknown option '--all'"],
      [['end-sessions', '--', '--all'], 'owners: There is no user "--all".'],
      [['delete', '--id'], noName],
      [['--id', 'delete', 'ada'], 'owners: There is no user "ada".'],
    ]
    before(async () => {
      await owners(['create', 'ada'], SECRET)
    })

    for (const [parameters, message, input] of refused) {
      it(parameters.join(' '), async () => {
        const before = await tableRows(cell)
        const { code, stdout, stderr } = await owners(parameters, input)
        expect([code, stdout, stderr.split('\n')[0]]).to.deep.equal([1, '', message])
        expect(stderr).to.match(message.startsWith('error:') ? /\nUsage: owners [^]*\n$/ : /^owners: .*\n$/)
        expect(stderr).not.to.include(SECRET)
        expect(await tableRows(cell)).to.deep.equal(before)
      })
    }

    it('no command at all, with the usage', async () => {
      const { code, stderr } = await owners([])
      expect(code).to.equal(1)
      expect(stderr)
        .to.match(/^Usage: owners /)
        .and.to.match(/^ {2}end-all-sessions \[options\] /m)
    })
  })
})
