import { expect } from 'chai'
import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { openFileDestination, openStreamDestination } from '../../../context/cell/log-destination'
import { temporaryFolder } from '../../support/temporary-folder'
import { keepWarnings } from '../../support/warnings'

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8)

describe('where audit lines go', () => {
  const warnings = keepWarnings()

  it('is a file for the cell alone, whatever the umask, that is created with its folder and appended to', async () => {
    const file = join(temporaryFolder(), 'logs/of/today/audit.log')
    const umask = process.umask(0)
    try {
      for (const line of ['one\n', 'two\n']) {
        const destination = openFileDestination(file)
        destination.write(line)
        // Synchronous: the process may be killed at once.
        expect(readFileSync(file, 'utf8').endsWith(line)).to.equal(true)
        await destination.end()
      }
    } finally {
      process.umask(umask)
    }
    expect([readFileSync(file, 'utf8'), modeOf(file), modeOf(join(file, '..'))]).to.deep.equal([
      'one\ntwo\n',
      '600',
      '700',
    ])
  })

  const impossible: Record<string, (folder: string) => string> = {
    'is a folder': (folder) => folder,
    'is in a folder that cannot be created': () => '/sys/nowhere/audit.log',
    'has a NUL in its name': (folder) => join(folder, 'a\0b'),
    'is a named pipe, whose reader could stop the cell': (folder) => {
      execFileSync('mkfifo', [join(folder, 'pipe')])
      return join(folder, 'pipe')
    },
  }
  for (const [what, make] of Object.entries(impossible)) {
    it(`is no file that ${what}`, () => {
      expect(() => openFileDestination(make(temporaryFolder()))).to.throw()
    })
  }

  it('may be a full disk: lines are lost with one warning, and memory is bounded', async () => {
    setFlagsFromString('--expose-gc')
    const collectGarbage = runInNewContext('gc') as () => void
    const destination = openFileDestination('/dev/full')
    const writeLines = (count: number): number => {
      for (let line = 0; line < count; line += 1) destination.write(`${String(line).repeat(300)}\n`)
      collectGarbage()
      return process.memoryUsage().heapUsed / 1e6
    }
    const before = writeLines(3000)
    // 40 MB of lines.
    expect(writeLines(30_000) - before).to.be.lessThan(10)
    expect(warnings).to.have.length(1)
    expect(warnings[0])
      .to.match(/^a log line could not be written: ENOSPC/)
      .and.not.to.contain('111')
    await destination.end()
  })

  it('goes on with whole lines once the disk has room again (pending if no file system can be mounted)', async function () {
    const folder = temporaryFolder()
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder], { stdio: 'pipe' })
    } catch {
      this.skip()
    }
    const [file, filler] = [join(folder, 'audit.log'), join(folder, 'filler')]
    writeFileSync(filler, 'x'.repeat(40_000))
    try {
      const destination = openFileDestination(file)
      const line = `${'y'.repeat(999)}\n`
      // It fills up in the middle of a line.
      for (let count = 0; count < 40; count += 1) destination.write(line)
      expect(warnings.join()).to.contain('ENOSPC')
      rmSync(filler)
      destination.write('last\n')
      await destination.end()
      const lines = readFileSync(file, 'utf8').split('\n')
      expect(lines.slice(-2)).to.deep.equal(['last', ''])
      expect(new Set(lines.slice(0, -2))).to.deep.equal(new Set([line.trimEnd()]))
    } finally {
      execFileSync('umount', ['--lazy', folder])
    }
  })

  it('begins a new line after one that may have been torn', async () => {
    const stream = new PassThrough({ autoDestroy: false })
    const destination = openStreamDestination(stream as unknown as NodeJS.WriteStream)
    stream.write('{"half":')
    stream.emit('error', new Error('ENOSPC'))
    for (const line of ['{"whole":1}\n', '{"whole":2}\n']) destination.write(line)
    await destination.end()
    stream.end()
    expect(await text(stream)).to.equal('{"half":\n{"whole":1}\n{"whole":2}\n')
    expect(warnings).to.deep.equal(['a log line could not be written: ENOSPC'])
  })

  it('does not wait for a reader that stands still, and keeps a bounded part of what it should read', () => {
    const stream = new PassThrough()
    const destination = openStreamDestination(stream as unknown as NodeJS.WriteStream)
    for (let count = 0; count < 40; count += 1) destination.write('x'.repeat(100_000))
    expect(stream.writableLength).to.be.within(1_000_000, 1_200_000)
    expect(warnings).to.deep.equal(['a log line could not be written: nobody reads them'])
  })
})
