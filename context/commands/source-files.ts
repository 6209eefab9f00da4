import { readFileSync, readdirSync, watch, type FSWatcher } from 'node:fs'
import { extname, join } from 'node:path'

/** Folders in the cell's root that no running cell reads code or DNA from. */
const OTHER_FOLDER = /^\.|^(node_modules|dist|data|coverage|reports|docs|schemas|test|bench|deploy|examples)$/
const SOURCE = /\.([cm]?[jt]s|json|ya?ml)$/
/** Files of editors, of npm and of git, in whatever folder. */
const OTHER_FILE = /^[.#]|~$|^package-lock\.json$/
/** How long to wait for further changes: editors save several files, and one in several steps. In ms. */
const SETTLED = 150

/** The code and DNA of a cell: contents by paths in its root. */
export type SourceFiles = ReadonlyMap<string, string>

/** Reads the code and DNA of a cell. */
export function readSourceFiles(root: string): SourceFiles {
  const files = new Map<string, string>()
  walkFolders(root, (folder, names) => {
    for (const name of names) if (SOURCE.test(name) && !OTHER_FILE.test(name)) read(folder ? `${folder}/${name}` : name)
  })
  return files

  function read(name: string): void {
    try {
      files.set(name, readFileSync(join(root, name), 'utf8'))
    } catch {
      // Deleted meanwhile, or a link that leads nowhere.
    }
  }
}

/** Watches the code and DNA of a cell. Reports that something may have changed, once for changes that come together. */
export class SourceWatch {
  readonly #root: string
  readonly #report: () => void
  readonly #watchers = new Map<string, FSWatcher>()
  #settling: NodeJS.Timeout | undefined

  constructor(root: string, report: () => void) {
    this.#root = root
    this.#report = report
    this.#watchFolders()
  }

  close(): void {
    clearTimeout(this.#settling)
    for (const watcher of this.#watchers.values()) watcher.close()
  }

  /** Each folder by itself: what watches recursively misses new folders on Linux. */
  #watchFolders(): void {
    const found = new Set<string>()
    walkFolders(this.#root, (folder) => {
      found.add(folder)
      if (!this.#watchers.has(folder)) this.#watchFolder(folder)
    })
    for (const [folder, watcher] of this.#watchers) {
      if (found.has(folder)) continue
      watcher.close()
      this.#watchers.delete(folder)
    }
  }

  #watchFolder(folder: string): void {
    try {
      const watcher = watch(join(this.#root, folder), (_event, name) => this.#see(name))
      // The folder was deleted: the one above reports it.
      watcher.on('error', () => watcher.close())
      this.#watchers.set(folder, watcher)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }

  #see(name: string | null): void {
    // A database in a watched folder changes all the time. A name without an extension may be a folder's.
    if (name !== null && extname(name) !== '' && !SOURCE.test(name)) return
    clearTimeout(this.#settling)
    this.#settling = setTimeout(() => {
      this.#watchFolders()
      this.#report()
    }, SETTLED)
  }
}

function walkFolders(root: string, visit: (folder: string, names: string[]) => void): void {
  walk('')

  function walk(folder: string): void {
    let entries
    try {
      entries = readdirSync(join(root, folder), { withFileTypes: true })
    } catch {
      // Deleted meanwhile.
      return
    }
    visit(
      folder,
      entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name),
    )
    for (const entry of entries) {
      const isOther = folder === '' ? OTHER_FOLDER.test(entry.name) : /^(\.|node_modules$)/.test(entry.name)
      if (entry.isDirectory() && !isOther) walk(folder ? `${folder}/${entry.name}` : entry.name)
    }
  }
}
