import type { SessionStore } from '../../../context/cell'
import type { Lifetimes } from '../lifetime'
import { SqlStore } from './sql'

/** Creates a store, and calls back with it, as soon as the plasma has what it keeps sessions in. */
export type CreateStore = (
  plasma: Organic.Plasma,
  lifetimes: Lifetimes,
  callback: (store: SessionStore) => unknown,
) => void

/** The session stores, under the names that DNA has for them. A new store needs a line here and a file of its own. */
export const stores = {
  sql: (plasma, lifetimes, callback) => plasma.once('Database', ({ data }) => callback(new SqlStore(data, lifetimes))),
  redis: (plasma, lifetimes, callback) =>
    plasma.once('Redis', ({ data }) => {
      // Most cells have no Redis.
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- only if DNA asks for it
      const { RedisStore } = require('./redis') as typeof import('./redis')
      return callback(new RedisStore(data, lifetimes))
    }),
} satisfies Record<string, CreateStore>
