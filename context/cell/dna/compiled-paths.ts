import { existsSync } from 'node:fs'
import { isAbsolute, join, relative } from 'node:path'
import type { CellDna } from './index'

/** The keys of an organelle's DNA that name code. */
const CODE_KEYS = ['source', 'ownerModelPath', 'initScript', 'path', 'helpers']
/** The key that names several folders of code, each by a name. */
const FOLDERS_KEY = 'migrations'

/**
 * Lets DNA name code by its path in the sources, wherever the running code is. In a compiled build (`dist/` in the root), a
 * path that also exists in the build is changed to lead there. If the running code is outside the root, a path that the root
 * lacks is changed to lead to that code. Everything else stays unchanged.
 *
 * @param root absolute path of the folder that paths in DNA are relative to
 * @param codeRoot absolute path of the folder that holds the running code
 */
export function useCompiledPaths({ plasma }: CellDna, root: string, codeRoot: string): void {
  const build = relative(root, codeRoot)
  if (build === '') return
  const isOutside = build.startsWith('..') || isAbsolute(build)
  for (const [name, dna] of Object.entries(plasma) as [string, unknown][]) {
    if (typeof dna === 'string') plasma[name] = resolveCompiledPath(dna)
    if (typeof dna !== 'object' || dna === null) continue
    for (const [key, value] of Object.entries(dna) as [string, unknown][]) {
      if (CODE_KEYS.includes(key) && typeof value === 'string')
        Object.assign(dna, { [key]: resolveCompiledPath(value) })
      if (key === FOLDERS_KEY && typeof value === 'object' && value !== null)
        for (const [folder, path] of Object.entries(value) as [string, unknown][])
          if (typeof path === 'string') Object.assign(value, { [folder]: resolveCompiledPath(path) })
    }
  }

  function resolveCompiledPath(path: string): string {
    if (isAbsolute(path) || (isOutside && exists(join(root, path)))) return path
    const inCode = join(build, path)
    if (isOutside) return exists(join(root, inCode)) ? inCode : path
    const inBuild = inCode.replace(/\.ts$/, '')
    return exists(join(root, inBuild)) ? inBuild : path
  }
}

/** Whether there is such a folder or module, written with or without its extension. */
function exists(path: string): boolean {
  return ['', '.js', '.ts'].some((extension) => existsSync(path + extension))
}
