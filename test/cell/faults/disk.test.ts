import { expect } from 'chai'
import { execFileSync } from 'node:child_process'
import { rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startTestCell, type TestCell } from '../../support/cell'
import { Client, newCredentials } from '../../support/client'
import { keepErrorLog } from '../../support/error-log'
import { rejectionOf } from '../../support/rejection'
import { temporaryFolder } from '../../support/temporary-folder'
import { keepWarnings } from '../../support/warnings'

describe('a disk (needs root, to mount one)', () => {
  keepErrorLog()
  keepWarnings()
  let disk: string
  let cell: TestCell | undefined

  beforeEach(function () {
    disk = temporaryFolder()
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk], { stdio: 'ignore' })
    } catch {
      this.skip()
    }
  })
  afterEach(async () => {
    await cell?.stop()
    cell = undefined
    // Lazily: SQLite on Node 20 keeps files open until its statements are collected.
    execFileSync('umount', ['-l', disk])
  })

  async function start(): Promise<Client> {
    cell = await startTestCell({ data: { folder: join(disk, 'data') } })
    return cell.client()
  }

  /** Leaves no room. */
  function fill(): void {
    const { bavail, bsize } = statfsSync(disk)
    try {
      writeFileSync(join(disk, 'filling'), Buffer.alloc(bavail * bsize))
    } catch (error) {
      // Somebody else has taken a little of it meanwhile.
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    }
  }

  it('that is full lets nobody in and logs nobody out, and the cell recovers when there is room (OWASP ASVS 16.5.3)', async () => {
    const client = await start()
    const stranger = new Client(client.address)
    const owners = [await client.registerAndLogIn()]
    fill()
    const statuses = new Set<number>()
    // The write-ahead log still has room in pages that may be overwritten.
    for (let attempt = 0; attempt < 60 && !statuses.has(503); attempt += 1) {
      const late = newCredentials()
      const { status } = await stranger.post('/api/register', late)
      statuses.add(status)
      if (status === 201) owners.push(late)
    }
    expect([...statuses]).to.include(503)
    expect([...statuses].filter((status) => status !== 201 && status !== 503)).to.deep.equal([])
    const login = await stranger.post('/api/login', owners[0])
    expect([login.status, login.headers.getSetCookie()]).to.deep.equal([503, []])
    expect((await client.copy().post('/api/logout')).status).to.equal(503)
    expect((await client.get('/api/me')).status).to.equal(200)

    rmSync(join(disk, 'filling'))
    expect((await client.get('/api/me')).status).to.equal(200)
    expect((await client.post('/api/logout')).status).to.equal(204)
    await cell?.stop()
    const restarted = await start()
    for (const owner of owners) expect((await restarted.post('/api/login', owner)).status).to.equal(200)
  })

  it('that is full before the first run stops the boot', async () => {
    fill()
    expect((await rejectionOf(() => start())).message).to.match(/^dna\/\S+\.json.*(full|ENOSPC|space).*$/)
  })
})
