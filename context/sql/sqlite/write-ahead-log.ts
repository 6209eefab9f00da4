import { closeSync, fdatasync, openSync } from 'node:fs'
import { promisify } from 'node:util'

/** The write-ahead log of a SQLite file, which is synced to the disk off the event loop. */
export class WriteAheadLog {
  readonly #descriptor: number
  readonly #syncFile: (descriptor: number) => Promise<void>
  /** The last sync that has begun. */
  #last = Promise.resolve()
  /** The sync that begins when the last one has ended. */
  #next: Promise<void> | undefined

  /**
   * @param file its path; it must exist
   * @param syncFile syncs the open file
   * @throws {Error} if it cannot be opened
   */
  constructor(file: string, syncFile: (descriptor: number) => Promise<void> = promisify(fdatasync)) {
    this.#descriptor = openSync(file, 'r+')
    this.#syncFile = syncFile
  }

  /**
   * Resolves when everything written before this call is on the disk. Calls made while a sync is under way share the next
   * one: the one under way may miss what was written since it began.
   *
   * @throws {Error} if this sync or an earlier one fails: the system may have dropped what it could not write, and a second
   *   sync would not report that
   */
  sync(): Promise<void> {
    this.#next ??= this.#last.then(() => {
      this.#next = undefined
      this.#last = this.#syncFile(this.#descriptor)
      return this.#last
    })
    return this.#next
  }

  /**
   * Resolves when no sync is under way or due.
   *
   * @throws {Error} if one fails
   */
  async idle(): Promise<void> {
    let last: Promise<void> | undefined
    while (this.#next !== undefined || this.#last !== last) {
      last = this.#last
      await (this.#next ?? last)
    }
  }

  /** Closes the file. No sync may be under way. */
  close(): void {
    closeSync(this.#descriptor)
  }
}
