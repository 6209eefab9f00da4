import type { Readable, Writable } from 'node:stream'

/** The streams that a command uses, as in {@link process}. */
export interface Terminal {
  stdin: Readable & { isTTY?: boolean }
  stdout: Writable
  stderr: Writable
}
