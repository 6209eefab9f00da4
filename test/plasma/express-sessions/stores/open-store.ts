import { expect } from 'chai'
import type { SessionStore } from '../../../../context/cell/session-store'
import type { Lifetimes } from '../../../../plasma/express-sessions/lifetime'
import { StoreCalls } from '../store-calls'

/** A kind of store that is ready to be tested. */
export interface OpenStore {
  /** Creates a store. All of them have the same sessions. */
  create(lifetimes: Lifetimes): SessionStore
  /** Everything that was written, as it lies on the disk or in memory. */
  bytes(): Promise<Buffer>
  /** Makes a session that is stored unreadable. */
  corrupt(id: string): Promise<void>
  /** Closes the connection of all stores, until {@link reconnect}. */
  disconnect(): Promise<void>
  reconnect(): Promise<void>
  /** Whether the database deletes expired sessions by itself. */
  readonly deletesExpired?: boolean
}

/** Lifetimes that no test outlasts. Every touch writes. */
export const LONG: Lifetimes = { idle: 60_000, absolute: 600_000, touch: 0 }

/** A kind of store, opened once for all tests of its contract. */
export class TestedStore {
  #opened: OpenStore | undefined

  constructor(open: () => Promise<OpenStore>) {
    before(async () => {
      this.#opened = await open()
    })
    after(() => this.#opened?.disconnect())
  }

  get opened(): OpenStore {
    return this.#opened ?? expect.fail('the store is not open yet')
  }

  create(lifetimes: Partial<Lifetimes> = {}): StoreCalls {
    return new StoreCalls(this.opened.create({ ...LONG, ...lifetimes }))
  }
}
