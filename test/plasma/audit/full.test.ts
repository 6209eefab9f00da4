import { expect } from 'chai'
import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { EventBus } from '../../../context/cell/event-bus'
import audit from '../../../plasma/audit'
import { AuditLog } from '../../support/audit-log'
import { startTestCell, type TestCell } from '../../support/cell'
import { newCredentials } from '../../support/client'
import { temporaryFolder } from '../../support/temporary-folder'
import { keepWarnings } from '../../support/warnings'

const OTHER_SITE = { origin: 'http://evil.example', 'user-agent': 'x'.repeat(256) }

describe('an audit log on a disk that is full', () => {
  const warnings = keepWarnings()

  /** All that is audited is answered as ever. */
  async function expectAnswers(cell: TestCell): Promise<void> {
    const client = cell.client()
    const credentials = newCredentials()
    await client.registerAndLogIn(credentials)
    expect((await client.get('/api/me')).status).to.equal(200)
    expect((await cell.client().post('/api/login', { ...credentials, password: 'a wrong guess' })).status).to.equal(401)
    expect((await client.post('/api/login', credentials, OTHER_SITE)).status).to.equal(403)
    expect((await client.post('/api/logout')).status).to.equal(204)
  }

  it('stops nobody, and says so in a warning without what could not be written', async () => {
    const cell = await startTestCell({ plasma: { audit: { destination: '/dev/full' } } })
    try {
      await expectAnswers(cell)
    } finally {
      await cell.stop()
    }
    expect(warnings).not.to.deep.equal([])
    for (const warning of warnings)
      expect(warning)
        .to.match(/^an audit line could not be written: ENOSPC/)
        .and.not.to.contain('event')
  })

  it('goes on, with whole lines, once there is room again (pending where no file system can be mounted)', async function () {
    const folder = temporaryFolder()
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder], { stdio: 'pipe' })
    } catch {
      this.skip()
    }
    const log = new AuditLog(join(folder, 'audit.log'))
    const filler = join(folder, 'filler')
    writeFileSync(filler, 'x'.repeat(40_000))
    const cell = await startTestCell({ plasma: { audit: { destination: log.file, linesPerAddress: 1000 } } })
    try {
      // It fills up in the middle of a line.
      for (let count = 0; count < 80; count += 1)
        expect((await cell.client().post('/api/login', {}, OTHER_SITE)).status).to.equal(403)
      const before = log.text.length
      await expectAnswers(cell)
      expect(log.text.length).to.equal(before)
      expect(warnings.join()).to.contain('ENOSPC')

      rmSync(filler)
      warnings.length = 0
      const client = cell.client()
      await client.registerAndLogIn()
      expect(log.lines.slice(-2).map(({ event }) => event)).to.deep.equal(['OwnerRegistered', 'SessionLogin'])
      expect(log.lines.length).to.be.at.least(40)
      expect(warnings).to.deep.equal([])
    } finally {
      await cell.stop()
      execFileSync('umount', ['--lazy', folder])
    }
  })

  it('takes no more and more memory, however much cannot be written', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const plasma: Organic.Plasma = new EventBus()
    audit(plasma, { destination: '/dev/full', linesPerAddress: 1_000_000 })
    const heapAfter = async (lines: number): Promise<number> => {
      for (let count = 0; count < lines; count += 1) {
        await plasma.emit({ type: 'RequestRefused', time: 1, reason: 'CROSS_ORIGIN', agent: 'x'.repeat(256) })
        warnings.length = 0
      }
      collect()
      const { heapUsed, external } = process.memoryUsage()
      return (heapUsed + external) / 1e6
    }
    const before = await heapAfter(5000)
    // 20 megabytes of lines.
    expect((await heapAfter(50_000)) - before).to.be.lessThan(10)
  }).timeout(60_000)
})
