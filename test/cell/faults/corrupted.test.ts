import { expect } from 'chai'
import { closeSync, copyFileSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import { sql } from 'kysely'
import { closeDatabase, database, openDatabase } from '../../../context/sql'
import { Client, newCredentials } from '../../support/client'
import { RestartableCell } from '../../support/restartable-cell'
import { until } from '../../support/until'

const PAGE = 4096

describe('a database file that is corrupted', () => {
  let cell: RestartableCell
  let client: Client
  let credentials: ReturnType<typeof newCredentials>

  beforeEach(async () => {
    cell = await new RestartableCell().start()
    ;({ client, credentials } = await cell.owner())
  })
  afterEach(() => cell.stop())

  /**
   * Moves every page from the log to the file, where it is to be corrupted. SQLite may refuse to reset the log while the
   * cell still writes what follows a login. The cell would then go on reading good pages from the log and from its cache.
   */
  async function emptyLog(): Promise<void> {
    await openDatabase(cell.file)
    await until(async () => {
      // A cell that stands still writes nothing between this and the corruption.
      cell.signal('SIGSTOP')
      const { rows } = await sql<{ busy: number }>`pragma wal_checkpoint(truncate)`.execute(database())
      if (rows[0]?.busy === 0) return true
      cell.signal('SIGCONT')
      return false
    }).finally(closeDatabase)
    copyFileSync(cell.file, `${cell.file}.good`)
  }

  /** Overwrites every page but the first, which says that it is a database. */
  function corrupt(): void {
    const fd = openSync(cell.file, 'r+')
    for (let at = PAGE; at < statSync(cell.file).size; at += PAGE)
      writeSync(fd, Buffer.alloc(PAGE, 'junk'), 0, PAGE, at)
    closeSync(fd)
  }

  function restore(): void {
    for (const suffix of ['-wal', '-shm']) rmSync(`${cell.file}${suffix}`, { force: true })
    renameSync(`${cell.file}.good`, cell.file)
  }

  it('lets nobody in and logs nobody out while the cell runs, which goes on when it is restored (OWASP ASVS 16.5.3)', async () => {
    await emptyLog()
    corrupt()
    expect(statSync(`${cell.file}-wal`).size).to.equal(0)
    cell.signal('SIGCONT')
    const { username } = credentials
    const answers = [
      await cell.client().post('/api/login', credentials),
      await cell.client().post('/api/login', { username, password: 'battery horse staple' }),
      await cell.client().post('/api/register', newCredentials()),
      await client.copy().get('/api/me'),
      await client.copy().get('/api/sessions'),
    ]
    expect(answers.map(({ status }) => status)).to.deep.equal([503, 503, 503, 503, 503])
    for (const { headers, text } of answers) {
      expect(headers.getSetCookie()).to.deep.equal([])
      expect(text).not.to.match(/malformed|sqlite|cell\.db/i)
    }
    const stranger = new Client(client.address)
    stranger.cookies.set('id', 's%3Ajunk.junk')
    expect((await stranger.get('/api/me')).status).to.be.oneOf([401, 503])

    restore()
    await until(async () => (await client.get('/api/me')).status === 200)
    expect((await cell.client().post('/api/login', credentials)).status).to.equal(200)
  })

  it('stops the boot with a line that names it, and the cell starts when it is restored', async () => {
    await emptyLog()
    cell.signal('SIGCONT')
    await cell.stop()
    corrupt()
    const { code, stderr } = await cell.refused()
    expect(code).to.equal(1)
    expect(stderr.trim().split('\n')).to.have.length(1)
    expect(stderr).to.match(/^cell: dna\/plasma\/database\.json.*file: .*cell\.db cannot be used: .*malformed/)
    restore()
    await cell.start()
    expect((await client.copy(cell.client().address).get('/api/me')).status).to.equal(200)
  })
})
