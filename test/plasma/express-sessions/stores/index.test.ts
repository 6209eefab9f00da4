import type { stores } from '../../../../plasma/express-sessions/stores'
import { describeLifetimes } from './lifetime.contract'
import { expect } from 'chai'
import { LONG, TestedStore, type OpenStore } from './open-store'
import { describeOwnersOfSessions } from './owners.contract'
import { describeEnds } from './ending.contract'
import { describeSavedSessions } from './saving.contract'
import { needRedis, NO_REDIS } from '../../../support/redis-server'
import { openRedisStore } from './redis'
import { openSqlStore } from './sql'

/** How to open each store that DNA can name, and what it needs. A new store needs a line here. */
const STORES: Record<keyof typeof stores, [open: () => Promise<OpenStore>, needs?: string, need?: () => void]> = {
  sql: [openSqlStore],
  redis: [openRedisStore, ` (${NO_REDIS})`, needRedis],
}

describe('the session store "sql"', () => {
  const tested = new TestedStore(openSqlStore)

  it('ends sessions that a cell of an older version has stored, which have no family', async () => {
    const { database } = tested.opened as Awaited<ReturnType<typeof openSqlStore>>
    const row = { data: '{"cookie":{},"ownerId":"ada"}', owner_id: 'ada', address: null, agent: null }
    const times = { created_at: Date.now(), seen_at: Date.now(), expires_at: Date.now() + 60_000 }
    const rows = ['one', 'two', 'three'].map((id_hash) => ({ id_hash, family: null, ...row, ...times }))
    await database.query.insertInto('sessions').values(rows).execute()
    const store = tested.opened.create(LONG)
    const handles = async (): Promise<string[]> =>
      (await store.listOwnerSessions('ada')).map(({ handle }) => handle).sort()
    expect(await handles()).to.deep.equal(['one', 'three', 'two'])
    expect(await store.endOwnerSessions('ada', { only: 'one' })).to.deep.equal(['one'])
    expect(await store.endOwnerSessions('ada', { except: 'two' })).to.deep.equal(['three'])
    expect(await handles()).to.deep.equal(['two'])
  })
})

for (const [name, [open, needs = '', need]] of Object.entries(STORES)) {
  describe(`the session store "${name}"${needs}`, () => {
    need?.()
    const tested = new TestedStore(open)
    describeSavedSessions(tested)
    describeLifetimes(tested)
    describeOwnersOfSessions(tested)
    describeEnds(tested)
  })
}
