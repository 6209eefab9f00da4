import { expect } from 'chai'
import { onEachDatabase } from '../../support/database-places'
import { needRedis, NO_REDIS } from '../../support/redis-server'
import { openRedisCounts } from '../../support/redis-counts'
import { openSqlCounts } from '../../support/sql-counts'
import { temporaryFolder } from '../../support/temporary-folder'
import { TestAttempts } from '../../support/throttle-attempts'
import { FREE } from '../../support/throttled-cell'
import { describeAttempts } from './attempts.contract'

onEachDatabase('attempts to log in', (newPlace) => {
  describeAttempts(newPlace, openSqlCounts)

  it('are refused without waiting for whoever writes to the database', async () => {
    const place = await newPlace()
    const attempts = await TestAttempts.open(openSqlCounts, place)
    const { database, close } = await openSqlCounts(place)
    await attempts.repeat(FREE.account, 'refused', 'username ada')
    await database.query.transaction().execute(async (db) => {
      await db.deleteFrom('throttles').where('key', '=', 'nothing').execute()
      expect(await attempts.look('username ada')).to.be.within(1, 60)
    })
    await Promise.all([attempts.close(), close()])
  })
})

describe(`in Redis (${NO_REDIS})`, () => {
  needRedis()
  // Nested, so that the hooks of pending tests do not run.
  describe('attempts to log in', () => describeAttempts(temporaryFolder, openRedisCounts))
})
