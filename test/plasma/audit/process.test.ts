import { expect } from 'chai'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseLines } from '../../support/audit-log'
import { Client, newCredentials } from '../../support/client'
import { CellProcess } from '../../support/process'
import { copyProject } from '../../support/project'
import { temporaryFolder } from '../../support/temporary-folder'

const OTHER_SITE = { origin: 'http://evil.example', 'user-agent': 'x'.repeat(256) }

describe('the audit log of a process', () => {
  const project = copyProject({ 'dna/_out/plasma/audit.json': { destination: 'stdout', linesPerAddress: 100_000 } })

  /** Starts a cell whose log goes to a file in a folder of its own, or elsewhere in another mode. */
  async function start(mode = '_test'): Promise<{ cell: CellProcess; client: () => Client; file: string }> {
    const data = temporaryFolder()
    const cell = new CellProcess(project, { CELL_MODE: mode, CELL_DATA: data })
    const address = await cell.ready()
    return { cell, client: () => new Client(address), file: join(data, 'audit.log') }
  }

  it('has whatever was answered, though the process is killed at once (OWASP ASVS 16.3.1)', async () => {
    const { cell, client, file } = await start()
    const events = (): string[] => parseLines(readFileSync(file, 'utf8')).map(({ event }) => event)
    const ada = client()
    const credentials = newCredentials()
    const expected: string[] = []
    for (const [event, work] of [
      ['OwnerRegistered', () => ada.post('/api/register', credentials)],
      ['SessionLogin', () => ada.post('/api/login', credentials)],
      ['PasswordChangeFailed', () => ada.post('/api/password', { currentPassword: 'x', newPassword: 'x' })],
      ['SessionLogout', () => ada.post('/api/logout')],
      ['RequestRefused', () => ada.post('/api/login', credentials, OTHER_SITE)],
      ['SessionLoginFailed', () => client().post('/api/login', newCredentials())],
    ] as const) {
      await work()
      expected.push(event)
      expect(events()).to.deep.equal(expected)
    }
    await ada.post('/api/login', credentials)
    cell.child.kill('SIGKILL')
    expect(await cell.ended).to.include({ signal: 'SIGKILL', stderr: '' })
    expect(events()).to.deep.equal([...expected, 'SessionLogin'])
  })

  it('is on the standard output, a line each, and nothing of it elsewhere (OWASP ASVS 16.3.1)', async () => {
    const { cell, client } = await start('_test+_out')
    const ada = client()
    const credentials = newCredentials()
    await ada.registerAndLogIn(credentials)
    await client().post('/api/login', { ...credentials, password: 'a wrong guess' })
    await ada.post('/api/logout')
    const { stdout, stderr } = await cell.end('SIGKILL')
    const [ready, ...lines] = stdout.split('\n')
    expect(ready).to.match(/^cell: ready/)
    expect(parseLines(lines.join('\n')).map(({ event }) => event)).to.deep.equal([
      'OwnerRegistered',
      'SessionLogin',
      'SessionLoginFailed',
      'SessionLogout',
    ])
    expect(stderr).to.equal('')
    expect(stdout).not.to.contain(credentials.password).and.not.to.contain(credentials.username)
  })

  it('is whole on the standard output, also where much happens at once', async () => {
    const { cell, client } = await start('_test+_out')
    const requests = Array.from({ length: 300 }, () => client().post('/api/login', {}, OTHER_SITE))
    expect(new Set((await Promise.all(requests)).map(({ status }) => status))).to.deep.equal(new Set([403]))
    const { stdout } = await cell.end()
    expect(parseLines(stdout.slice(stdout.indexOf('\n') + 1))).to.have.length(300)
  })

  it('answers requests while the reader of standard output is paused, and writes every line once it reads again', async () => {
    const { cell, client } = await start('_test+_out')
    let answered = 0
    const request = async (): Promise<void> => {
      await client().post('/api/login', {}, OTHER_SITE)
      answered += 1
    }
    const linesSoFar = (): number =>
      parseLines(cell.stdout.slice(cell.stdout.indexOf('\n') + 1, cell.stdout.lastIndexOf('\n') + 1)).length

    cell.child.stdout?.pause()
    const working = (async () => {
      // More than a pipe holds.
      while (answered < 1000) await request()
    })()
    // Settles although nobody reads.
    await working
    cell.child.stdout?.resume()
    // Buffered lines arrive with the next ones.
    while (linesSoFar() < answered) await request()
    expect(linesSoFar()).to.equal(answered)
    await cell.end()
  }).timeout(60_000)
})
