import type { SessionStore } from '../../../context/cell'
import type { Lifetimes } from '../lifetime'
import { SqlStore } from './sql'

/** A session store that DNA can name. */
interface StoreKind {
  /** The chemical that it waits for. The organelle that stores it is named like the store; for `sql`, it is `database`. */
  waitsFor: keyof Organic.Chemicals
  /** Creates a store, and calls back with it, as soon as the plasma has what it keeps sessions in. */
  create(plasma: Organic.Plasma, lifetimes: Lifetimes, callback: (store: SessionStore) => unknown): void
}

/** The session stores, under the names that DNA has for them. A new store needs a line here and a file of its own. */
export const stores = {
  sql: defineStore('Database', ({ data }, lifetimes) => new SqlStore(data, lifetimes)),
  redis: defineStore('Redis', ({ data }, lifetimes) => {
    // Most cells have no Redis.
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- only if DNA asks for it
    const { RedisStore } = require('./redis') as typeof import('./redis')
    return new RedisStore(data, lifetimes)
  }),
} satisfies Record<string, StoreKind>

function defineStore<Type extends keyof Organic.Chemicals>(
  waitsFor: Type,
  build: (chemical: Organic.Chemical<Type>, lifetimes: Lifetimes) => SessionStore,
): StoreKind {
  return {
    waitsFor,
    create: (plasma, lifetimes, callback) => plasma.once(waitsFor, (chemical) => callback(build(chemical, lifetimes))),
  }
}
