import { expect } from 'chai'
import { existsSync, readdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { startTestCell } from '../../package/testing'
import { ROOT } from '../support/project'
import { rejectionOf } from '../support/rejection'
import { temporaryFolder } from '../support/temporary-folder'

describe('a cell for tests', () => {
  it('has data of its own, which are gone when it has stopped', async () => {
    const [one, other] = await Promise.all([startTestCell({ root: ROOT }), startTestCell({ root: ROOT })])
    const [folder = '', otherFolder = ''] = [one, other].map(({ dna }) => (dna['data'] as { folder: string }).folder)
    expect(folder).not.to.equal(otherFolder)
    expect(readdirSync(folder)).to.include('cell.db')
    await Promise.all([one.stop(), other.stop()])
    expect([folder, otherFolder].filter((each) => existsSync(each))).to.deep.equal([])
  })

  it('leaves no data behind if it does not start', async () => {
    const folder = temporaryFolder()
    const before = process.env['TMPDIR']
    process.env['TMPDIR'] = folder
    try {
      const changes = { plasma: { database: { file: 5 } } }
      expect((await rejectionOf(() => startTestCell({ root: ROOT, changes }))).message).to.match(/file: /)
    } finally {
      if (before === undefined) delete process.env['TMPDIR']
      else process.env['TMPDIR'] = before
    }
    expect(readdirSync(folder)).to.deep.equal([])
    expect(existsSync(dirname(folder))).to.equal(true)
  })

  it('keeps the data that its changes name', async () => {
    const folder = temporaryFolder()
    const cell = await startTestCell({ root: ROOT, changes: { data: { folder } } })
    await cell.stop()
    expect(readdirSync(folder)).to.include('cell.db')
  })
})
