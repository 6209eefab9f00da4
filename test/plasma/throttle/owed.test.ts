import { expect } from 'chai'
import { sql } from 'kysely'
import { closeDatabase, database } from '../../../context/database'
import { rejectionOf } from '../../support/rejection'
import { openTestDatabase } from '../../support/test-database'
import { TestAttempts } from '../../support/throttle-attempts'
import { LIMITS } from '../../support/throttled-cell'

/** Turns of the event loop's own queue, one after the other: more than it takes to look, and to fail to write. */
const TURNS = 60

describe('a failure that the database does not take', () => {
  before(openTestDatabase)
  after(closeDatabase)

  it('lets in nobody who comes while it is found out, whenever that is (OWASP ASVS 6.3.1, 16.5.3)', async () => {
    await sql.raw("create trigger full before insert on throttles begin select raise(fail, 'full'); end").execute(database())
    for (let turns = 0; turns < TURNS; turns += 1) {
      const { attempts } = new TestAttempts({ account: { ...LIMITS.account, failures: 1 } })
      const claimant = { accounts: ['ada'], network: `192.0.2.${turns}` }
      const first = await attempts.admit(claimant)
      const settling = rejectionOf(() => first.settle('refused'))
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve()
      expect(await rejectionOf(() => attempts.admit(claimant)), `after ${turns} turns`).to.include({ status: 503 })
      await settling
    }
  })
})
