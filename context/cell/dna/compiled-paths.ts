import { existsSync } from 'node:fs'
import { isAbsolute, join, relative } from 'node:path'
import type { CellDna } from './index'

/** The keys of an organelle's DNA that name code. */
const CODE_KEYS = ['source', 'ownerModelPath', 'initScript', 'path', 'helpers']

/**
 * Lets DNA that names TypeScript sources serve a compiled build: a path that the build has too leads into the build.
 * Everything else, packages and files added beside the build, stays what it is.
 *
 * @param codeRoot absolute path of the folder that holds the running code: the working directory, or its `dist`
 */
export function useCompiledPaths({ plasma }: CellDna, codeRoot: string): void {
  const build = relative(process.cwd(), codeRoot)
  if (build === '') return
  for (const [name, dna] of Object.entries(plasma) as [string, unknown][]) {
    if (typeof dna === 'string') plasma[name] = compiled(dna)
    if (typeof dna !== 'object' || dna === null) continue
    for (const [key, value] of Object.entries(dna) as [string, unknown][]) {
      if (CODE_KEYS.includes(key) && typeof value === 'string') Object.assign(dna, { [key]: compiled(value) })
    }
  }

  function compiled(path: string): string {
    const inBuild = join(build, path.replace(/\.ts$/, ''))
    return !isAbsolute(path) && (existsSync(`${inBuild}.js`) || existsSync(inBuild)) ? inBuild : path
  }
}
