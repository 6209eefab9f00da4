import { expect } from 'chai'
import { Client, newCredentials } from '../support/client'
import { CellProcess } from '../support/process'
import { copyProject } from '../support/project'
import { temporaryFolder } from '../support/temporary-folder'

describe('the log of a cell in production', () => {
  it('is lines of JSON with level and time, whoever writes them: the cell, the audit log, requests, errors and the warnings of Node', async () => {
    // Audit to stdout, as without _test, and DNA that a warning is about.
    const folder = copyProject({
      'dna/_own/plasma/audit.json': { destination: 'stdout' },
      'dna/_own/plasma/throttle.json': { nameFields: { username: false } },
    })
    const env = { CELL_MODE: '_production+_test+_own', CELL_DATA: temporaryFolder(), COOKIE_SECRET: 'x'.repeat(40) }
    const cell = new CellProcess(folder, env)
    const client = new Client(await cell.ready())
    await client.post('/api/login', newCredentials(), { 'x-forwarded-proto': 'https' })
    // Over plain HTTP: an error of the setup.
    await client.post('/api/login', newCredentials())
    const { code, stdout, stderr } = await cell.end()
    expect(code).to.equal(0)
    const lines = `${stdout}${stderr}`
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    for (const { level, time } of lines) {
      expect(level).to.be.oneOf(['info', 'warn', 'error'])
      expect(Number.isNaN(Date.parse(String(time)))).to.equal(false)
    }
    const told = lines.map(({ msg, event, path }) => String(msg ?? event ?? path)).join('\n')
    expect(told)
      .to.match(/^cell: ready at /m)
      .and.match(/^SessionLoginFailed$/m)
      .and.match(/^\/api\/login$/m)
    expect(told)
      .to.match(/^express-sessions: POST requests are refused/m)
      .and.match(/^logins are not throttled/m)
  })
})
