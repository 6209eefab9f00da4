import { expect } from 'chai'
import { startTestCell, type TestCell } from '../../support/cell'
import type { Client } from '../../support/client'
import { keepWarnings } from '../../support/warnings'
import { temporaryFolder } from '../../support/temporary-folder'

const MINUTE = 60_000

describe("a machine's clock that is set back between two runs", () => {
  const warnings = keepWarnings()
  const { now } = Date
  let folder: string
  let cell: TestCell

  beforeEach(() => (folder = temporaryFolder()))
  afterEach(() => {
    Date.now = now
  })

  /** Runs a cell. @param ahead milliseconds by which the clock of the machine is ahead meanwhile */
  async function runAt(ahead: number, work: () => Promise<unknown>): Promise<void> {
    Date.now = () => now() + ahead
    cell = await startTestCell({ data: { folder } })
    await work()
    await cell.stop()
  }

  async function logIn(): Promise<Client> {
    const client = cell.client()
    await client.registerAndLogIn()
    return client
  }

  async function expectStatus(client: Client, status: number): Promise<void> {
    expect((await client.copy(cell.client().address).get('/api/me')).status).to.equal(status)
  }

  it('by less than a minute is not worth a warning', async () => {
    let client: Client
    await runAt(MINUTE / 3, async () => (client = await logIn()))
    await runAt(0, () => expectStatus(client, 200))
    expect(warnings).to.deep.equal([])
  })

  it('revives no expired session (OWASP ASVS 7.3.1)', async () => {
    let idle: Client
    let used: Client
    await runAt(0, async () => (idle = await logIn()))
    // Idle for too long; the database knows the time by another login.
    await runAt(40 * MINUTE, async () => {
      await expectStatus(idle, 401)
      used = await logIn()
    })
    await runAt(0, async () => {
      await expectStatus(idle, 401)
      await expectStatus(used, 200)
    })
    expect(warnings.join()).to.match(/the clock is \d+ s behind the last session in the database/)
  })
})
