import { closeSync, fdatasync, openSync } from 'node:fs'
import { promisify } from 'node:util'

/** Syncs a write-ahead log to the disk, off the event loop. All who ask while one sync is under way share the next. */
export class LogSync {
  readonly #descriptor: number
  readonly #sync: (descriptor: number) => Promise<void>
  /** The sync that has begun last. */
  #last = Promise.resolve()
  #next: Promise<void> | undefined

  /**
   * @param log the file, which exists
   * @param sync how the open file is synced
   * @throws {Error} if it cannot be opened
   */
  constructor(log: string, sync: (descriptor: number) => Promise<void> = promisify(fdatasync)) {
    this.#descriptor = openSync(log, 'r+')
    this.#sync = sync
  }

  /**
   * Resolves after a sync that has begun after this call: one under way may miss what was written since it began.
   *
   * @throws {Error} if it fails, or if one before it has: the system may have dropped what it could not write, and a second
   *   sync would not say so
   */
  next(): Promise<void> {
    this.#next ??= this.#last.then(() => {
      this.#next = undefined
      this.#last = this.#sync(this.#descriptor)
      return this.#last
    })
    return this.#next
  }

  /** Closes the file. No sync may be under way. */
  close(): void {
    closeSync(this.#descriptor)
  }
}
