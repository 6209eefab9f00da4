import { expect } from 'chai'
import { chmodSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Worker } from 'node:worker_threads'
import { keptSecret } from '../../../plasma/express-sessions/secret'
import { runScript } from '../../support/process'
import { rejectionOf } from '../../support/rejection'
import { temporaryFolder } from '../../support/temporary-folder'
import { together } from '../../support/together'

const ROUNDS = 20

describe('the kept secret', () => {
  it('is made on the first run, long and readable by its owner alone', () => {
    const folder = join(temporaryFolder(), 'data')
    const secret = keptSecret(join(folder, 'cookie-secret'))
    expect(secret).to.match(/^[\w-]{43}$/)
    expect(statSync(join(folder, 'cookie-secret')).mode & 0o777).to.equal(0o600)
    expect(statSync(folder).mode & 0o777).to.equal(0o700)
    expect(readdirSync(folder)).to.deep.equal(['cookie-secret'])
  })

  it('is so whatever the umask lets others do', () => {
    const file = join(temporaryFolder(), 'cookie-secret')
    const umask = process.umask(0)
    try {
      keptSecret(file)
    } finally {
      process.umask(umask)
    }
    expect(statSync(file).mode & 0o777).to.equal(0o600)
  })

  it('is the same on every later run', () => {
    const file = join(temporaryFolder(), 'cookie-secret')
    const secret = keptSecret(file)
    expect(keptSecret(file)).to.equal(secret)
    expect(readFileSync(file, 'utf8').trim()).to.equal(secret)
  })

  it('is another one in another file', () => {
    expect(keptSecret(join(temporaryFolder(), 'a'))).not.to.equal(keptSecret(join(temporaryFolder(), 'a')))
  })

  it('may be written by hand, with a newline after it', () => {
    const file = join(temporaryFolder(), 'cookie-secret')
    writeFileSync(file, `${'s'.repeat(32)}\n`, { mode: 0o600 })
    expect(keptSecret(file)).to.equal('s'.repeat(32))
  })

  describe('is refused, and its file left alone,', () => {
    const refused: [what: string, content: string, mode: number, expected: RegExp][] = [
      ['when others can read it', 's'.repeat(32), 0o644, /can be read by others/],
      ['when its group can read it', 's'.repeat(32), 0o640, /can be read by others/],
      ['when others can write it', 's'.repeat(32), 0o602, /can be read by others/],
      ['with 31 characters', 's'.repeat(31), 0o600, /fewer than 32/],
      ['with spaces for characters', `short${' '.repeat(40)}`, 0o600, /fewer than 32/],
      ['when it is empty', '', 0o600, /fewer than 32/],
    ]
    for (const [what, content, mode, expected] of refused) {
      it(what, async () => {
        const file = join(temporaryFolder(), 'cookie-secret')
        writeFileSync(file, content)
        chmodSync(file, mode)
        const { message } = await rejectionOf(() => keptSecret(file))
        expect(message).to.match(expected).and.to.include(file)
        expect(message).not.to.include('sss')
        expect(readFileSync(file, 'utf8')).to.equal(content)
      })
    }

    it('when it is a folder', async () => {
      const folder = join(temporaryFolder(), 'cookie-secret')
      mkdirSync(folder)
      expect((await rejectionOf(() => keptSecret(folder))).message).to.match(/EISDIR/)
    })

    it('when its folder is a file', async () => {
      const file = join(temporaryFolder(), 'file')
      writeFileSync(file, '')
      expect((await rejectionOf(() => keptSecret(join(file, 'cookie-secret')))).message).to.match(/ENOTDIR|EEXIST/)
    })
  })

  describe('is one, and whole, when it is made at once by', () => {
    const code = `
      const { keptSecret } = require(process.env.CODE)
      const secrets = []
      for (let round = 0; round < ${String(ROUNDS)}; round += 1) {
        go(round)
        secrets.push(keptSecret(process.env.FOLDER + '/' + round))
      }`
    const CODE = resolve(__dirname, '../../../plasma/express-sessions/secret.ts')
    const expectOneEach = (folder: string, answers: string[][]): void => {
      const kept = Array.from({ length: ROUNDS }, (_, round) =>
        readFileSync(join(folder, String(round)), 'utf8').trim(),
      )
      for (const answer of answers) expect(answer).to.deep.equal(kept)
      expect(readdirSync(folder)).to.have.length(ROUNDS)
    }

    it('several processes', async () => {
      const folder = temporaryFolder()
      const ended = await together(2, `${code}\nconsole.log(JSON.stringify(secrets))`, (script, env) => {
        return runScript(script, { ...env, CODE, FOLDER: folder })
      })
      expect(ended.map(({ stderr }) => stderr)).to.deep.equal(['', ''])
      expectOneEach(
        folder,
        ended.map(({ stdout }) => JSON.parse(stdout) as string[]),
      )
    })

    it('several with the same process id, as those of containers are', async () => {
      const folder = temporaryFolder()
      const inWorker = `require('tsx/cjs')\n${code}\nrequire('node:worker_threads').parentPort.postMessage(secrets)`
      const answers = await together(2, inWorker, (script, env) => {
        return new Promise<string[]>((resolve, reject) => {
          const worker = new Worker(script, { eval: true, env: { ...process.env, ...env, CODE, FOLDER: folder } })
          worker.once('message', resolve).once('error', reject)
        })
      })
      expectOneEach(folder, answers)
    })
  })
})
