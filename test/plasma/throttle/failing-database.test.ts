import { expect } from 'chai'
import { sql } from 'kysely'
import { database } from '../../../context/database'
import { keepErrorLog } from '../../support/error-log'
import { FREE, startThrottledCell, type ClientAt, type ThrottledCell } from '../../support/throttled-cell'
import { keepWarnings } from '../../support/warnings'

describe('a throttle whose database fails', () => {
  const log = keepErrorLog()
  const warnings = keepWarnings()
  let cell: ThrottledCell
  let home: ClientAt
  let owner: { username: string; password: string }

  before(async () => {
    cell = await startThrottledCell()
  })
  beforeEach(async () => {
    home = cell.stranger()
    owner = await home.register()
  })
  after(() => cell.stop())

  const run = (statement: string): Promise<unknown> => sql.raw(statement).execute(database())

  /** While nobody can read what was counted. */
  async function unreadable(work: () => Promise<void>): Promise<void> {
    await run('alter table throttles rename to elsewhere')
    await work().finally(() => run('alter table elsewhere rename to throttles'))
  }

  /** While nothing can be counted: as on a disk that is full. */
  async function unwritable(work: () => Promise<void>): Promise<void> {
    const full = "begin select raise(fail, 'database or disk is full'); end"
    await run(`create trigger full_insert before insert on throttles ${full}`)
    await run(`create trigger full_update before update on throttles ${full}`)
    try {
      await work()
    } finally {
      await run('drop trigger full_insert')
      await run('drop trigger full_update')
    }
  }

  it('lets nobody in that it cannot judge, not even where he is known (OWASP ASVS 16.5.3)', async () => {
    await unreadable(async () => {
      for (const from of [home, cell.stranger()]) {
        const { status, headers, body } = await from.post('/api/login', owner)
        expect(status).to.equal(503)
        expect(body).to.include({ code: 'STORE_UNAVAILABLE' })
        expect(Number(headers.get('retry-after'))).to.be.at.least(1)
        expect(headers.getSetCookie()).to.deep.equal([])
        expect((await from.get('/api/me')).status).to.equal(401)
      }
    })
    expect(log.join()).to.contain('no such table').and.not.to.contain(owner.username)
    expect(await home.logIn(owner)).to.equal(200)
  })

  it('judges no more of many guesses that come at once than are free, when they cannot be counted (OWASP ASVS 6.3.1, 16.5.3)', async () => {
    await unwritable(async () => {
      const guesses = Array.from({ length: 60 }, () => cell.stranger().guess(owner.username, 1))
      const statuses = (await Promise.all(guesses)).flat()
      expect(statuses.filter((status) => status === 401), statuses.join()).to.have.length.at.most(FREE.account)
      expect(new Set(statuses)).to.deep.equal(new Set([401, 503]))
    })
    expect(await home.logIn(owner)).to.equal(200)
  })

  it('judges no password meanwhile: neither a wrong nor a right one, by any route (OWASP ASVS 16.5.3)', async () => {
    await home.logIn(owner)
    await unreadable(async () => {
      expect(await cell.stranger().guess(owner.username, FREE.account + 1)).to.deep.equal([503, 503, 503, 503])
      const change = { currentPassword: owner.password, newPassword: 'staple horse battery' }
      expect((await home.post('/api/password', change)).status).to.equal(503)
      expect((await cell.stranger().post('/api/register', { ...owner, username: 'somebody' })).status).to.equal(503)
    })
    expect(await home.logIn(owner)).to.equal(200)
    expect(await cell.stranger().guess(owner.username, FREE.account + 1)).to.deep.equal([401, 401, 401, 429])
  })

  it('logs nobody out', async () => {
    await home.logIn(owner)
    await unreadable(async () => {
      expect((await home.get('/api/me')).status).to.equal(200)
    })
    expect((await home.get('/api/me')).status).to.equal(200)
  })

  it('lets an owner in where he is known, while nothing can be counted: there is nothing to count', async () => {
    expect(await home.logIn(owner)).to.equal(200)
    await unwritable(async () => {
      expect(await home.logIn(owner)).to.equal(200)
      expect((await home.get('/api/me')).status).to.equal(200)
    })
    expect(warnings).to.deep.equal([])
  })

  it('lets nobody guess on who cannot be counted (OWASP ASVS 16.5.3)', async () => {
    const guesser = cell.stranger()
    let statuses: number[] = []
    await unwritable(async () => {
      statuses = await guesser.guess(owner.username, FREE.account * 2)
      // With the password, found by then.
      statuses.push(await guesser.logIn(owner))
    })
    for (const status of statuses.slice(FREE.account + 1)) expect(status, statuses.join()).to.be.oneOf([429, 503])
    expect([...warnings, ...log].join()).to.match(/database/).and.not.to.contain(owner.username)
  })

  it('counts again when it is back, and keeps nobody waiting for what it has missed', async () => {
    await unwritable(async () => {
      await Promise.all(Array.from({ length: FREE.account }, () => cell.stranger().guess(owner.username, 1)))
    })
    const other = await cell.stranger().register()
    expect(await cell.stranger().guess(other.username, FREE.account + 1)).to.deep.equal([401, 401, 401, 429])
    expect(await home.logIn(owner)).to.equal(200)
  })
})
