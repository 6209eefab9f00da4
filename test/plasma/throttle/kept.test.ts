import { expect } from 'chai'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { database } from '../../../context/sql'
import { pause } from '../../support/seeded-random'
import { temporaryFolder } from '../../support/temporary-folder'
import { FREE, startThrottledCell, type ThrottledCell } from '../../support/throttled-cell'

/** How many rows there are. */
async function count(): Promise<number> {
  return (await database().selectFrom('throttles').select('key').execute()).length
}

describe('what a throttle keeps', () => {
  let cell: ThrottledCell
  let file = ''

  before(async () => {
    file = join(temporaryFolder(), 'cell.db')
    cell = await startThrottledCell({}, { database: { file } })
  })
  after(() => cell.stop())

  const bytes = (): string =>
    [file, `${file}-wal`].map((part) => (existsSync(part) ? readFileSync(part, 'latin1') : '')).join()

  it('names no account and no address: neither is in the bytes of the database', async () => {
    const username = `nobody-${crypto.randomUUID()}`
    for (const address of ['203.0.113.77', '2001:db8:77:88::99']) await cell.at(address).guess(username, 2)
    expect(await count()).to.be.at.least(3)
    const kept = bytes()
    // It is what is looked into.
    expect(kept).to.contain('"throttles"')
    for (const secret of [username, '203.0.113.77', '2001:db8:77:88', '32.1.13.184.0.119.0.136', 'guess number'])
      expect(kept).not.to.contain(secret)
  })

  it('is a hash, a number and two times of each, also where an address is known, or a session is stolen', async () => {
    const home = cell.stranger()
    await home.registerAndLogIn()
    await home.post('/api/password', { currentPassword: 'a wrong guess', newPassword: 'staple horse battery' })
    const rows = await database().selectFrom('throttles').selectAll().execute()
    expect(rows).not.to.deep.equal([])
    for (const row of rows) {
      expect(Object.keys(row)).to.deep.equal(['key', 'points', 'expires_at', 'blocked_until'])
      expect(row.key).to.match(/^[\w-]{43}$/)
      expect(row.points).to.be.within(1, 10)
      expect(row.expires_at - Date.now()).to.be.within(0, 7_200_000)
    }
  })

  it('is nothing of what was not judged, nor of who is throttled', async () => {
    const { username } = await cell.stranger().register()
    await cell.stranger().guess(username, FREE.account)
    const before = await count()
    for (let index = 0; index < 20; index += 1) {
      await cell.stranger().guess(username, 1)
      await cell.stranger().post('/api/login', { username: `nobody-${index}` })
    }
    expect(await count()).to.equal(before)
  })

  it('is nothing new of who logs in again where he is known', async () => {
    const home = cell.stranger()
    const owner = await home.register()
    expect(await home.logIn(owner)).to.equal(200)
    const before = await count()
    for (let login = 0; login < 5; login += 1) expect(await home.logIn(owner)).to.equal(200)
    expect(await count()).to.equal(before)
  })
})

describe('what a throttle forgets', function () {
  this.timeout(90_000)
  let cell: ThrottledCell

  before(async () => {
    const soon = { failures: 1, firstWaitSeconds: 1, longestWaitSeconds: 1, forgetSeconds: 2 }
    cell = await startThrottledCell({
      account: soon,
      address: { ...soon, underWay: 20 },
      registration: soon,
      knownSeconds: 2,
      cleanupSeconds: 1,
    })
  })
  after(() => cell.stop())

  it('is deleted by itself: of accounts, of addresses, and of who is known where', async () => {
    const home = cell.stranger()
    const owner = await home.register()
    await cell.stranger().guess(owner.username, 1)
    await cell.stranger().guess('nobody', 1)
    expect(await count()).to.be.at.least(6)
    for (const deadline = Date.now() + 60_000; (await count()) > 0; await pause(100)) {
      if (Date.now() > deadline) expect.fail(`${await count()} rows are still there`)
    }
    expect(await cell.stranger().logIn(owner)).to.equal(200)
  })
})
