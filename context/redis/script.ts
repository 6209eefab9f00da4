import { createHash } from 'node:crypto'

/**
 * A Lua script that Redis runs as one step. It touches only `KEYS[1]`, because a Redis Cluster keeps other keys on other
 * machines.
 */
export class Script {
  /** The name by which Redis knows a script that it has run before. */
  readonly sha1: string

  constructor(readonly text: string) {
    this.sha1 = createHash('sha1').update(text).digest('hex')
  }
}
