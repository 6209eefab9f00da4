import { execFileSync } from 'node:child_process'
import { rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from './temporary-folder'

/** A file system of its own in memory, so small that it can be filled. */
export class SmallDisk {
  readonly folder = temporaryFolder()
  readonly #filling = join(this.folder, 'filling')

  /**
   * @param size as in `2m`
   * @returns nothing where this process may not mount one: that takes root
   */
  static mount(size: string): SmallDisk | undefined {
    const disk = new SmallDisk()
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', disk.folder], { stdio: 'ignore' })
      return disk
    } catch {
      return undefined
    }
  }

  /** Leaves no room. */
  fill(): void {
    const { bavail, bsize } = statfsSync(this.folder)
    try {
      writeFileSync(this.#filling, Buffer.alloc(bavail * bsize))
    } catch (error) {
      // Somebody else has taken a little of it meanwhile.
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    }
  }

  empty(): void {
    rmSync(this.#filling, { force: true })
  }

  makeReadOnly(): void {
    execFileSync('mount', ['-o', 'remount,ro', this.folder])
  }

  unmount(): void {
    // Lazily: SQLite on Node 20 keeps files open until its statements are collected.
    execFileSync('umount', ['-l', this.folder])
  }
}
