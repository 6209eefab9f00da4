import { expect } from 'chai'
import { newCredentials } from '../../support/client'
import { RestartableCell } from '../../support/restartable-cell'
import { SmallDisk } from '../../support/small-disk'

describe('a disk (needs root, to mount one)', () => {
  let disk: SmallDisk | undefined
  let cell: RestartableCell
  let started: RestartableCell | undefined

  beforeEach(function () {
    disk = SmallDisk.mount('4m')
    if (!disk) this.skip()
    started = cell = new RestartableCell(disk.folder)
  })
  afterEach(async () => {
    await started?.stop()
    disk?.unmount()
  })

  it('that is full lets nobody in and logs nobody out, and the cell goes on when there is room (OWASP ASVS 16.5.3)', async () => {
    await cell.start()
    const { client, credentials } = await cell.owner()
    const owners = [credentials]
    disk?.fill()
    const statuses = new Set<number>()
    // What is in the write-ahead log already may still be overwritten.
    for (let attempt = 0; attempt < 60 && !statuses.has(503); attempt += 1) {
      const late = newCredentials()
      const { status } = await cell.client().post('/api/register', late)
      statuses.add(status)
      if (status === 201) owners.push(late)
    }
    expect([...statuses]).to.include(503)
    expect([...statuses].every((status) => status === 201 || status === 503)).to.equal(true)
    const login = await cell.client().post('/api/login', credentials)
    expect([login.status, login.headers.getSetCookie()]).to.deep.equal([503, []])
    expect((await client.copy().post('/api/logout')).status).to.equal(503)
    expect((await client.get('/api/me')).status).to.equal(200)

    disk?.empty()
    expect((await client.get('/api/me')).status).to.equal(200)
    for (const owner of owners) expect((await cell.client().post('/api/login', owner)).status).to.equal(200)
    expect((await client.post('/api/logout')).status).to.equal(204)
    expect((await cell.stop())?.code).to.equal(0)
    await cell.start()
    for (const owner of owners) expect((await cell.client().post('/api/login', owner)).status).to.equal(200)
  })

  it('that is full before the first run stops the boot with a line', async () => {
    disk?.fill()
    const { code, stderr } = await cell.refused()
    expect(code).to.equal(1)
    expect(stderr.trim().split('\n')).to.have.length(1)
    expect(stderr).to.match(/^cell: dna\/\S+\.json.*(full|ENOSPC|space)/)
  })

  it('that is read-only stops the boot with a line, and the cell starts when it is writable again', async () => {
    await cell.start()
    const { client, credentials } = await cell.owner()
    await cell.stop()
    disk?.makeReadOnly()
    const { code, stderr } = await cell.refused()
    disk?.makeWritable()
    expect(code).to.equal(1)
    expect(stderr.trim().split('\n')).to.have.length(1)
    expect(stderr).to.match(/^cell: dna\/\S+\.json.*(read-?only|EROFS)/i)
    await cell.start()
    expect((await client.copy(cell.client().address).get('/api/me')).status).to.equal(200)
    expect((await cell.client().post('/api/login', credentials)).status).to.equal(200)
  })
})
