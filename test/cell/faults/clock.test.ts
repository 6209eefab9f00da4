import { expect } from 'chai'
import { startTestCell, type TestCell } from '../../support/cell'
import type { Client } from '../../support/client'
import { keepWarnings } from '../../support/warnings'
import { temporaryFolder } from '../../support/temporary-folder'

const MINUTE = 60_000

describe("a machine's clock that is set back", () => {
  const warnings = keepWarnings()
  const { now } = Date
  let ahead = 0
  let folder: string
  let cell: TestCell

  before(() => {
    Date.now = () => now() + ahead
  })
  after(() => {
    Date.now = now
  })
  beforeEach(async () => {
    folder = temporaryFolder()
    await startAt(0)
  })
  afterEach(() => cell.stop())

  /** @param milliseconds by which the clock of the machine is ahead */
  async function startAt(milliseconds: number): Promise<void> {
    ahead = milliseconds
    cell = await startTestCell({ data: { folder } })
  }

  async function logIn(): Promise<Client> {
    const client = cell.client()
    await client.registerAndLogIn()
    return client
  }

  const statusOf = async (client: Client): Promise<number> =>
    (await client.copy(cell.client().address).get('/api/me')).status

  it('while the cell runs ends no session, and makes none last longer', async () => {
    const client = await logIn()
    const before = (await client.get('/api/sessions')).body as object[]
    ahead = -60 * MINUTE
    expect(await statusOf(client)).to.equal(200)
    const [session] = (await (await logIn()).get('/api/sessions')).body as { createdAt: string }[]
    expect(Date.parse(session?.createdAt ?? '')).to.be.within(now() - MINUTE, now() + MINUTE)
    expect((await client.get('/api/sessions')).body).to.deep.equal(before)
  })

  it('by less than a minute is not worth a warning', async () => {
    await cell.stop()
    await startAt(MINUTE / 3)
    const client = await logIn()
    await cell.stop()
    await startAt(0)
    expect(await statusOf(client)).to.equal(200)
    expect(warnings).to.deep.equal([])
  })

  it('between two runs revives no expired session (OWASP ASVS 7.3.1)', async () => {
    const idle = await logIn()
    await cell.stop()
    // Idle for too long; the database knows the time by another login.
    await startAt(40 * MINUTE)
    expect(await statusOf(idle)).to.equal(401)
    const used = await logIn()
    await cell.stop()

    await startAt(0)
    expect(await statusOf(idle)).to.equal(401)
    expect(await statusOf(used)).to.equal(200)
    expect(warnings.join()).to.match(/the clock is \d+ s behind the last session in the database/)
  })
})
