import type { stores } from '../../../../plasma/express-sessions/stores'
import { describeLifetimes } from './lifetime.contract'
import { TestedStore, type OpenStore } from './open-store'
import { describeOwnersOfSessions } from './owners.contract'
import { describeEnds } from './ending.contract'
import { describeSavedSessions } from './saving.contract'
import { openSqlStore } from './sql'

/** How to open each store that DNA can name. A new store needs a line here. */
const STORES: Record<keyof typeof stores, () => Promise<OpenStore>> = { sql: openSqlStore }

for (const [name, open] of Object.entries(STORES)) {
  describe(`the session store "${name}"`, () => {
    const tested = new TestedStore(open)
    describeSavedSessions(tested)
    describeLifetimes(tested)
    describeOwnersOfSessions(tested)
    describeEnds(tested)
  })
}
