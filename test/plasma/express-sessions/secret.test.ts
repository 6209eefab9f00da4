import { expect } from 'chai'
import { chmodSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { readOrCreateSecret } from '../../../plasma/express-sessions/secret'
import { ROOT } from '../../support/project'
import { rejectionOf } from '../../support/rejection'
import { temporaryFolder } from '../../support/temporary-folder'
import { together } from '../../support/together'

const ROUNDS = 20

describe('the secret in a file', () => {
  let file: string
  beforeEach(() => {
    file = join(temporaryFolder(), 'data', 'cookie-secret')
  })

  it('is created by the first run, for its owner alone, whatever the umask, and read by the next', () => {
    const umask = process.umask(0)
    try {
      const secret = readOrCreateSecret(file)
      expect(secret).to.match(/^[\w-]{43}$/)
      expect(readOrCreateSecret(file)).to.equal(secret)
    } finally {
      process.umask(umask)
    }
    expect(statSync(file).mode & 0o777).to.equal(0o600)
    expect(statSync(join(file, '..')).mode & 0o777).to.equal(0o700)
    expect(readdirSync(join(file, '..'))).to.deep.equal(['cookie-secret'])
    expect(readOrCreateSecret(`${file}-2`)).not.to.equal(readOrCreateSecret(file))
  })

  const handwritten: [what: string, content: string, mode: number, expected: RegExp | undefined][] = [
    ['accepted if it has 32 characters and a newline', `${'s'.repeat(32)}\n`, 0o600, undefined],
    ['refused if others can read it', 's'.repeat(32), 0o644, /can be read by others/],
    ['refused if its group can read it', 's'.repeat(32), 0o640, /can be read by others/],
    ['refused if others can write it', 's'.repeat(32), 0o602, /can be read by others/],
    ['refused if it has 31 characters', 's'.repeat(31), 0o600, /fewer than 32/],
    ['refused if it has spaces for characters', `short${' '.repeat(40)}`, 0o600, /fewer than 32/],
  ]
  for (const [what, content, mode, expected] of handwritten) {
    it(`is ${what}, and its file left alone`, async () => {
      mkdirSync(join(file, '..'))
      writeFileSync(file, content)
      chmodSync(file, mode)
      if (expected) {
        const { message } = await rejectionOf(() => readOrCreateSecret(file))
        expect(message).to.match(expected).and.include(file).and.not.include('sss')
      } else expect(readOrCreateSecret(file)).to.equal('s'.repeat(32))
      expect(readFileSync(file, 'utf8')).to.equal(content)
    })
  }

  it('is refused if it is a folder, or cannot have one', async () => {
    mkdirSync(file, { recursive: true })
    expect((await rejectionOf(() => readOrCreateSecret(file))).message).to.match(/EISDIR/)
    writeFileSync(`${file}-file`, '')
    const error = await rejectionOf(() => readOrCreateSecret(join(`${file}-file`, 'cookie-secret')))
    expect(error.message).to.match(/ENOTDIR|EEXIST/)
  })

  it('is the same for all that create it at once, also with one process id, as in containers', async () => {
    const folder = temporaryFolder()
    const CODE = join(ROOT, 'plasma/express-sessions/secret.ts')
    const TYPESCRIPT = join(ROOT, 'package/typescript.cjs')
    const code = `
      const { readOrCreateSecret } = require(process.env.CODE)
      const secrets = []
      for (let round = 0; round < ${String(ROUNDS)}; round += 1) {
        go(round)
        secrets.push(readOrCreateSecret(process.env.FOLDER + '/' + round))
      }
      require('node:worker_threads').parentPort.postMessage(secrets)`
    const answers = await together(2, code, (script, env) => {
      return new Promise<string[]>((resolve, reject) => {
        const options = { eval: true, env: { ...process.env, ...env, CODE, TYPESCRIPT, FOLDER: folder } }
        const worker = new Worker(`require(process.env.TYPESCRIPT)\n${script}`, options)
        worker.once('message', resolve).once('error', reject)
      })
    })
    const kept = Array.from({ length: ROUNDS }, (_, round) => readFileSync(join(folder, String(round)), 'utf8').trim())
    expect(answers).to.deep.equal([kept, kept])
    expect(readdirSync(folder)).to.have.length(ROUNDS)
  })
})
