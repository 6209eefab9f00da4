import { expect } from 'chai'
import { sql } from 'kysely'
import { database } from '../../../context/sql'
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

  it('judges none of many guesses that come at once, when they cannot be counted (OWASP ASVS 6.3.1, 16.5.3)', async () => {
    await unwritable(async () => {
      const guesses = Array.from({ length: 60 }, () => cell.stranger().guess(owner.username, 1))
      expect(new Set((await Promise.all(guesses)).flat())).to.deep.equal(new Set([503]))
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

  it('keeps a point that it cannot give back, and says so (OWASP ASVS 16.5.3)', async () => {
    const trigger = "before delete on throttles begin select raise(fail, 'database or disk is full'); end"
    const away = cell.stranger()
    await run(`create trigger full_delete ${trigger}`)
    try {
      expect(await away.logIn(owner)).to.equal(200)
    } finally {
      await run('drop trigger full_delete')
    }
    expect(warnings.join()).to.contain('stays counted as a wrong password').and.not.to.contain(owner.username)
    // Neither is the address known.
    expect(await away.guess(owner.username, FREE.account)).to.deep.equal([401, 401, 429])
    expect(await home.logIn(owner)).to.equal(200)
  })

  it('counts again when it is back, and keeps nobody waiting for what it has missed', async () => {
    await unwritable(async () => {
      expect(await cell.stranger().guess(owner.username, FREE.account)).to.deep.equal([503, 503, 503])
      expect(await home.logIn(owner)).to.equal(503)
    })
    expect(await cell.stranger().guess(owner.username, FREE.account + 1)).to.deep.equal([401, 401, 401, 429])
    expect(await home.logIn(owner)).to.equal(200)
  })
})
