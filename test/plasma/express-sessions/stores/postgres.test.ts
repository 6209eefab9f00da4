import { hasPostgres } from '../../../support/postgres'
import { describeEnds } from './ending.contract'
import { describeLifetimes } from './lifetime.contract'
import { TestedStore } from './open-store'
import { describeOwnersOfSessions } from './owners.contract'
import { openPostgresStore } from './postgres'
import { describeSavedSessions } from './saving.contract'

describe('the session store "sql" on PostgreSQL (pending without it)', () => {
  before(function () {
    if (!hasPostgres()) this.skip()
  })
  const tested = new TestedStore(openPostgresStore)
  describeSavedSessions(tested)
  describeLifetimes(tested)
  describeOwnersOfSessions(tested)
  describeEnds(tested)
})
