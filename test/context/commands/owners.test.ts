import { expect } from 'chai'
import { Client, newCredentials, type Answer } from '../../support/client'
import { ownersCommand, ownersHere, type OwnersCommand } from '../../support/owners-command'
import { CellProcess } from '../../support/process'
import { ROOT } from '../../support/project'
import { countRowsOf } from '../../support/row-counts'
import { temporaryFolder } from '../../support/temporary-folder'

const SILENT_SUCCESS = { code: 0, stdout: '', stderr: '' }

describe('npm run owners, while the cell runs', () => {
  const data = temporaryFolder()
  const env = { CELL_MODE: '_test', CELL_DATA: data }
  const owners: OwnersCommand = ownersHere(env)
  let cell: CellProcess
  let address: string

  before(async () => {
    cell = new CellProcess(ROOT, env)
    address = await cell.ready()
  })
  after(async () => {
    expect(await cell.end()).to.include({ code: 0, stderr: '' })
  })

  async function loggedIn(): Promise<{ client: Client; username: string; password: string }> {
    const client = new Client(address)
    return { client, ...(await client.registerAndLogIn()) }
  }
  const statusOfLogin = async (credentials: { username: string; password: string }): Promise<number> => {
    const { username, password } = credentials
    return (await new Client(address).post('/api/login', { username, password })).status
  }
  const isIn = async (client: Client): Promise<boolean> => (await client.get('/api/me')).status === 200
  /** What tells two answers apart, but for the time. */
  const asSent = ({ status, headers, text }: Answer): unknown[] => [
    status,
    text,
    [...headers].filter(([name]) => name !== 'date'),
  ]

  it('makes an owner with the password from the standard input, who logs in at once', async () => {
    const { username, password } = newCredentials()
    expect(await owners(['create', username], `${password}\n`)).to.deep.equal(SILENT_SUCCESS)
    expect(await statusOfLogin({ username, password })).to.equal(200)
  })

  it('does so through npm, as documented', async () => {
    const { username, password } = newCredentials()
    const npm = ownersCommand(ROOT, env, ['npm', 'run', '--silent', 'owners', '--'])
    expect(await npm(['create', username], password)).to.deep.equal(SILENT_SUCCESS)
    expect(await statusOfLogin({ username, password })).to.equal(200)
  })

  it('makes passwords that are hard to guess, prints each once, and they log in', async () => {
    const { username } = newCredentials()
    const made = await owners(['create', username, '--generate'])
    expect(made).to.include({ code: 0, stderr: '' })
    expect(made.stdout).to.match(/^[\w-]{22,}\n$/)
    const password = made.stdout.trim()
    expect(await statusOfLogin({ username, password })).to.equal(200)

    const reset = await owners(['reset-password', username, '--generate'])
    expect(reset.stdout)
      .to.match(/^[\w-]{22,}\n$/)
      .and.not.to.equal(made.stdout)
    expect(await statusOfLogin({ username, password })).to.equal(401)
    expect(await statusOfLogin({ username, password: reset.stdout.trim() })).to.equal(200)
  })

  it('shows owners as a line of JSON each, by their names, and never a hash or a stamp', async () => {
    const [first, second] = [newCredentials(), newCredentials()].sort((a, b) => (a.username < b.username ? -1 : 1))
    const profile = { name: 'Ada Lovelace', email: 'ada@example.org' }
    for (const own of [{ ...second }, { ...first, ...profile }]) await new Client(address).post('/api/register', own)
    const listed = await owners(['list'])
    expect(listed).to.include({ code: 0, stderr: '' })
    expect(listed.stdout).not.to.match(/argon2|hash|password|stamp/i)
    const lines = listed.stdout.trimEnd().split('\n')
    const own = lines.filter((line) => [first, second].some((known) => known && line.includes(known.username)))
    const [ada, other] = own.map((line) => JSON.parse(line) as Record<string, string>)
    expect(ada)
      .to.include({ username: first?.username, ...profile })
      .and.to.have.keys('id', 'username', 'name', 'email', 'createdAt')
    expect(other).to.include({ username: second?.username }).and.to.have.keys('id', 'username', 'createdAt')
    expect(new Date(ada?.['createdAt'] ?? '').toISOString()).to.equal(ada?.['createdAt'])
    expect(lines.length).to.equal((await countRowsOf(data)).users)

    const shown = await owners(['show', String(first?.username).toUpperCase()])
    expect(shown).to.deep.equal({ code: 0, stdout: `${own[0] ?? ''}\n`, stderr: '' })
  })

  it('logs a disabled owner out at his next request, and lets him in no more than with a wrong password (OWASP ASVS 7.4.2, 6.3.8)', async () => {
    const { client, username, password } = await loggedIn()
    const other = await loggedIn()
    const login = (credentials: object): Promise<Answer> => new Client(address).post('/api/login', credentials)
    const wrong = asSent(await login({ username, password: 'wrong horse battery' }))
    const unknown = asSent(await login({ username: `no-${username}`, password }))
    expect(await owners(['disable', username])).to.deep.equal(SILENT_SUCCESS)
    expect(await isIn(client)).to.equal(false)
    expect(wrong[0]).to.equal(401)
    expect(asSent(await login({ username, password })))
      .to.deep.equal(wrong)
      .and.to.deep.equal(unknown)
    expect(await isIn(other.client)).to.equal(true)
    expect(JSON.parse((await owners(['show', username])).stdout))
      .to.have.property('disabledAt')
      .that.is.a('string')
  })

  it('lets him log in again when he is enabled, and his sessions from before stay over', async () => {
    const { client, username, password } = await loggedIn()
    await owners(['disable', username])
    expect(await owners(['enable', username])).to.deep.equal(SILENT_SUCCESS)
    expect(await isIn(client)).to.equal(false)
    expect(await statusOfLogin({ username, password })).to.equal(200)
    expect(JSON.parse((await owners(['show', username])).stdout)).not.to.have.property('disabledAt')
  })

  it('deletes an owner with his sessions, and his name is free (OWASP ASVS 7.4.2)', async () => {
    const { client, username, password } = await loggedIn()
    const before = await countRowsOf(data)
    expect(await owners(['delete', username])).to.deep.equal(SILENT_SUCCESS)
    expect(await countRowsOf(data)).to.deep.equal({ users: before.users - 1, sessions: before.sessions - 1 })
    expect(await isIn(client)).to.equal(false)
    expect(await statusOfLogin({ username, password })).to.equal(401)
    expect((await client.post('/api/register', { username, password: 'another password' })).status).to.equal(201)
    expect(await statusOfLogin({ username, password })).to.equal(401)
    expect(await isIn(client)).to.equal(false)
  })

  it('gives an owner another password, and ends his sessions (OWASP ASVS 7.4.3)', async () => {
    const { client, username, password } = await loggedIn()
    expect(await owners(['reset-password', username], 'another password\n')).to.deep.equal(SILENT_SUCCESS)
    expect(await isIn(client)).to.equal(false)
    expect(await statusOfLogin({ username, password })).to.equal(401)
    expect(await statusOfLogin({ username, password: 'another password' })).to.equal(200)
  })

  it("ends one owner's sessions, wherever they are, and nobody else's (OWASP ASVS 7.4.5)", async () => {
    const [{ client, username, password }, other] = [await loggedIn(), await loggedIn()]
    const second = new Client(address)
    await second.post('/api/login', { username, password })
    expect(await owners(['end-sessions', username])).to.deep.equal(SILENT_SUCCESS)
    expect([await isIn(client), await isIn(second), await isIn(other.client)]).to.deep.equal([false, false, true])
    expect(await statusOfLogin({ username, password })).to.equal(200)
  })

  it("ends everybody's sessions, and everybody may log in again (OWASP ASVS 7.4.5)", async () => {
    const [first, second] = [await loggedIn(), await loggedIn()]
    const { sessions } = await countRowsOf(data)
    const said = { code: 0, stdout: '', stderr: `This ends all ${sessions} sessions of all owners.\n` }
    expect(await owners(['end-all-sessions', '--yes'])).to.deep.equal(said)
    expect((await countRowsOf(data)).sessions).to.equal(0)
    expect([await isIn(first.client), await isIn(second.client)]).to.deep.equal([false, false])
    expect([await statusOfLogin(first), await statusOfLogin(second)]).to.deep.equal([200, 200])
  })

  it('works several times at once, and the cell goes on meanwhile', async () => {
    const { client } = await loggedIn()
    const all = [newCredentials(), newCredentials(), newCredentials()]
    const another = ownersCommand(ROOT, env)
    const commands = Promise.all(all.map((own) => another(['create', own.username], own.password)))
    let isDone = false
    void commands.finally(() => (isDone = true))
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- it changes meanwhile
    while (!isDone) expect(await isIn(client)).to.equal(true)
    expect(await commands).to.deep.equal(all.map(() => SILENT_SUCCESS))
    for (const own of all) expect(await statusOfLogin(own)).to.equal(200)
  })
})
