import { createHash } from 'node:crypto'
import type { Limits } from './dna'

/** What a count is of. `pair`: one account, from an address that has logged in to it before. */
export type Scope = 'account' | 'pair' | 'address' | 'registration'

/** One of the counts that an attempt adds to. */
export interface Count {
  scope: Scope
  /** As {@link keyOf} makes it. */
  key: string
  limits: Limits
}

/** A point that an attempt has taken. */
export interface Point extends Count {
  /** Until when it blocks other attempts, in milliseconds since 1970. 0 if it blocks none. */
  blocksUntil: number
}

/** Where attempts are counted, for all processes of a cell. Counts expire as their limits say. */
export interface Counts {
  /**
   * Takes a point from every count, or from none if one of them is blocked. Atomic across processes. From the
   * `failures`-th point on, each point blocks other attempts until its wait ends or it is given back.
   *
   * @throws {Problem} 429, with the seconds to wait
   */
  take(counts: Count[]): Promise<Point[]>
  /** Gives points back, and lifts the waits that they caused. */
  giveBack(points: Point[]): Promise<void>
  /** Resets counts to zero. */
  reset(keys: string[]): Promise<void>
  /** Makes keys known for a time. */
  markKnown(keys: string[], seconds: number): Promise<void>
  /** Whether a key is known now. */
  isKnown(key: string): Promise<boolean>
}

/** The key of a count: a hash, so that a store names nobody. */
export function keyOf(...parts: string[]): string {
  return createHash('sha256').update(parts.join(' ')).digest('base64url')
}
