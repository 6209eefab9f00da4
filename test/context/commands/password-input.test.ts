import { expect } from 'chai'
import { spawnSync } from 'node:child_process'
import { PassThrough } from 'node:stream'
import { readPassword } from '../../../context/commands/password-input'
import { newCredentials } from '../../support/client'
import { OWNERS, startOwners } from '../../support/owners-command'
import { ROOT } from '../../support/project'
import { rejectionOf } from '../../support/rejection'
import { temporaryFolder } from '../../support/temporary-folder'

/** Its `script` gives a command a terminal. */
const hasUtilLinux = String(spawnSync('script', ['--version']).stdout).includes('util-linux')

describe('the password on standard input', () => {
  const read = (input: string, end = true): Promise<string> => {
    const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
    stdin.write(input)
    if (end) stdin.end()
    return readPassword({ stdin, stdout, stderr })
  }

  it('is the first line exactly as received (OWASP ASVS 6.2.8)', async () => {
    for (const [input, password] of [
      ['  two spaces  \n', '  two spaces  '],
      ['cafe\u0301-cafe\u0301\n', 'cafe\u0301-cafe\u0301'],
      ['correct horse\u2028battery\n', 'correct horse\u2028battery'],
      ['correct horse', 'correct horse'],
      ['correct horse\r\nmore\r\n', 'correct horse'],
      ['\nmore', ''],
      ['', ''],
    ] as const)
      expect(await read(input), JSON.stringify(input)).to.equal(password)
  })

  it('is refused if it is broken off on a terminal', async () => {
    const stdin = Object.assign(new PassThrough(), { isTTY: true })
    const stderr = new PassThrough()
    stdin.write('unmistakable\x03')
    const error = await rejectionOf(() => readPassword({ stdin, stdout: new PassThrough(), stderr }))
    expect(error.message).not.to.include('unmistakable')
    expect(stderr.read()?.toString()).to.equal('Password: \n')
  })

  it('need not end, and is not read without end', async () => {
    expect(await read('correct horse\n', false)).to.equal('correct horse')
    expect(await read('x'.repeat(5000), false)).to.have.length.above(256)
  })
})

if (hasUtilLinux) {
  describe('the password on a terminal', () => {
    const env = { CELL_MODE: '_test', CELL_DATA: temporaryFolder() }

    /** Types when the command asks. The output has what the terminal echoes, too. */
    async function type(parameters: string[], keys: string): Promise<{ code: number | null; output: string }> {
      const command = [...OWNERS, ...parameters].map((part) => `'${part}'`).join(' ')
      const { child, ended } = startOwners(ROOT, env, ['-qec', command, '/dev/null'], ['script'])
      let output = ''
      child.stdout.on('data', (chunk: Buffer) => {
        const wasAsked = output.includes('Password: ')
        output += chunk.toString()
        if (!wasAsked && output.includes('Password: ')) child.stdin.write(keys)
      })
      return { code: (await ended).code, output }
    }

    it('is not shown while it is typed', async () => {
      const { username, password } = newCredentials()
      expect(await type(['create', username], `${password}\r`)).to.deep.equal({ code: 0, output: 'Password: \r\n' })
    })
  })
}
