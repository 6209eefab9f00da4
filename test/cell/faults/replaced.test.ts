import { expect } from 'chai'
import { copyFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { sql } from 'kysely'
import { closeDatabase, database, openDatabase } from '../../../context/sql'
import { newCredentials, type Client } from '../../support/client'
import { RestartableCell } from '../../support/restartable-cell'
import { until } from '../../support/until'

describe('a database file that is taken away', () => {
  let cell: RestartableCell

  beforeEach(async () => {
    cell = await new RestartableCell().start()
  })
  afterEach(() => cell.stop())

  /** A copy, as an operator makes one of a cell that runs. */
  async function backUp(): Promise<string> {
    const copy = `${cell.file}.backup`
    await openDatabase(cell.file)
    await sql`vacuum into ${sql.lit(copy)}`.execute(database()).finally(closeDatabase)
    return copy
  }

  function remove(): void {
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${cell.file}${suffix}`, { force: true })
  }

  /** Those who only read look at times whether the file is still the same. */
  function notices(client: Client, status: number): Promise<void> {
    return until(async () => (await client.copy().get('/api/me')).status === status)
  }

  /** Nobody gets in, nobody is out, and nothing is taken that would be lost. */
  async function expectUnavailable(client: Client, credentials: object): Promise<void> {
    const registered = await cell.client().post('/api/register', newCredentials())
    expect(registered.status).to.equal(503)
    await notices(client, 503)
    for (const answer of [
      await cell.client().post('/api/login', credentials),
      await client.copy().get('/api/me'),
      await client.copy().post('/api/logout'),
      await client.copy().get('/'),
    ]) {
      expect(answer.status).to.equal(503)
      expect(answer.headers.getSetCookie()).to.deep.equal([])
      expect(answer.headers.has('clear-site-data')).to.equal(false)
    }
    expect((await cell.client().get('/api/me')).status, 'without a cookie').to.equal(401)
  }

  it('is missed at once, and the cell goes on when it is back', async () => {
    const { client, credentials } = await cell.owner()
    renameSync(cell.file, `${cell.file}.away`)
    await expectUnavailable(client, credentials)
    expect(cell.stderr).to.include(`${cell.file} is gone`)
    renameSync(`${cell.file}.away`, cell.file)
    expect((await client.get('/api/me')).status).to.equal(200)
    expect((await cell.client().post('/api/login', credentials)).status).to.equal(200)
  })

  it('and deleted is not made anew: the cell goes on with the backup that is put in its place', async () => {
    const { client, credentials } = await cell.owner()
    const backup = await backUp()
    const late = newCredentials()
    expect((await cell.client().post('/api/register', late)).status).to.equal(201)
    remove()
    await expectUnavailable(client, credentials)
    renameSync(backup, cell.file)
    await notices(client, 200)
    expect((await cell.client().post('/api/login', credentials)).status).to.equal(200)
    expect((await cell.client().post('/api/login', late)).status).to.equal(401)
    const { credentials: another } = await cell.owner()
    await cell.stop()
    await cell.start()
    expect((await client.copy(cell.client().address).get('/api/me')).status, 'after a restart').to.equal(200)
    expect((await cell.client().post('/api/login', another)).status, 'after a restart').to.equal(200)
  })

  it('and replaced while its former log is still there is an error until that is removed, and spoils nothing', async () => {
    const { client, credentials } = await cell.owner()
    const backup = await backUp()
    copyFileSync(backup, `${backup}.2`)
    await cell.owner()
    renameSync(`${backup}.2`, cell.file)
    await expectUnavailable(client, credentials)
    expect(cell.stderr).to.include(`${cell.file}-wal is the former database's: remove it`)
    for (const suffix of ['-wal', '-shm']) rmSync(`${cell.file}${suffix}`)
    await notices(client, 200)
    expect((await cell.client().post('/api/login', credentials)).status).to.equal(200)
    expect(readFileSync(backup).subarray(0, 15).toString()).to.equal('SQLite format 3')
  })

  for (const [what, put] of [
    ['an empty file', () => writeFileSync(cell.file, '')],
    ['a text', () => writeFileSync(cell.file, 'no database\n'.repeat(1000))],
    ['a piece of itself', (whole: Buffer) => writeFileSync(cell.file, whole.subarray(0, 8192))],
  ] as const) {
    it(`and replaced by ${what} is an error until it is back`, async () => {
      const { client, credentials } = await cell.owner()
      const backup = await backUp()
      remove()
      put(readFileSync(backup))
      await expectUnavailable(client, credentials)
      remove()
      copyFileSync(backup, `${backup}.2`)
      renameSync(`${backup}.2`, cell.file)
      await notices(client, 200)
      expect((await cell.client().post('/api/login', credentials)).status).to.equal(200)
    })
  }
})
