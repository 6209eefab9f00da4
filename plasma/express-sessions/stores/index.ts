import type { SessionStore } from '../../../context/cell'
import type { Lifetimes } from '../lifetime'
import { createSqlStore } from './sql'

/** Creates a store, and calls back with it, as soon as the plasma has the database that it keeps sessions in. */
export type CreateStore = (
  plasma: Organic.Plasma,
  lifetimes: Lifetimes,
  callback: (store: SessionStore) => unknown,
) => void

/** The session stores, under the names that DNA has for them. A new store needs a line here and a file of its own. */
export const stores = {
  sql: createSqlStore,
  redis: (...given) => {
    // Most cells have no Redis.
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- only if DNA asks for it
    const { createRedisStore } = require('./redis') as typeof import('./redis')
    createRedisStore(...given)
  },
} satisfies Record<string, CreateStore>
