import { expect } from 'chai'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { RestartableCell } from '../../support/restartable-cell'
import { temporaryFolder, writeFiles } from '../../support/temporary-folder'

const HOUR = 3_600_000

/** The machine's own clock cannot be set for one process: this sets what a process takes for it. */
const PRELOADED = `
const { now } = Date
const { timeOrigin } = performance
let offset = Number(process.env.CLOCK_OFFSET ?? 0)
Date.now = () => now() + offset
Object.defineProperty(performance, 'timeOrigin', { value: timeOrigin + offset })
process.on('SIGUSR2', () => (offset -= ${HOUR}))
`

describe('a clock that is set back', () => {
  let cell: RestartableCell

  beforeEach(() => {
    const folder = temporaryFolder()
    writeFiles(folder, { 'clock.cjs': PRELOADED })
    cell = new RestartableCell(undefined, { NODE_OPTIONS: `--require ${join(folder, 'clock.cjs')}` })
  })
  afterEach(() => cell.stop())

  it('while the cell runs makes no session last longer, and ends none', async () => {
    await cell.start()
    const { client } = await cell.owner()
    const before = (await client.get('/api/sessions')).body as { expiresAt: string }[]
    cell.signal('SIGUSR2')
    await wait(100)
    expect((await client.get('/api/me')).status).to.equal(200)
    const { client: later } = await cell.owner()
    const [session] = (await later.get('/api/sessions')).body as { createdAt: string; expiresAt: string }[]
    expect(Date.parse(session?.createdAt ?? '')).to.be.within(Date.now() - 60_000, Date.now() + 60_000)
    const after = (await client.get('/api/sessions')).body as { expiresAt: string }[]
    expect(after).to.deep.equal(before)
  })

  it('while it does not run brings back no session that was over (OWASP ASVS 7.3.1)', async () => {
    await cell.start()
    const { client: idle } = await cell.owner()
    await cell.stop()
    // Unused for 40 minutes: it is over, and somebody else's login says what the time is.
    await cell.start({ CLOCK_OFFSET: String(40 * 60_000) })
    expect((await idle.copy(cell.client().address).get('/api/me')).status).to.equal(401)
    const { client: used, credentials } = await cell.owner()
    await cell.stop()

    await cell.start()
    expect((await idle.copy(cell.client().address).get('/api/me')).status).to.equal(401)
    expect((await used.copy(cell.client().address).get('/api/me')).status).to.equal(200)
    expect((await cell.client().post('/api/login', credentials)).status).to.equal(200)
    expect(cell.stderr).to.match(/Warning: the clock is \d+ s behind the last session in the database/)
  })

  it('by less than a minute is not worth a word', async () => {
    await cell.start({ CLOCK_OFFSET: '20000' })
    const { client } = await cell.owner()
    await cell.stop()
    await cell.start()
    expect((await client.copy(cell.client().address).get('/api/me')).status).to.equal(200)
    expect(cell.stderr).to.equal('')
  })
})
