import { expect } from 'chai'
import { closeSync, copyFileSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { Database } from '../../../context/sql'
import { startTestCell, type TestCell } from '../../support/cell'
import { newCredentials, type Answer, type Client } from '../../support/client'
import { keepErrorLog } from '../../support/error-log'
import { rejectionOf } from '../../support/rejection'
import { temporaryFolder } from '../../support/temporary-folder'
import { until } from '../../support/until'

const PAGE = 4096

describe('a database file', () => {
  keepErrorLog()
  let folder: string
  let file: string
  let cell: TestCell
  let client: Client
  let credentials: ReturnType<typeof newCredentials>

  beforeEach(async () => {
    folder = temporaryFolder()
    file = join(folder, 'cell.db')
    await start()
    client = cell.client()
    credentials = await client.registerAndLogIn()
  })
  afterEach(() => cell.stop())

  async function start(): Promise<void> {
    cell = await startTestCell({ data: { folder } })
  }

  /** Moves every page from the log to the file. As another process does: the cell drops its cache. */
  async function emptyLog(): Promise<void> {
    const other = await Database.open(file)
    await sql`pragma wal_checkpoint(truncate)`.execute(other.query)
    await other.close()
    expect(statSync(`${file}-wal`).size).to.equal(0)
  }

  const statusOfMe = async (): Promise<number> => (await client.copy().get('/api/me')).status

  /** Nobody gets in, nobody is logged out, and nothing is accepted that would be lost. */
  async function expectUnavailable(): Promise<void> {
    const answers: Answer[] = [
      await cell.client().post('/api/register', newCredentials()),
      await cell.client().post('/api/login', credentials),
      await cell.client().post('/api/login', { ...credentials, password: 'battery horse staple' }),
      await client.copy().post('/api/logout'),
      await client.copy().send('DELETE', '/api/sessions'),
    ]
    expect(answers.map(({ status }) => status)).to.deep.equal([503, 503, 503, 503, 503])
    for (const { headers, text } of answers) {
      expect(Number(headers.get('retry-after'))).to.be.within(1, 60)
      expect(headers.getSetCookie()).to.deep.equal([])
      expect(headers.has('clear-site-data')).to.equal(false)
      expect(text).not.to.match(/malformed|sqlite|cell\.db/i)
    }
    // Readers look at the file now and then only.
    await until(async () => (await statusOfMe()) === 503)
  }

  async function expectUsable(): Promise<void> {
    expect(await statusOfMe()).to.equal(200)
    expect((await cell.client().post('/api/login', credentials)).status).to.equal(200)
  }

  it('locked by another process gets 503 for writes, and holds up no reads (OWASP ASVS 16.5.3)', async () => {
    const other = await Database.open(file)
    await other.query.transaction().execute(async () => {
      let done = 0
      const writes = Promise.all(
        [
          cell.client().post('/api/register', newCredentials()),
          cell.client().post('/api/login', credentials),
          client.copy().post('/api/logout'),
          client.copy().send('DELETE', '/api/sessions'),
        ].map((answer) => answer.finally(() => (done += 1))),
      )
      for (let read = 0; read < 5; read += 1) expect(await statusOfMe()).to.equal(200)
      expect(done, 'writes that did not wait').to.equal(0)
      for (const { status, headers } of await writes) {
        expect(status).to.equal(503)
        expect(Number(headers.get('retry-after'))).to.be.within(1, 60)
        expect(headers.getSetCookie()).to.deep.equal([])
      }
    })
    await expectUsable()

    let registering: Promise<Answer> | undefined
    await other.query.transaction().execute(async () => {
      registering = cell.client().post('/api/register', newCredentials())
      await new Promise((resolve) => setTimeout(resolve, 300))
    })
    expect((await registering)?.status, 'locked for a moment').to.equal(201)
    await other.close()
  })

  it('corrupted on disk lets nobody in and logs nobody out, and stops the next boot (OWASP ASVS 16.5.3)', async () => {
    await emptyLog()
    copyFileSync(file, `${file}.good`)
    const fd = openSync(file, 'r+')
    // All but the first page, which makes it a database.
    for (let at = PAGE; at < statSync(file).size; at += PAGE) writeSync(fd, Buffer.alloc(PAGE, 'junk'), 0, PAGE, at)
    closeSync(fd)
    await expectUnavailable()
    const stranger = cell.client()
    stranger.cookies.set('id', 's%3Ajunk.junk')
    expect((await stranger.get('/api/me')).status).to.be.oneOf([401, 503])

    await cell.stop()
    const { message } = await rejectionOf(start)
    expect(message).to.match(/^dna\/plasma\/database\.json: file: .*cell\.db cannot be used: .*malformed$/)
    for (const suffix of ['-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true })
    renameSync(`${file}.good`, file)
    await start()
    client = client.copy(cell.client().address)
    await expectUsable()
  })

  it('taken away is missed at once, and used again when it is back (OWASP ASVS 16.5.3)', async () => {
    renameSync(file, `${file}.away`)
    await expectUnavailable()
    expect((await cell.client().get('/api/me')).status, 'without a cookie').to.equal(401)
    renameSync(`${file}.away`, file)
    await until(async () => (await statusOfMe()) === 200)
    await expectUsable()
  })
})
