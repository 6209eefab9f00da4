import { expect } from 'chai'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { closeDatabase, openDatabase } from '../../../context/sql'
import User from '../../../context/models/user'
import { newCredentials } from '../../support/client'
import { OWNERS, ownersHere, startOwners, type CommandEnd } from '../../support/owners-command'
import { ROOT } from '../../support/project'
import { temporaryFolder } from '../../support/temporary-folder'

/** Its `script` gives a command a terminal. */
const hasUtilLinux = String(spawnSync('script', ['--version']).stdout).includes('util-linux')

describe('the password that npm run owners is given', () => {
  const data = temporaryFolder()
  const env = { CELL_MODE: '_test', CELL_DATA: data }
  const owners = ownersHere(env)

  async function logsIn(username: string, password: string): Promise<boolean> {
    await openDatabase(join(data, 'cell.db'))
    try {
      return (await User.findByCredentials({ username, password })) !== undefined
    } finally {
      await closeDatabase()
    }
  }

  it('is not read for ever, where no line ends', async () => {
    const { child, ended } = startOwners(ROOT, env, ['create', newCredentials().username])
    child.stdin.write('x'.repeat(5000))
    const { code, stderr } = await ended
    expect(code).to.equal(1)
    expect(stderr).to.include('must have at most 256 characters')
  })

  const inputs: [what: string, input: string, password: string, others: string[]][] = [
    ['with its spaces', '  two spaces  \n', '  two spaces  ', ['two spaces', '  two spaces  \n']],
    ['decomposed, as it is', 'cafe\u0301-cafe\u0301\n', 'cafe\u0301-cafe\u0301', ['caf\u00e9-caf\u00e9']],
    [
      'with what Unicode calls an end of a line',
      'correct horse\u2028battery\n',
      'correct horse\u2028battery',
      ['correct horse'],
    ],
    ['without an end of its line', 'correct horse', 'correct horse', ['correct horse\n']],
    [
      'as Windows ends a line',
      'correct horse\r\nmore\r\n',
      'correct horse',
      ['correct horse\r', 'correct horse\r\nmore\r\n'],
    ],
    [
      'as the first line of many',
      'correct horse\nbattery staple\n',
      'correct horse',
      ['battery staple', 'correct horse\nbattery staple\n'],
    ],
  ]
  for (const [what, input, password, others] of inputs) {
    it(`is taken exactly as received: ${what} (OWASP ASVS 6.2.8)`, async () => {
      const { username } = newCredentials()
      expect(await owners(['create', username], input)).to.deep.equal({ code: 0, stdout: '', stderr: '' })
      expect(await logsIn(username, password)).to.equal(true)
      for (const other of others) expect(await logsIn(username, other), JSON.stringify(other)).to.equal(false)
    })
  }

  it('is enough: the standard input need not end', async () => {
    const { username, password } = newCredentials()
    const { child, ended } = startOwners(ROOT, env, ['create', username])
    child.stdin.write(`${password}\n`)
    expect(await ended).to.deep.equal({ code: 0, stdout: '', stderr: '' })
    expect(await logsIn(username, password)).to.equal(true)
  })

  if (hasUtilLinux) {
    describe('on a terminal', () => {
      /** Types when the command asks. What it prints, the terminal's echo of what is typed included, is the output. */
      async function typed(parameters: string[], keys: string): Promise<CommandEnd> {
        const command = [...OWNERS, ...parameters].map((part) => `'${part}'`).join(' ')
        const { child, ended } = startOwners(ROOT, env, ['-qec', command, '/dev/null'], ['script'])
        let output = ''
        child.stdout.on('data', (text: Buffer) => {
          const wasAsked = output.includes('Password: ')
          output += text.toString()
          if (!wasAsked && output.includes('Password: ')) child.stdin.write(keys)
        })
        return ended
      }

      it('is asked for, and what is typed is not shown', async () => {
        const { username, password } = newCredentials()
        expect(await typed(['create', username], `${password}\r`)).to.include({ code: 0, stdout: 'Password: \r\n' })
        expect(await logsIn(username, password)).to.equal(true)
      })

      const keys: [what: string, keys: string, message: RegExp][] = [
        ['Ctrl-C', 'unmistakable\x03', /^Password: \r\nowners: .*\r\n$/],
        ['Ctrl-D', '\x04', /^Password: \r\nowners: .*\r\n$/],
        ['nothing', '\r', /^Password: \r\nowners: password must have at least 8 characters\.\r\n$/],
        ['too little', 'seven-7\r', /^Password: \r\nowners: password must have at least 8 characters\.\r\n$/],
      ]
      for (const [what, typing, message] of keys) {
        it(`is refused, and nobody is made, by ${what}`, async () => {
          const { username } = newCredentials()
          const { code, stdout } = await typed(['create', username], typing)
          expect(code).to.equal(1)
          expect(stdout)
            .to.match(message)
            .and.not.to.match(/unmistakable|seven-7/)
          expect((await owners(['show', username])).code).to.equal(1)
        })
      }

      it('is not asked for where one is made', async () => {
        const { username } = newCredentials()
        const { code, stdout } = await typed(['create', username, '--generate'], '')
        expect(code).to.equal(0)
        expect(stdout).to.match(/^[\w-]{22,}\r\n$/)
        expect(await logsIn(username, stdout.trim())).to.equal(true)
      })
    })
  }
})
