import { expect } from 'chai'
import type { SessionStore } from '../../../context/cell/session-store'
import { StoreCalls } from './store-calls'

/** Milliseconds. */
export interface Lifetimes {
  idle: number
  absolute: number
  touch: number
  /** Of sessions whose owners asked to be remembered. */
  remember?: { idle: number; absolute: number }
}

/** What is tested: a session store that knows owners, and that can be told to clean up. */
export type MadeStore = SessionStore

/** A session as a store has kept it. Times are milliseconds since 1970. */
export interface KeptSession {
  owner_id: string | null
  created_at: number
  seen_at: number
  expires_at: number
}

/** A session store that is ready to be used, and ways to see what it has kept. */
export interface OpenSessionStore {
  make(lifetimes: Lifetimes): MadeStore
  /** What is kept of the session, whether it is over or not. */
  kept(id: string): Promise<KeptSession | undefined>
  /** All that the store has written, as it lies there. */
  bytes(): Buffer | Promise<Buffer>
  /** Makes what is kept of the session unreadable. */
  corrupt(id: string): Promise<void>
  /** Takes away what the store stands on. */
  fail(): Promise<void>
  /** Gives back what {@link fail} took. */
  recover(): Promise<void>
  close(): Promise<void>
}

/** Lifetimes that no test outlasts. */
export const LONG: Lifetimes = { idle: 60_000, absolute: 600_000, touch: 10_000 }

/** Opens a store for the tests of this block. @returns what they ask of it; `calls` are those of a store on its own */
export function openedStore(open: () => Promise<OpenSessionStore>): {
  store: () => OpenSessionStore
  calls: (lifetimes?: Lifetimes) => StoreCalls
} {
  let opened: OpenSessionStore | undefined
  const store = (): OpenSessionStore => opened ?? expect.fail('the store is not open yet')
  before(async () => {
    opened = await open()
  })
  after(() => opened?.close())
  return { store, calls: (lifetimes = LONG) => new StoreCalls(store().make(lifetimes)) }
}
