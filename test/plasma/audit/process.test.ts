import { expect } from 'chai'
import { parseLines } from '../../support/audit-log'
import { Client, newCredentials } from '../../support/client'
import { CellProcess } from '../../support/process'
import { copyProject } from '../../support/project'
import { temporaryFolder } from '../../support/temporary-folder'

const OTHER_SITE = { origin: 'http://evil.example', 'user-agent': 'x'.repeat(256) }

describe('the audit log of a process', () => {
  const project = copyProject({ 'dna/_out/plasma/audit.json': { destination: 'stdout', linesPerAddress: 100_000 } })

  it('is on the standard output in whole lines, and stops nobody while its reader stands still', async () => {
    const cell = new CellProcess(project, { CELL_MODE: '_test+_out', CELL_DATA: temporaryFolder() })
    const client = new Client(await cell.ready())
    const request = async (): Promise<void> => {
      expect((await client.post('/api/login', newCredentials(), OTHER_SITE)).status).to.equal(403)
      answered += 1
    }
    const lines = (): unknown[] =>
      parseLines(cell.stdout.slice(cell.stdout.indexOf('\n') + 1, cell.stdout.lastIndexOf('\n') + 1))
    let answered = 0
    cell.child.stdout?.pause()
    // More than a pipe takes.
    while (answered < 500) await Promise.all(Array.from({ length: 20 }, request))
    cell.child.stdout?.resume()
    // What waited comes with the lines that follow.
    while (lines().length < answered) await request()
    expect(lines()).to.have.length(answered)
    const { stdout, stderr } = await cell.end()
    expect([stdout.split('\n')[0], stderr]).to.deep.equal([stdout.match(/^cell: ready .*/)?.[0], ''])
  })
})
