import { expect } from 'chai'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { startTestCell, type TestCell } from '../../support/cell'
import { Client, newCredentials } from '../../support/client'
import { keepErrorLog } from '../../support/error-log'
import { rejectionOf } from '../../support/rejection'
import { SmallDisk } from '../../support/small-disk'
import { temporaryFolder } from '../../support/temporary-folder'
import { keepWarnings } from '../../support/warnings'

describe('a disk (needs root, to mount one)', () => {
  keepErrorLog()
  keepWarnings()
  let disk: SmallDisk
  let cell: TestCell | undefined

  beforeEach(function () {
    const mounted = SmallDisk.mount('4m')
    if (!mounted) this.skip()
    disk = mounted
  })
  afterEach(async () => {
    await cell?.stop()
    cell = undefined
    disk.unmount()
  })

  async function start(folder = join(disk.folder, 'data')): Promise<Client> {
    cell = await startTestCell({ data: { folder } })
    return cell.client()
  }

  it('that is full lets nobody in and logs nobody out, and the cell recovers when there is room (OWASP ASVS 16.5.3)', async () => {
    const client = await start()
    const stranger = new Client(client.address)
    const owners = [await client.registerAndLogIn()]
    disk.fill()
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

    disk.empty()
    expect((await client.get('/api/me')).status).to.equal(200)
    expect((await client.post('/api/logout')).status).to.equal(204)
    await cell?.stop()
    const restarted = await start()
    for (const owner of owners) expect((await restarted.post('/api/login', owner)).status).to.equal(200)
  })

  it('that is full before the first run stops the boot', async () => {
    disk.fill()
    expect((await rejectionOf(() => start())).message).to.match(/^dna\/\S+\.json.*(full|ENOSPC|space).*$/)
  })

  it('that is read-only stops the boot', async () => {
    const folder = temporaryFolder()
    await start(folder)
    await cell?.stop()
    cell = undefined
    cpSync(folder, join(disk.folder, 'data'), { recursive: true })
    disk.makeReadOnly()
    expect((await rejectionOf(() => start())).message).to.match(/^dna\/\S+\.json.*(read-?only|EROFS).*$/i)
  })
})
